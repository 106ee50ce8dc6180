import { describe, expect, it } from 'vitest';
import { newPanel } from '../board/kinds';
import type { Brought } from '../board/take';
import { aimAt, type Landing } from './field-drag.svelte';

const box = { left: 0, top: 0, width: 10, height: 10 };
const chart = { ...newPanel('time-series', 'Chart', 'none', []), id: 'chart' };
const notes = { ...newPanel('notes', 'Notes', 'none', []), id: 'notes' };
const landing: Landing = {
  at: (x, y) => {
    if (y > 0) return null;
    const zone = x % 2 === 0 ? 'middle' : 'left';
    return { panel: x < 10 ? 'chart' : x < 20 ? 'notes' : null, zone, box };
  },
  panel: (id) => [chart, notes].find((panel) => panel.id === id),
  add: () => {},
  make: () => {},
};
const fields: Brought[] = [{ feed: 'f', channel: 'c', path: 'p', unit: 'none', texts: false }];
const aim = (x: number, y = 0) => aimAt(landing, x, y, fields);

describe('where dragged fields would go', () => {
  it('is into a panel that takes them', () => {
    expect(aim(2)).toMatchObject({ into: chart, refused: null });
  });

  it('is nowhere in the middle of one that does not, and beside it all the same', () => {
    expect(aim(12)?.refused).toMatch(/no fields/);
    expect(aim(13)).toMatchObject({ into: null, refused: null, place: { zone: 'left' } });
  });

  it('is a new panel where there is none, and nothing outside of the board', () => {
    expect(aim(20)).toMatchObject({ into: null, refused: null });
    expect(aim(2, 1)).toBe(null);
  });
});
