import { expect, it } from 'vitest';
import { windowTitle } from './title';

it('a window is called by its first panel, and says how many there are beside', () => {
  expect(windowTitle(['CPU by core'])).toBe('CPU by core — Feedscope');
  expect(windowTitle(['CPU by core', 'Memory', 'Load'])).toBe('CPU by core +2 — Feedscope');
  expect(windowTitle([])).toBe('');
});
