import { describe, expect, it } from 'vitest';
import { inSight, isAtEnd, stepTo, topFor } from './list';

describe('a long list', () => {
  it('draws the rows in sight and a few beside them', () => {
    expect(inSight(0, 240, 24, 20_000)).toEqual({ from: 0, to: 18 });
    expect(inSight(24_000, 240, 24, 20_000)).toEqual({ from: 992, to: 1018 });
    expect(inSight(479_760, 240, 24, 20_000)).toEqual({ from: 19_982, to: 20_000 });
  });

  it('draws nothing of nothing, and never more than there is', () => {
    expect(inSight(0, 240, 24, 0)).toEqual({ from: 0, to: 0 });
    expect(inSight(100_000, 240, 24, 5)).toEqual({ from: 5, to: 5 });
    expect(inSight(-50, 0, 24, 100)).toEqual({ from: 0, to: 8 });
  });

  it('scrolls no farther than it must to show a row', () => {
    expect(topFor(5, 0, 240, 24)).toBe(0);
    expect(topFor(10, 0, 240, 24)).toBe(24);
    expect(topFor(3, 240, 240, 24)).toBe(72);
  });

  it('knows when it is at its end', () => {
    expect(isAtEnd(0, 240, 240, 24)).toBe(true);
    expect(isAtEnd(744, 240, 1000, 24)).toBe(true);
    expect(isAtEnd(700, 240, 1000, 24)).toBe(false);
  });

  it('is walked by keys', () => {
    expect(stepTo('ArrowDown', 3, 10, 4)).toBe(4);
    expect(stepTo('ArrowDown', 9, 10, 4)).toBe(9);
    expect(stepTo('ArrowUp', null, 10, 4)).toBe(9);
    expect(stepTo('ArrowUp', 0, 10, 4)).toBe(0);
    expect(stepTo('PageDown', 3, 10, 4)).toBe(6);
    expect(stepTo('PageUp', 3, 10, 4)).toBe(0);
    expect([stepTo('Home', 3, 10, 4), stepTo('End', 3, 10, 4)]).toEqual([0, 9]);
    expect([stepTo('x', 3, 10, 4), stepTo('End', 3, 0, 4)]).toEqual([null, null]);
  });
});
