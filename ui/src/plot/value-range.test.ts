import { describe, expect, it } from 'vitest';
import { ValueRange } from './value-range';

const never = () => {
  throw new Error('nobody had to look');
};

describe('the range of values', () => {
  it('fits at first', () => {
    expect(new ValueRange().at(0, null, () => [0, 95])).toEqual([0, 100]);
  });

  it('stays, and is not even looked at, while new values are in it', () => {
    const range = new ValueRange();
    const first = range.at(0, null, () => [0, 95]);
    expect(range.at(100, [20, 30], never)).toBe(first);
    expect(range.at(1_000, [20, 30], () => [10, 85])).toBe(first);
  });

  it('grows at once when a value leaves it', () => {
    const range = new ValueRange();
    range.at(0, null, () => [0, 95]);
    expect(range.at(1, [150, 150], () => [0, 150])).toEqual([0, 160]);
  });

  it('shrinks after a while, when much less would do', () => {
    const range = new ValueRange();
    const first = range.at(0, null, () => [0, 950]);
    expect(range.at(400, [5, 5], never)).toBe(first);
    expect(range.at(600, [5, 5], () => [0, 95])).toEqual([0, 100]);
  });

  it('goes with values that leave it on one side only', () => {
    const range = new ValueRange();
    range.at(0, null, () => [1_000, 1_010]);
    const [least, greatest] = range.at(1, [2_000, 2_000], () => [1_000, 2_000]);
    expect(least).toBeLessThanOrEqual(1_000);
    expect(greatest).toBeGreaterThanOrEqual(2_000);
  });

  it('is kept while there is nothing, and fits what comes after nothing', () => {
    const range = new ValueRange();
    expect(range.at(0, null, () => null)).toEqual([0, 1]);
    const fitted = range.at(1, [5, 50], () => [5, 50]);
    expect(fitted[1]).toBeGreaterThanOrEqual(50);
    expect(range.at(10_000, null, () => null)).toBe(fitted);
  });

  it('fits exactly when it is told to', () => {
    const range = new ValueRange();
    range.at(0, null, () => [0, 100]);
    range.refit();
    expect(range.at(1, null, () => [0, 95])).toEqual([0, 100]);
  });
});
