import { describe, expect, it } from 'vitest';
import type { Gap } from '../generated/Gap';
import { type Column, Columns } from '../live/columns';
import { course } from './course';

function columns(...list: [index: number, value: number, gap?: 1][]) {
  const made = new Columns();
  for (const [index, value, gap = 0] of list) {
    made.push([index, 1, value, value - 1, value + 1, value, gap] as Column);
  }
  return made;
}

const gap = (start_ms: number, end_ms: number | null, more: Partial<Gap> = {}): Gap => ({
  start_ms,
  end_ms,
  cause: 'outage',
  feed: 'f',
  channel: null,
  missing: null,
  story: '',
  said: [],
  ...more,
});

const of = { feed: 'f', channel: 'c' };
const time = { columnMs: 100, fromMs: 1000, toMs: 2000 };

describe('the course of a trace', () => {
  it('is joined, also where nothing came, but not across a gap', () => {
    const trace = columns([10, 1], [11, 2], [14, 3], [16, 4, 1], [17, 5]);
    const { runs } = course(trace, [], of, time, [0, 10], 100, 20);
    expect(runs.map((run) => run.map(({ x }) => x))).toEqual([
      [5, 15, 45],
      [65, 75],
    ]);
  });

  it('lies within its height, the greatest at the top', () => {
    const { runs } = course(columns([10, 1], [11, 9]), [], of, time, [0, 10], 100, 20);
    expect(runs[0]).toEqual([
      { x: 5, y: 18, top: 16, bottom: 20 },
      { x: 15, y: 2, top: 0, bottom: 4 },
    ]);
  });

  it('is in the middle while it is flat', () => {
    const { runs } = course(columns([10, 7]), [], of, time, [7, 7], 100, 20);
    expect(runs[0]?.[0]?.y).toBe(10);
  });

  it('is only of what is shown', () => {
    const trace = columns([9, 1], [10, 1], [19, 1], [20, 1]);
    const { runs } = course(trace, [], of, time, [0, 10], 100, 20);
    expect(runs.flat().map(({ x }) => x)).toEqual([5, 95]);
  });

  it('has the gaps of its feed and channel, up to now where they last', () => {
    const gaps = [
      gap(900, 1100),
      gap(1200, 1300, { feed: 'other' }),
      gap(1300, 1400, { channel: 'd', cause: 'missing' }),
      gap(1400, 1500, { channel: 'c', cause: 'missing' }),
      gap(1900, null),
      gap(2500, null),
    ];
    const { bands } = course(undefined, gaps, of, time, null, 100, 20);
    expect(bands.map(({ left, right, cause }) => [left, right, cause])).toEqual([
      [0, 10, 'outage'],
      [40, 50, 'missing'],
      [90, 100, 'outage'],
    ]);
  });
});
