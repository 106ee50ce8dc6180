import { describe, expect, it } from 'vitest';
import type { Gap } from '../generated/Gap';
import { nearest, spanAround } from './nearest';

const gap = (start_ms: number, end_ms: number | null): Gap => ({
  start_ms,
  end_ms,
  cause: 'outage',
  feed: 'f',
  channel: null,
  missing: null,
  story: '',
  said: [],
});

describe('the gap that is gone to', () => {
  const gaps = [gap(500_000, null), gap(100_000, 140_000), gap(200_000, 200_000)];
  const walk = (from: number, direction: 'earlier' | 'later') => {
    const met: number[] = [];
    for (let ms = from; ; ) {
      const next = nearest(gaps, ms, direction, 600_000);
      if (!next) return met;
      met.push(next.start_ms);
      const { from_ms, to_ms } = spanAround(next, 30_000, 600_000);
      ms = (from_ms + to_ms) / 2;
    }
  };

  it('is the closest, and each is met once', () => {
    expect(walk(0, 'later')).toEqual([100_000, 200_000, 500_000]);
    expect(walk(1_000_000, 'earlier')).toEqual([500_000, 200_000, 100_000]);
  });

  it('is not the one that lasts, of who has been there', () => {
    const [lasts] = gaps as [Gap, ...Gap[]];
    const ms = 550_000;
    expect(nearest(gaps, ms, 'later', 700_000)).toBe(lasts);
    expect(nearest(gaps, ms, 'later', 700_000, lasts)).toBeUndefined();
    expect(nearest(gaps, 300_000, 'later', 700_000, lasts)).toBe(lasts);
    expect(nearest(gaps, 650_000, 'earlier', 700_000, lasts)).toBe(lasts);
  });

  it('is another place, whatever else is missing at this one', () => {
    const here = [gap(100_000, 140_000), gap(110_000, 130_000)];
    expect(nearest([...here, ...gaps], 120_000, 'later', 600_000)?.start_ms).toBe(200_000);
  });

  it('is none where there is none', () => {
    expect(nearest([], 0, 'later', 0)).toBeUndefined();
    expect(nearest(gaps, 550_000, 'later', 600_000)).toBeUndefined();
  });
});

describe('what is shown around a gap', () => {
  it('stays as wide as it is, where the gap is seen in it', () => {
    expect(spanAround(gap(100_000, 110_000), 60_000, 0)).toEqual({
      from_ms: 75_000,
      to_ms: 135_000,
    });
  });

  it('is wide enough for a long one', () => {
    expect(spanAround(gap(0, 100_000), 60_000, 0)).toEqual({ from_ms: -150_000, to_ms: 250_000 });
  });

  it('is close to a short one', () => {
    expect(spanAround(gap(50_000, 50_000), 3_600_000, 0)).toEqual({
      from_ms: 45_000,
      to_ms: 55_000,
    });
  });

  it('reaches as far as one that lasts', () => {
    expect(spanAround(gap(0, null), 1000, 100_000)).toEqual({ from_ms: -150_000, to_ms: 250_000 });
  });
});
