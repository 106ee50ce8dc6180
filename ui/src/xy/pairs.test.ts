import { describe, expect, it } from 'vitest';
import { ageStep, atMoment, decode, extent, nearest, X, Y } from './pairs';

function encode(trails: number[][][]): ArrayBuffer {
  const facts = {
    traces: trails.map(({ length }) => ({ counted: length, total: length, alone: 0 })),
  };
  const json = new TextEncoder().encode(JSON.stringify(facts));
  const head = Math.ceil((4 + json.length) / 8) * 8;
  const numbers = trails.flatMap((trail) => [trail.length, ...trail.flat()]);
  const bytes = new ArrayBuffer(head + numbers.length * 8);
  const whole = new DataView(bytes);
  whole.setUint32(0, json.length, true);
  new Uint8Array(bytes).set(json, 4);
  numbers.forEach((number, n) => {
    whole.setFloat64(head + n * 8, number, true);
  });
  return bytes;
}

const trails = [
  [
    [1, 10, 100, 0],
    [2, 20, 200, 0],
    [3, 5, 300, 1],
  ],
  [[-4, 50, 250, 0]],
];

describe('an answer', () => {
  it('comes out as it was put in', () => {
    const { facts, trails: found } = decode(encode(trails));
    expect(facts.traces.map(({ total }) => total)).toEqual([3, 1]);
    expect(found.map((trail) => [...trail])).toEqual(trails.map((trail) => trail.flat()));
    expect(decode(encode([])).trails).toEqual([]);
  });

  it('that is cut short anywhere, or claims more than can be, is refused', () => {
    const whole = encode(trails);
    for (let length = 0; length < whole.byteLength; length += 1) {
      expect(() => decode(whole.slice(0, length))).toThrow();
    }
    const bytes = encode([[]]);
    new DataView(bytes).setFloat64(bytes.byteLength - 8, 1e12, true);
    expect(() => decode(bytes)).toThrow(/1000000000000 pairs/);
  });
});

describe('pairs', () => {
  const found = decode(encode(trails)).trails;
  const none: ReadonlySet<number> = new Set();

  it('have an extent of what is shown', () => {
    expect(extent(found, X, none)).toEqual([-4, 3]);
    expect(extent(found, Y, new Set([1]))).toEqual([5, 20]);
    expect(extent(found, X, new Set([0, 1]))).toBeNull();
  });

  it('are found by place, the later one of two, and none that is too far away', () => {
    const same = (value: number) => value;
    expect(nearest(found, none, { x: 2.2, y: 19 }, same, same, 5)).toEqual({ trace: 0, at: 4 });
    expect(nearest(found, none, { x: 40, y: 40 }, same, same, 5)).toBeNull();
    expect(nearest(found, new Set([1]), { x: -4, y: 50 }, same, same, 5)).toBeNull();
    const flat = () => 0;
    expect(nearest(found, new Set([1]), { x: 0, y: 0 }, flat, flat, 1)?.at).toBe(8);
  });

  it('are found by moment', () => {
    const trail = found[0] as Float64Array;
    expect([99, 100, 250, 9_999].map((ms) => atMoment(trail, ms))).toEqual([null, 0, 4, 8]);
    expect(atMoment(new Float64Array(0), 5)).toBeNull();
  });

  it('age in steps', () => {
    expect([-5, 0, 49, 50, 100, 200].map((ms) => ageStep(ms, 0, 100, 4))).toEqual([
      0, 0, 1, 2, 3, 3,
    ]);
    expect(ageStep(5, 5, 5, 4)).toBe(0);
  });
});
