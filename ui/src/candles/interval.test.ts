import { describe, expect, it } from 'vitest';
import { CANDLE_INTERVALS_MS, interval } from './interval';

const MINUTE = 60_000;
const DAY = 86_400_000;

describe('the interval of candles', () => {
  it('makes them 5 to 12 pixels wide, unless they would be shorter than a second or longer than a day', () => {
    for (let spanMs = 60_000; spanMs < 30 * DAY; spanMs *= 1.13) {
      for (const widthPx of [142, 300, 777, 1800]) {
        const { ms } = interval(spanMs, widthPx, null);
        const px = (ms / spanMs) * widthPx;
        if (ms > 1000) expect(px).toBeLessThanOrEqual(12.5);
        if (ms < DAY) expect(px).toBeGreaterThanOrEqual(5);
      }
    }
    expect(interval(1000, 1000, null).ms).toBe(1000);
    expect(interval(365 * DAY, 100, null).ms).toBe(DAY);
  });

  it('divides the day, so that each begins where one of UTC does', () => {
    for (const ms of CANDLE_INTERVALS_MS) expect(DAY % ms).toBe(0);
  });

  it('is the one that was chosen where that can be drawn', () => {
    expect(interval(60 * MINUTE, 600, MINUTE)).toEqual({ ms: MINUTE, coarser: false });
    expect(interval(MINUTE, 600, 5 * MINUTE)).toEqual({ ms: 5 * MINUTE, coarser: false });
  });

  it('is a multiple of the one that was chosen where that is too fine, and says so', () => {
    expect(interval(60 * MINUTE, 600, 1000)).toEqual({ ms: 30_000, coarser: true });
    // 2 min and 5 min are no multiples of 90 s.
    expect(interval(12 * 60 * MINUTE, 600, 90_000)).toEqual({ ms: 15 * MINUTE, coarser: true });
    const odd = interval(60 * MINUTE, 600, 7000);
    expect(odd.coarser).toBe(true);
    expect(odd.ms % 7000).toBe(0);
    expect((odd.ms / (60 * MINUTE)) * 600).toBeGreaterThanOrEqual(3);
  });

  it('is sound whatever was chosen, and where there is no room', () => {
    for (const chosen of [0, -5, Number.NaN]) expect(interval(MINUTE, 600, chosen).ms).toBe(1000);
    expect(interval(MINUTE, 0, null).ms).toBe(5 * MINUTE);
  });
});
