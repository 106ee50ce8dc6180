import { describe, expect, it } from 'vitest';
import { gridOf, sizeFor } from './grid';

const grid = (count: number, width: number, height: number) => {
  const { columns, rows } = gridOf(count, width, height, 2, 110, 56);
  return `${columns}x${rows}`;
};

describe('several traces in a tile', () => {
  it('stand as the tile does', () => {
    expect(grid(1, 220, 112)).toBe('1x1');
    expect(grid(4, 1200, 150)).toBe('4x1');
    expect(grid(4, 260, 600)).toBe('1x4');
    expect(grid(4, 600, 300)).toBe('2x2');
    expect(grid(9, 1200, 600)).toBe('3x3');
  });

  it('scroll where they do not fit, and are never too narrow', () => {
    expect(grid(8, 220, 112)).toBe('2x4');
    expect(grid(8, 460, 112)).toBe('4x2');
  });

  it('leave no column empty', () => {
    for (let count = 1; count <= 40; count += 1) {
      for (const [width, height] of [
        [220, 112],
        [1900, 120],
        [300, 900],
        [1200, 700],
      ] as const) {
        const { columns, rows } = gridOf(count, width, height, 2, 110, 56);
        expect(columns * rows).toBeGreaterThanOrEqual(count);
        expect(columns * (rows - 1)).toBeLessThan(count);
      }
    }
  });
});

describe('the size of a number', () => {
  it('is the largest of a few at which it fits', () => {
    expect(sizeFor(4, 200, 60)).toBe(40);
    expect(sizeFor(4, 200, 30)).toBe(24);
    expect(sizeFor(4, 800, 300)).toBe(96);
    expect(sizeFor(12, 100, 100)).toBe(16);
  });
});
