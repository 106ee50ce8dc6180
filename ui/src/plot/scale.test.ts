import { describe, expect, it } from 'vitest';
import { placer, valueAt } from './scale';

describe('a place', () => {
  it('is a share of the height', () => {
    const y = placer({ least: 0, greatest: 100, log: false }, 10, 200);
    expect([0, 25, 100].map(y)).toEqual([210, 160, 10]);
  });

  it('is a share of the factors where the scale is one of them', () => {
    const y = placer({ least: 1, greatest: 10_000, log: true }, 10, 200);
    expect([1, 10, 100, 10_000].map(y)).toEqual([210, 160, 110, 10]);
  });

  it('lies out of sight for what is not above zero on such a scale', () => {
    const y = placer({ least: 1, greatest: 100, log: true }, 10, 200);
    for (const value of [0, -1, Number.NaN]) expect(y(value)).toBeGreaterThan(210);
  });

  it('is that of its value, both ways', () => {
    for (const log of [false, true]) {
      const scale = { least: 0.5, greatest: 4_000, log };
      const y = placer(scale, 7, 300);
      for (const value of [0.6, 1, 77, 3_999]) {
        expect(valueAt(scale, 7, 300, y(value))).toBeCloseTo(value, 6);
      }
    }
  });
});
