import { describe, expect, it } from 'vitest';
import { type Column, Columns } from './columns';
import { type Frame, line } from './line';

// A pixel is a column, and a value is a pixel from the bottom.
const frame: Frame = {
  left: 0,
  top: 0,
  width: 10,
  height: 100,
  fromMs: 0,
  toMs: 10,
  least: 0,
  greatest: 100,
  columnMs: 1,
};

function drawn(list: Column[], over: Partial<Frame> = {}): string {
  const columns = new Columns();
  for (const column of list) columns.push(column);
  const said: string[] = [];
  line(
    columns,
    { ...frame, ...over },
    {
      moveTo: (x, y) => said.push(`M${x},${y}`),
      lineTo: (x, y) => said.push(`L${x},${y}`),
    },
  );
  return said.join(' ');
}

describe('a line', () => {
  it('goes through single samples at the middle of their columns', () => {
    expect(drawn([at(0, 10), at(1, 20), at(4, 30)])).toBe('M0.5,90 L1.5,80 L4.5,70');
  });

  it('shows first, least, greatest and last where a column has several', () => {
    expect(drawn([[2, 9, 40, 10, 60, 50, 0]])).toBe('M2.5,60 L2.5,90 L2.5,40 L2.5,50');
  });

  it('never crosses a gap', () => {
    expect(drawn([at(0, 10), at(1, 10), at(5, 10, 1), at(6, 10)])).toBe(
      'M0.5,90 L1.5,90 M5.5,90 L6.5,90',
    );
  });

  it('leaves ink for a sample between two gaps', () => {
    expect(drawn([at(0, 10), at(3, 10, 1), at(6, 10, 1)])).toBe(
      'M0.5,90 L1.5,90 M3.5,90 L4.5,90 M6.5,90 L7.5,90',
    );
  });

  it('comes in from one column before the view, leaves to one after, and goes no further', () => {
    const far = [-3, -2, -1, 5, 12, 13, 14].map((index) => at(index, 10));
    expect(drawn(far)).toBe('M-0.5,90 L5.5,90 L12.5,90');
  });

  it('costs as much for a million samples as for as many columns as they fill', () => {
    const full = Array.from({ length: 10 }, (_, n): Column => [n, 100_000, 1, 0, 2, 1, 0]);
    expect(drawn(full).split(' ')).toHaveLength(40);
  });
});

function at(index: number, y: number, gap = 0): Column {
  return [index, 1, y, y, y, y, gap];
}
