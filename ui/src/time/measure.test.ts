import { describe, expect, it } from 'vitest';
import type { Column } from '../live/columns';
import { valueAt } from './measure.svelte';

const of = { feed: 'f', channel: 'c' };
const shown = { fromMs: 0, toMs: 1000, nowMs: 100_000 };
const gap = (start_ms: number, end_ms: number | null, channel: string | null = null) => ({
  feed: 'f',
  channel,
  start_ms,
  end_ms,
});

/** Columns of 10 ms with a value each. */
function columns(values: readonly [index: number, value: number][], gaps = [gap(-9, -8)]) {
  const all = values.map(([index, v]): Column => [index, 1, v, v, v, v, 0]);
  const last = (index: number) => all.filter((column) => column[0] <= index).at(-1) ?? null;
  const trace = { length: all.length, at: (n: number) => all[n] as Column, last };
  return { columnMs: 10, traces: [trace], gaps };
}

describe('what a trace was at a moment', () => {
  const some = columns([
    [10, 1],
    [20, 2],
    [30, 3],
  ]);

  it('is the last value until then', () => {
    expect(valueAt(some, 0, of, 205, shown)).toBe(2);
    expect(valueAt(some, 0, of, 290, shown)).toBe(2);
    expect(valueAt(some, 0, of, 350, shown)).toBe(3);
    expect(valueAt(some, 0, of, 50, shown)).toBeNull();
  });

  it('is nothing within a gap of its channel, and after one that lasts', () => {
    const value = (gaps: ReturnType<typeof gap>[], ms: number) =>
      valueAt({ ...some, gaps }, 0, of, ms, shown);
    expect(value([gap(250, 280)], 260)).toBeNull();
    expect(value([gap(250, 280, 'c')], 260)).toBeNull();
    expect(value([gap(250, 280, 'other')], 260)).toBe(2);
    expect(value([{ ...gap(250, 280), feed: 'g' }], 260)).toBe(2);
    expect(value([gap(310, null)], 350)).toBeNull();
  });

  it('is not known beyond what is shown, nor before it comes', () => {
    expect(valueAt(some, 0, of, 305, { ...shown, fromMs: 100, toMs: 200 })).toBeNull();
    expect(valueAt(some, 0, of, 305, { ...shown, nowMs: 300 })).toBeNull();
  });

  it('is nothing once a series has ended', () => {
    expect(valueAt(some, 0, of, 900, shown)).toBe(3);
    const fast = columns(Array.from({ length: 20 }, (_, n) => [n, n]));
    expect(valueAt(fast, 0, of, 250, shown)).toBe(19);
    expect(valueAt(fast, 0, of, 900, shown)).toBeNull();
  });
});
