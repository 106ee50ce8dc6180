import { describe, expect, it } from 'vitest';
import { type Column, Columns } from '../live/columns';
import { eachCell, spacing } from './cells';

const at = (index: number, value: number, gap = 0): Column => [
  index,
  1,
  value,
  value,
  value,
  value,
  gap,
];

function made(list: Column[]): Columns {
  const columns = new Columns();
  for (const column of list) columns.push(column);
  return columns;
}

function cells(list: Column[], from = 0, to = 100, gaps: number[] = []): string {
  const found: string[] = [];
  const gapBetween = (after: number, until: number) =>
    gaps.find((gap) => gap >= after && gap < until) ?? null;
  eachCell(made(list), from, to, 3, gapBetween, (start, end, value) => {
    found.push(`${start}-${end}:${value}`);
  });
  return found.join(' ');
}

describe('the cells of a row', () => {
  it('reach to the next sample, and the last as far as samples are apart', () => {
    expect(cells([at(0, 1), at(3, 2), at(6, 3)])).toBe('0-3:1 3-6:2 6-9:3');
  });

  it('end where a gap begins', () => {
    expect(cells([at(0, 1), at(9, 2, 1)], 0, 100, [4])).toBe('0-4:1 9-12:2');
    expect(cells([at(0, 1), at(9, 2)], 0, 100, [10.5])).toBe('0-9:1 9-10.5:2');
  });

  it('are a column at least, and one where nobody knows when the gap began', () => {
    expect(cells([at(0, 1), at(9, 2, 1)], 0, 100, [0.2])).toBe('0-1:1 9-12:2');
    expect(cells([at(0, 1), at(9, 2, 1)])).toBe('0-1:1 9-12:2');
  });

  it('have the middle of what was in a column', () => {
    expect(cells([[4, 9, 1, 0, 10, 2, 0]])).toBe('4-7:5');
  });

  it('are those that have a part in what is asked for', () => {
    const list = [0, 3, 6, 9, 12].map((index) => at(index, index));
    expect(cells(list, 4, 8)).toBe('3-6:3 6-9:6');
    expect(cells(list, 6, 6)).toBe('6-9:6');
  });
});

describe('the distance of samples', () => {
  it('is the greatest of the last few, gaps apart', () => {
    expect(spacing(made([at(0, 1), at(2, 1), at(5, 1), at(7, 1)]))).toBe(3);
    expect(spacing(made([at(0, 1), at(2, 1), at(90, 1, 1), at(92, 1)]))).toBe(2);
    expect(spacing(made([at(0, 1)]))).toBe(1);
    expect(spacing(made([]))).toBe(1);
  });
});
