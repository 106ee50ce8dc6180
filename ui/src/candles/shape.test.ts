import { describe, expect, it } from 'vitest';
import { shape } from './shape';

describe('a candle', () => {
  it('that rose is hollow, one that fell is filled', () => {
    expect(shape(0, 8, 60, 10, 90, 30, true, 1)).toEqual({
      wick: 3,
      high: 10,
      low: 90,
      left: 1,
      width: 5,
      top: 30,
      height: 30,
      hollow: true,
    });
    expect(shape(0, 8, 30, 10, 90, 60, false, 1).hollow).toBe(false);
  });

  it('stays in its place, with air beside it and the wick in its middle', () => {
    for (const hair of [1, 2]) {
      for (let place = 3 * hair; place < 60; place += 1) {
        const { left, width, wick } = shape(100, 100 + place, 60, 10, 90, 30, true, hair);
        expect(left).toBeGreaterThanOrEqual(100);
        expect(left + width).toBeLessThan(100 + place);
        expect(wick - left).toBe(left + width - (wick + hair));
      }
    }
  });

  it('that did not move is a dash', () => {
    const still = shape(0, 8, 50, 50, 50, 50, true, 1);
    expect([still.top, still.height, still.hollow]).toEqual([50, 1, false]);
    expect(still.low - still.high).toBe(1);
  });

  it('that is too thin for an inside is filled', () => {
    expect(shape(0, 3, 60, 10, 90, 30, true, 1).hollow).toBe(false);
    expect(shape(0, 8, 32, 10, 90, 30, true, 1).hollow).toBe(false);
  });

  it('that has much room does not take all of it', () => {
    expect(shape(0, 500, 60, 10, 90, 30, true, 1).width).toBeLessThanOrEqual(40);
  });
});
