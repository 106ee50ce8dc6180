// Says when the first frame is drawn, in the way and at the moment that Feedscope's page does.
requestAnimationFrame(() => window.__TAURI_INTERNALS__.invoke('drawn'));
