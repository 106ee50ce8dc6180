import { describe, expect, it } from 'vitest';
import { Columns } from '../live/columns';
import { COLUMN_MS, extentOf, isSilent } from './minute';

function columns(...of: [index: number, count: number, min: number, max: number][]): Columns {
  const made = new Columns();
  for (const [index, count, min, max] of of) made.push([index, count, min, min, max, max, 0]);
  return made;
}

describe('the last minute of a field', () => {
  it('reaches from its least to its greatest value', () => {
    expect(extentOf(columns([1, 1, 5, 7], [2, 1, -3, 4]))).toEqual([-3, 7]);
    expect(extentOf(columns())).toBe(null);
    expect(extentOf(undefined)).toBe(null);
  });

  it('is silent where nothing came for long, as often as it comes', () => {
    const second = (n: number) => n * 1000;
    const often = columns([57, 100, 0, 1], [58, 100, 0, 1]);
    expect(isSilent(often, second(60), COLUMN_MS)).toBe(false);
    expect(isSilent(often, second(63), COLUMN_MS)).toBe(true);
    // Three in a minute: the next may take a while.
    expect(
      isSilent(columns([10, 1, 0, 1], [30, 1, 0, 1], [50, 1, 0, 1]), second(100), COLUMN_MS),
    ).toBe(false);
    expect(isSilent(columns(), second(60), COLUMN_MS)).toBe(true);
    // Nothing was asked for yet.
    expect(isSilent(undefined, second(60), COLUMN_MS)).toBe(false);
  });
});
