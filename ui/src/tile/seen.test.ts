import { describe, expect, it } from 'vitest';
import type { Gap } from '../generated/Gap';
import { Columns } from '../live/columns';
import { gapAt, isOld, seen, trend } from './seen';

function columns(
  ...list: [index: number, first: number, min: number, max: number, last: number][]
) {
  const made = new Columns();
  for (const [index, first, min, max, last] of list)
    made.push([index, 2, first, min, max, last, 0]);
  return made;
}

describe('what is shown of a trace', () => {
  const trace = columns([1, 5, 4, 6, 5], [3, 7, 2, 9, 8], [4, 8, 8, 8, 8], [9, 1, 0, 1.5, 1]);

  it('is of the columns in view, and of no others', () => {
    expect(seen(trace, 100, 300, 500, undefined)).toEqual({
      value: 8,
      first: 7,
      min: 2,
      max: 9,
      count: 4,
      whole: true,
    });
  });

  it('ends with the latest value where time is followed', () => {
    expect(seen(trace, 100, 300, 500, 8.5)).toMatchObject({ value: 8.5, max: 9, whole: false });
    expect(seen(trace, 100, 300, 500, null).value).toBeNull();
  });

  it('is what was before, where there is nothing in view', () => {
    const nothing = seen(trace, 100, 500, 800, undefined);
    expect(nothing).toEqual({
      value: 8,
      first: null,
      min: null,
      max: null,
      count: 0,
      whole: true,
    });
    expect(seen(trace, 100, 0, 90, undefined).value).toBeNull();
    expect(seen(undefined, 100, 0, 90, undefined).value).toBeNull();
  });

  it('is whole only if nothing in view has a fraction', () => {
    expect(seen(trace, 100, 300, 1000, undefined).whole).toBe(false);
  });
});

describe('a trend', () => {
  const of = (first: number | null, value: number | null) =>
    trend({ first, value, min: null, max: null, count: 1, whole: true });

  it('is the difference, and its share of where it began', () => {
    expect(of(80, 60)).toEqual({ difference: -20, percent: -25 });
    expect(of(-80, -60)).toEqual({ difference: 20, percent: 25 });
  });

  it('has no share of nothing, and is none of what is not there', () => {
    expect(of(0, 3)).toEqual({ difference: 3, percent: null });
    expect(of(null, 3)).toBeNull();
    expect(of(3, null)).toBeNull();
    expect(of(3, Number.POSITIVE_INFINITY)).toBeNull();
  });
});

describe('silence', () => {
  it('is what lasts longer than it usually does', () => {
    expect(isOld(2_900, 600, 60_000)).toBe(false);
    expect(isOld(3_100, 600, 60_000)).toBe(true);
    expect(isOld(40_000, 6, 60_000)).toBe(false);
    expect(isOld(51_000, 6, 60_000)).toBe(true);
    expect(isOld(0, 0, 60_000)).toBe(true);
  });
});

describe('a gap that a trace is in', () => {
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
  const trace = { feed: 'f', channel: 'c' };
  const at = (gaps: Gap[], ms: number) => gapAt(gaps, trace, ms)?.start_ms ?? null;

  it('has begun, and is not over', () => {
    const gaps = [gap(100, 200), gap(300, null)];
    expect([50, 100, 199, 200, 300, 9999].map((ms) => at(gaps, ms))).toEqual([
      null,
      100,
      100,
      null,
      300,
      300,
    ]);
  });

  it('is of its feed, and of its channel if of any', () => {
    expect(at([gap(1, null, { feed: 'g' }), gap(2, null, { channel: 'd' })], 10)).toBeNull();
    expect(at([gap(3, null, { channel: 'c' })], 10)).toBe(3);
  });
});
