import { describe, expect, it } from 'vitest';
import { rowAt, rowNames, rowOf, rowsOf } from './rows';

const place = { top: 2, height: 100 };

describe('rows', () => {
  it('fill the plot without a seam, whatever their number', () => {
    for (const count of [1, 2, 3, 7, 30, 99]) {
      const rows = rowsOf(count, place);
      let end = place.top;
      for (let n = 0; n < count; n += 1) {
        const { top, height } = rowAt(rows, n);
        expect(top).toBe(end);
        end = top + height;
      }
      expect(end).toBe(102);
    }
  });

  it('are found where they are drawn, and beyond them the nearest', () => {
    const rows = rowsOf(4, place);
    expect([0, 2, 26, 28, 101, 500].map((y) => rowOf(rows, y))).toEqual([0, 0, 0, 1, 3, 3]);
  });

  it('have their names beside their middle', () => {
    expect(rowNames(rowsOf(2, place), ['a', 'b'], 1)).toEqual([
      { at: 27, text: 'a' },
      { at: 77, text: 'b' },
    ]);
  });

  it('that are too thin for a name leave it to every so many', () => {
    const names = Array.from({ length: 50 }, (_, n) => `${n}`);
    const shown = rowNames(rowsOf(50, place), names, 1);
    expect(shown.map(({ text }) => text)).toEqual(['0', '7', '14', '21', '28', '35', '42', '49']);
    // The same rows on a screen of twice as many pixels.
    expect(rowNames(rowsOf(50, { top: 4, height: 200 }), names, 2)).toHaveLength(8);
  });
});
