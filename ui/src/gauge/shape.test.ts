import { describe, expect, it } from 'vitest';
import { partOf, shapeOf, zeroPart } from './shape';

/** All coordinates of a path that has only absolute moves, lines and arcs. */
function points(path: string): [number, number][] {
  const found: [number, number][] = [];
  for (const [, command, numbers] of path.matchAll(/([MLA])([^MLA]*)/g)) {
    const all = (numbers ?? '').trim().split(/[ ,]+/).map(Number);
    const [x, y] = command === 'A' ? all.slice(-2) : all;
    found.push([x as number, y as number]);
  }
  return found;
}

describe('the shape of a gauge', () => {
  it('is an arc where there is height for one, and a bar where there is none', () => {
    expect(shapeOf(200, 150).kind).toBe('arc');
    expect(shapeOf(200, 60).kind).toBe('bar');
    expect(shapeOf(900, 110).kind).toBe('bar');
    expect(shapeOf(2000, 1000).kind).toBe('arc');
  });

  it('lies in its place, whatever its size', () => {
    for (const [width, height] of [
      [196, 90],
      [120, 400],
      [400, 300],
      [1900, 1000],
    ] as const) {
      const shape = shapeOf(width, height);
      expect(shape.kind).toBe('arc');
      for (let part = 0; part <= 1; part += 0.05) {
        for (const [x, y] of points(shape.across(part))) {
          expect(x).toBeGreaterThanOrEqual(0);
          expect(x).toBeLessThanOrEqual(width);
          expect(y).toBeGreaterThanOrEqual(0);
          expect(y).toBeLessThanOrEqual(height);
        }
      }
      for (const { y } of shape.ends) expect(y).toBeLessThanOrEqual(height + 1);
    }
  });

  it('begins at the lower left, has its middle at the top, and ends at the lower right', () => {
    const { track } = shapeOf(300, 300);
    const [first, middle] = points(track(0, 0.5));
    const [, last] = points(track(0.5, 1));
    expect(first?.[0]).toBeLessThan(middle?.[0] as number);
    expect(middle?.[0]).toBeCloseTo(150);
    expect(last?.[0]).toBeGreaterThan(middle?.[0] as number);
    expect(first?.[1]).toBeCloseTo(last?.[1] as number, 1);
    expect(middle?.[1]).toBeLessThan(first?.[1] as number);
  });

  it('has the long way round only where more than half a circle is filled', () => {
    const { track } = shapeOf(300, 300);
    const large = (path: string) => path.match(/A[^ ]+ [^ ]+ 0 (\d)/)?.[1];
    expect(large(track(0, 1))).toBe('1');
    expect(large(track(0, 0.7))).toBe('0');
    expect(large(track(0, 0.8))).toBe('1');
  });

  it('has nothing where there is nothing to fill', () => {
    expect(shapeOf(300, 300).track(0.5, 0.5)).toBe('');
    expect(shapeOf(300, 50).track(0.7, 0.5)).toBe('');
  });

  it('fills a bar from the left', () => {
    expect(shapeOf(102, 60).track(0, 0.5)).toMatch(/^M1 [\d.]+H51$/);
  });
});

describe('a part of a range', () => {
  it('ends where the range does', () => {
    expect([-5, 0, 25, 100, 120].map((value) => partOf(value, [0, 100]))).toEqual([
      0, 0, 0.25, 1, 1,
    ]);
    expect(partOf(5, [3, 3])).toBe(0);
  });

  it('is filled from zero where that is in it', () => {
    expect(zeroPart([-2, 2])).toBe(0.5);
    expect(zeroPart([10, 20])).toBe(0);
    expect(zeroPart([-20, -10])).toBe(1);
  });
});
