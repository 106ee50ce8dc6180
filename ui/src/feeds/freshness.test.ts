import { describe, expect, it } from 'vitest';
import { freshOf, type Heard } from './freshness';

const heard = (
  atMs: number,
  records: number,
  first_ms: number | null,
  last_ms: number | null,
): Heard => ({ atMs, freshness: { records, first_ms, last_ms } });

describe('how lately a channel was heard of', () => {
  it('is a rate over a few seconds, and over all that there is at first', () => {
    const first = heard(10_000, 100, 0, 9_990);
    expect(freshOf([first])).toEqual({ rate: 10, ageMs: 10, silent: false });
    expect(freshOf([first, heard(12_000, 200, 0, 11_990)]).rate).toBe(50);
    // It was subscribed to anew.
    expect(freshOf([first, heard(12_000, 10, 11_000, 11_990)]).rate).toBe(10);
  });

  it('is silent after longer than it usually takes, and after a few seconds at least', () => {
    const often = (atMs: number) => freshOf([heard(atMs, 1001, 0, 10_000)]).silent;
    expect(often(12_900)).toBe(false);
    expect(often(13_100)).toBe(true);
    // Once in ten seconds.
    const seldom = (atMs: number) => freshOf([heard(atMs, 11, 0, 100_000)]).silent;
    expect(seldom(149_000)).toBe(false);
    expect(seldom(151_000)).toBe(true);
  });

  it('is nothing of what never came, and old of what came in an earlier run', () => {
    expect(freshOf([])).toEqual({ rate: null, ageMs: null, silent: false });
    expect(freshOf([heard(9e9, 0, null, null)])).toEqual({
      rate: null,
      ageMs: null,
      silent: false,
    });
    expect(freshOf([heard(100_000, 0, null, 40_000)])).toEqual({
      rate: null,
      ageMs: 60_000,
      silent: true,
    });
  });
});
