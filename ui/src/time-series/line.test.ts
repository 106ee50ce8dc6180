import { describe, expect, it } from 'vitest';
import { type Column, Columns } from '../live/columns';
import { line, type Style } from './line';

// A pixel is a column, and a value is a pixel from the bottom.
const frame = { base: 0, wide: 1, top: 0, height: 100 };

function drawn(list: Column[], dashed = false, style: Style = 'line'): string {
  const columns = new Columns();
  for (const column of list) columns.push(column);
  const said: string[] = [];
  line(
    columns,
    frame,
    { style, thick: 2, dashed, y: (value) => 100 - value },
    0,
    10,
    {
      moveTo: (x, y) => said.push(`M${x},${y}`),
      lineTo: (x, y) => said.push(`L${x},${y}`),
    },
    { rect: (x, y, width, height) => said.push(`R${x},${y},${width},${height}`) },
  );
  return said.join(' ');
}

describe('a line', () => {
  it('goes through single samples at the middle of their columns', () => {
    expect(drawn([at(0, 10), at(1, 20), at(4, 30)])).toBe('M0.5,90 L1.5,80 L4.5,70');
  });

  it('is a bar from least to greatest where a column has several samples', () => {
    // Half a line's thickness above and below.
    expect(drawn([[2, 9, 40, 10, 60, 50, 0]])).toBe('R2,39,1,52');
  });

  it('stays a line where samples of a column differ by less than it is thick', () => {
    expect(drawn([at(0, 10), [1, 2, 10, 10, 11, 11, 0], at(2, 12)])).toBe(
      'M0.5,90 L1.5,90 L1.5,89 L2.5,88',
    );
  });

  it('of bars is closed: each reaches to where the one before ended', () => {
    expect(
      drawn([
        [2, 9, 40, 10, 60, 50, 0],
        [3, 9, 80, 70, 90, 80, 0],
      ]),
    ).toBe('R2,39,1,52 R3,9,1,42');
  });

  it('leads from bar to sample and back', () => {
    expect(drawn([[0, 2, 10, 10, 20, 20, 0], at(1, 30), [5, 2, 40, 40, 50, 50, 0]])).toBe(
      'R0,79,1,12 M0.5,80 L1.5,70 L5.5,60 R5,49,1,12',
    );
  });

  it('never crosses a gap', () => {
    expect(drawn([at(0, 10), at(1, 10), at(5, 10, 1), at(6, 10)])).toBe(
      'M0.5,90 L1.5,90 M5.5,90 L6.5,90',
    );
    expect(
      drawn([
        [2, 9, 40, 40, 60, 60, 0],
        [3, 9, 80, 80, 90, 90, 1],
      ]),
    ).toBe('R2,39,1,22 R3,9,1,12');
  });

  it('in steps holds each value until the next', () => {
    expect(drawn([at(0, 10), at(2, 20), at(3, 20)], false, 'steps')).toBe(
      'M0.5,90 L2.5,90 L2.5,80 L3.5,80 L3.5,80',
    );
  });

  it('of points joins nothing, and each can be seen', () => {
    expect(drawn([at(0, 10), at(1, 20)], false, 'points')).toBe('R-1.5,88,4,4 R-0.5,78,4,4');
  });

  it('leaves ink for a sample between two gaps', () => {
    expect(drawn([at(0, 10), at(3, 10, 1), at(6, 10, 1)])).toBe(
      'R-0.5,89,2,2 R2.5,89,2,2 R5.5,89,2,2',
    );
  });

  it('comes in from one column before the view, leaves to one after, and goes no further', () => {
    const far = [-3, -2, -1, 5, 12, 13, 14].map((index) => at(index, 10));
    expect(drawn(far)).toBe('M-0.5,90 L5.5,90 L12.5,90');
  });

  it('of dashes begins them anew at fixed places, wherever it begins itself', () => {
    expect(drawn([at(-1, 10), at(1, 10), at(2, 10)], true)).toBe('M-0.5,90 L1.5,90 L2.5,90');
    expect(drawn([at(-70, 10), at(-64, 10), at(-1, 10), at(1, 10)], true)).toBe('M-0.5,90 L1.5,90');
  });

  it('costs as much for a million samples as for as many columns as they fill', () => {
    const full = Array.from({ length: 10 }, (_, n): Column => [n, 100_000, 5, 0, 9, 5, 0]);
    expect(drawn(full).split(' ')).toHaveLength(10);
  });
});

function at(index: number, y: number, gap = 0): Column {
  return [index, 1, y, y, y, y, gap];
}
