import { describe, expect, it } from 'vitest';
import { boxOf, edgeOf, zoneIn } from './zones';

const box = { left: 100, top: 50, width: 400, height: 200 };

describe('where something is dropped', () => {
  it('is a side where one is near, and the middle elsewhere', () => {
    expect(zoneIn(box, 300, 150)).toBe('middle');
    expect(zoneIn(box, 110, 150)).toBe('left');
    expect(zoneIn(box, 490, 150)).toBe('right');
    expect(zoneIn(box, 300, 60)).toBe('above');
    expect(zoneIn(box, 300, 240)).toBe('below');
    expect(zoneIn(box, 99, 150)).toBe(null);
    expect(zoneIn(box, 300, 250)).toBe(null);
  });

  it('is the side that is nearer, in a corner, by what there is of each', () => {
    expect(zoneIn(box, 104, 80)).toBe('left');
    expect(zoneIn(box, 150, 52)).toBe('above');
  });

  it('is a side of no more than can be aimed at, however large the panel', () => {
    const large = { left: 0, top: 0, width: 2000, height: 1000 };
    expect(zoneIn(large, 119, 500)).toBe('left');
    expect(zoneIn(large, 121, 500)).toBe('middle');
  });

  it('is the edge of the whole board, close to it', () => {
    expect(edgeOf(box, 105, 150, 10)).toBe('left');
    expect(edgeOf(box, 111, 150, 10)).toBe(null);
  });

  it('takes up half of what is there', () => {
    expect(boxOf(box, 'right')).toEqual({ left: 300, top: 50, width: 200, height: 200 });
    expect(boxOf(box, 'below')).toEqual({ left: 100, top: 150, width: 400, height: 100 });
    expect(boxOf(box, 'middle')).toEqual(box);
  });
});
