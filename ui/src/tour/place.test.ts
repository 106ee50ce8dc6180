import { describe, expect, it } from 'vitest';
import { type Box, place } from './place';

const CARD = { width: 320, height: 180 };

function overlap(box: Box, at: { x: number; y: number }): boolean {
  return (
    at.x < box.x + box.width &&
    at.x + CARD.width > box.x &&
    at.y < box.y + box.height &&
    at.y + CARD.height > box.y
  );
}

const inside = (at: { x: number; y: number }, room: { width: number; height: number }) =>
  at.x >= 0 && at.y >= 0 && at.x + CARD.width <= room.width && at.y + CARD.height <= room.height;

describe('a card', () => {
  it('stands beside what it speaks of, and covers nothing of it', () => {
    for (const room of [
      { width: 800, height: 500 },
      { width: 1280, height: 800 },
      { width: 2400, height: 1000 },
    ]) {
      const list = { x: 0, y: 44, width: 264, height: room.height - 84 };
      const button = { x: room.width - 90, y: 8, width: 28, height: 28 };
      const strip = { x: room.width / 2, y: room.height - 36, width: 80, height: 28 };
      for (const box of [list, button, strip]) {
        const at = place(box, CARD, room);
        expect(inside(at, room), JSON.stringify({ room, box, at })).toBe(true);
        expect(overlap(box, at), JSON.stringify({ room, box, at })).toBe(false);
      }
    }
  });

  it('stands over what leaves no room, and in the middle without anything', () => {
    const room = { width: 800, height: 500 };
    const all = { x: 0, y: 0, width: 800, height: 500 };
    expect(inside(place(all, CARD, room), room)).toBe(true);
    expect(place(null, CARD, room)).toEqual({ x: 240, y: 160 });
  });

  it('keeps its first line in sight where the window is smaller than itself', () => {
    expect(place(null, CARD, { width: 200, height: 100 })).toEqual({ x: 12, y: 12 });
  });
});
