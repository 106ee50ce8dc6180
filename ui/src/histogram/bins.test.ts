import { describe, expect, it } from 'vitest';
import type { Distribution } from '../generated/Distribution';
import type { TraceBins } from '../generated/TraceBins';
import { amountTexts, binText, edges, greatestShare, share } from './bins';

const trace = (counts: number[], more: Partial<TraceBins> = {}): TraceBins => {
  const counted = counts.reduce((sum, n) => sum + n, 0);
  return {
    counts,
    below: 0,
    above: 0,
    not_finite: 0,
    counted,
    total: counted,
    p50: null,
    p95: null,
    p99: null,
    ...more,
  };
};
const of = (least: number, greatest: number, counts: number[], log = false): Distribution => ({
  least,
  greatest,
  log,
  traces: [trace(counts)],
});

describe('the edges of bins', () => {
  it('are equally far apart, without the noise of binary fractions', () => {
    expect(edges(of(0, 0.3, [1, 2, 3]))).toEqual([0, 0.1, 0.2, 0.3]);
  });

  it('are equal factors where that is asked for', () => {
    expect(edges(of(0.1, 100, [1, 2, 3], true))).toEqual([0.1, 1, 10, 100]);
  });

  it('hold the largest numbers there are, and none where nothing is counted', () => {
    expect(edges(of(-1.5e308, 1.5e308, [1, 1])).every(Number.isFinite)).toBe(true);
    expect(edges(of(0, 1, []))).toEqual([]);
  });

  it('are written with the digits that tell a bin from the next', () => {
    expect(binText([64_000, 64_000.5, 64_001], 0, 'none')).toBe('64,000.0 to 64,000.5');
  });
});

describe('the share of a bin', () => {
  it('is one of all that was counted, in a bin or not', () => {
    const counts = trace([1, 3], { counted: 8 });
    expect([share(counts, 0), share(counts, 1), share(counts, 9)]).toEqual([12.5, 37.5, 0]);
    expect(share(trace([]), 0)).toBe(0);
  });

  it('of what is switched off does not count', () => {
    const traces = [trace([1, 9]), trace([5, 5])];
    expect(greatestShare(traces, new Set())).toBe(90);
    expect(greatestShare(traces, new Set([0]))).toBe(50);
    expect(greatestShare([], new Set())).toBe(0);
  });
});

describe('what is said of the amount', () => {
  it('is all, or how many of how many, and never that some is all', () => {
    expect(amountTexts([trace([1, 2])], false)).toEqual(['3 samples']);
    expect(amountTexts([trace([1, 2], { total: 3000 })], false)[0]).toBe(
      '3 of 3,000 samples, spread evenly',
    );
    expect(amountTexts([trace([])], false)).toEqual([]);
  });

  it('names what is in no bin', () => {
    const beside = trace([1], { below: 2, above: 3, not_finite: 4, counted: 10, total: 10 });
    expect(amountTexts([beside], false)).toEqual([
      '10 samples',
      '2 below',
      '3 above',
      '4 not a number',
    ]);
    expect(amountTexts([beside], true)[1]).toBe('2 not above zero');
  });
});
