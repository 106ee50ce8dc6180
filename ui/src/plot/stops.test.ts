import { describe, expect, it } from 'vitest';
import type { Gap } from '../generated/Gap';
import { Columns } from '../live/columns';
import { endStop, nextStop, type Stops } from './stops';

const COLUMN_MS = 100;

function stops(indices: readonly number[], gaps: [number, number | null][] = []): Stops {
  const columns = new Columns();
  for (const index of indices) columns.push([index, 1, 5, 5, 5, 5, 0]);
  return {
    fromMs: 1000,
    toMs: 3000,
    nowMs: 2900,
    columns,
    columnMs: COLUMN_MS,
    gaps: gaps.map(([start_ms, end_ms]) => ({ start_ms, end_ms }) as Gap),
  };
}

/** All stops from one edge to the other. */
function walk(along: Stops, direction: 1 | -1): number[] {
  const found: number[] = [];
  let at = endStop(along, direction === 1 ? -1 : 1);
  while (at !== null && found.length < 100) {
    found.push(at);
    at = nextStop(along, at, direction);
  }
  return found;
}

describe('a cursor that is moved by keys', () => {
  it('stops in the middle of each column in view, both ways', () => {
    const along = stops([5, 12, 13, 20, 40]);
    expect(walk(along, 1)).toEqual([1250, 1350, 2050]);
    expect(walk(along, -1)).toEqual([2050, 1350, 1250]);
  });

  it('stops once in each gap, however long', () => {
    const along = stops([12, 13, 20], [[1400, 1990]]);
    expect(walk(along, 1)).toEqual([1250, 1350, 1695, 2050]);
    expect(walk(along, -1)).toEqual([2050, 1695, 1350, 1250]);
  });

  it('stops in what is seen of a gap, and ends one that lasts now', () => {
    expect(walk(stops([20], [[200, 1400]]), 1)).toEqual([1200, 2050]);
    expect(walk(stops([20], [[2500, null]]), 1)).toEqual([2050, 2700]);
  });

  it('does not stop again in the gap that it is in, though its middle moves on', () => {
    const along = stops([20], [[200, 1400]]);
    expect(nextStop(along, 1150, 1)).toBe(2050);
  });

  it('stops at columns of which only a part is seen, and at nothing beyond', () => {
    const along = { ...stops([9, 10, 29, 30]), fromMs: 1040, toMs: 2930 };
    expect(walk(along, 1)).toEqual([1070, 2915]);
    expect(nextStop(along, 2915, 1)).toBeNull();
    expect(nextStop(along, 1070, -1)).toBeNull();
  });

  it('has nowhere to go where there is nothing', () => {
    expect(endStop(stops([]), 1)).toBeNull();
    expect(endStop({ ...stops([]), columns: undefined }, -1)).toBeNull();
  });
});
