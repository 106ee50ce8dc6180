import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

export default defineConfig(({ mode }) => {
  // Outside the window there is nobody to answer: a pretended host does, in development and in
  // tests, and is never part of what is shipped.
  const pretend = mode !== 'production' && !process.env.TAURI_ENV_PLATFORM;
  const host = pretend ? './src/dev/fake.ts' : './src/host.ts';
  return {
    plugins: [svelte()],
    resolve: {
      alias: { $host: fileURLToPath(new URL(host, import.meta.url)) },
      // Svelte's server build is what Node would get, and it has no effects to test.
      conditions: mode === 'test' ? ['browser'] : undefined,
    },
    clearScreen: false,
    server: { port: 5173, strictPort: true },
    build: {
      // The webviews of the platforms that are supported: WebKitGTK 2.40, macOS 13, Edge.
      target: ['safari16.4', 'chrome115'],
      // Inlined files would be data: URLs, which the window's content security policy refuses.
      assetsInlineLimit: 0,
      // It is read from the disk, in one go.
      chunkSizeWarningLimit: 1500,
      modulePreload: { polyfill: false },
    },
    test: {
      include: ['src/**/*.test.ts'],
      environment: 'node',
      // Some read every component there is: long, on a busy machine.
      testTimeout: 60_000,
      // Style sheets are empty in tests, but for the one that a test reads.
      css: { include: [/tokens\.css/] },
    },
  };
});
