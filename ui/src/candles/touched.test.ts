import { describe, expect, it } from 'vitest';
import type { Gap } from '../generated/Gap';
import { touchedBy } from './touched';

const gap = (start_ms: number, end_ms: number | null, cause: Gap['cause'] = 'outage'): Gap => ({
  start_ms,
  end_ms,
  cause,
  feed: 'f',
  channel: null,
  missing: null,
  story: '',
  said: [],
});

const touched = (gaps: Gap[], now = 100_000) =>
  [...touchedBy(gaps, { columnMs: 1000, first: 10, end: 20, now })].map(([index]) => index);

describe('a candle that a gap touched', () => {
  it('is each that the gap has a part in', () => {
    expect(touched([gap(12_500, 14_100)])).toEqual([12, 13, 14]);
  });

  it('is not the one that begins where the gap ends', () => {
    expect(touched([gap(12_000, 13_000)])).toEqual([12]);
  });

  it('is the one of a gap that has no length', () => {
    expect(touched([gap(12_500, 12_500)])).toEqual([12]);
    expect(touched([gap(13_000, 13_000)])).toEqual([13]);
  });

  it('is found in the view only, however long the gap is', () => {
    expect(touched([gap(0, 1e15)])).toEqual([10, 11, 12, 13, 14, 15, 16, 17, 18, 19]);
    expect(touched([gap(0, 9_000), gap(20_000, 30_000)])).toEqual([]);
  });

  it('is each until now while the gap lasts', () => {
    expect(touched([gap(15_500, null)], 17_200)).toEqual([15, 16, 17]);
  });

  it('names the cause of the last gap in it', () => {
    const causes = touchedBy([gap(12_100, 12_200), gap(12_300, 12_400, 'missing')], {
      columnMs: 1000,
      first: 10,
      end: 20,
      now: 0,
    });
    expect([...causes]).toEqual([[12, 'missing']]);
  });
});
