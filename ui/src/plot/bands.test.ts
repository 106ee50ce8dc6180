import { describe, expect, it } from 'vitest';
import type { Gap } from '../generated/Gap';
import { chooseLanguage } from '../words/language.svelte';
import { BAND_PX_MIN, bandLine, bands, bandsAt } from './bands';

const gap = (start: number, end: number | null, more: Partial<Gap> = {}): Gap => ({
  start_ms: start,
  end_ms: end,
  cause: 'outage',
  feed: 'f',
  channel: null,
  missing: null,
  story: '',
  said: [],
  ...more,
});

// A millisecond is a pixel.
const seen = (gaps: Gap[]) =>
  bands(gaps, 0, 1000, 1000).map(({ left, right, cause }) => [left, right, cause]);

describe('the bands of gaps', () => {
  it('lie where the gaps are, cut at the edges', () => {
    expect(seen([gap(100, 300), gap(-50, 20), gap(980, 2000)])).toEqual([
      [0, 20, 'outage'],
      [100, 300, 'outage'],
      [980, 1000, 'outage'],
    ]);
  });

  it('reach the right edge while a gap lasts', () => {
    expect(seen([gap(900, null)])).toEqual([[900, 1000, 'outage']]);
  });

  it('are not drawn for gaps out of view', () => {
    expect(seen([gap(-100, -50), gap(1100, 1200), gap(1100, null)])).toEqual([]);
  });

  it('are wide enough to be seen, however short the gap', () => {
    const [[left, right]] = seen([gap(500, 500.001)]) as [[number, number]];
    expect(right - left).toBeGreaterThanOrEqual(BAND_PX_MIN - 1);
  });

  it('are as many as fit on the screen, however many gaps there are', () => {
    const many = Array.from({ length: 10_000 }, (_, n) => gap(n / 10, n / 10 + 0.05));
    const found = bands(many, 0, 1000, 1000);
    expect(found.length).toBeLessThanOrEqual(1000);
    expect(found.reduce((sum, band) => sum + band.gaps.length, 0)).toBe(10_000);
  });

  it('of different causes are not made one', () => {
    expect(seen([gap(100, 200), gap(150, 250, { cause: 'missing' })])).toHaveLength(2);
  });

  it('say how much is missing and why', () => {
    const said = (gaps: Gap[]) =>
      bands(gaps, 0, 10_000, 1000).map((band) => bandLine(band, 9_000).replaceAll('\u202f', ' '));
    expect(said([gap(1000, 5200)])).toEqual(['4.2 s outage']);
    expect(said([gap(4000, null, { cause: 'silence' })])).toEqual(['5 s silence']);
    expect(said([gap(4000, 4001, { cause: 'missing', missing: 1 })])).toEqual([
      '1 message missing',
    ]);
    expect(said([gap(4000, 4001), gap(4002, 4003)])).toEqual(['2 gaps outage']);
    chooseLanguage('zh-CN');
    expect(said([gap(1000, 5200)])).toEqual(['断线：4.2 秒']);
    chooseLanguage(null);
  });

  it('are found under the pointer, the narrowest first', () => {
    const found = bands([gap(100, 500), gap(200, 210, { cause: 'missing' })], 0, 1000, 1000);
    expect(bandsAt(found, 205).map((band) => band.cause)).toEqual(['missing', 'outage']);
    expect(bandsAt(found, 700)).toEqual([]);
  });
});
