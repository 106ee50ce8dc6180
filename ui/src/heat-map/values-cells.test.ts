import { describe, expect, it } from 'vitest';
import { type Column, Columns } from '../live/columns';
import {
  type Answer,
  cellCount,
  decode,
  Heat,
  middleOf,
  roundMost,
  strength,
} from './values-cells';

type Row = { index: number; total: number; counted: number; counts: number[] };

function encode(rows: Row[], bins = 3, columnMs = 100): ArrayBuffer {
  const facts = { least: 0, greatest: 30, bins, counted: 0, total: 0 };
  const json = new TextEncoder().encode(JSON.stringify(facts));
  const head = Math.ceil((4 + json.length) / 8) * 8;
  const bytes = new ArrayBuffer(head + 16 + rows.length * (24 + bins * 4));
  const whole = new DataView(bytes);
  whole.setUint32(0, json.length, true);
  new Uint8Array(bytes).set(json, 4);
  [columnMs, rows.length, ...rows.flatMap((row) => [row.index, row.total, row.counted])].forEach(
    (number, n) => {
      whole.setFloat64(head + n * 8, number, true);
    },
  );
  rows
    .flatMap(({ counts }) => counts)
    .forEach((n, at) => {
      whole.setUint32(head + 16 + rows.length * 24 + at * 4, n, true);
    });
  return bytes;
}

const rows: Row[] = [
  { index: 4, total: 6, counted: 6, counts: [1, 2, 3] },
  { index: 7, total: 40, counted: 10, counts: [0, 10, 0] },
];

const columns = (list: [number, number][]): Columns => {
  const made = new Columns();
  for (const [index, count] of list) made.push([index, count, 1, 1, 1, 1, 0] satisfies Column);
  return made;
};

describe('an answer', () => {
  it('comes out as it was put in', () => {
    const { columnMs, columns } = decode(encode(rows));
    expect(columnMs).toBe(100);
    expect([...columns.keys()]).toEqual([4, 7]);
    expect([...(columns.get(4)?.counts ?? [])]).toEqual([1, 2, 3]);
    expect(columns.get(7)).toMatchObject({ total: 40, counted: 10, least: 0, greatest: 30 });
  });

  it('that is cut short anywhere is refused', () => {
    const whole = encode(rows);
    for (let length = 0; length < whole.byteLength; length += 1) {
      expect(() => decode(whole.slice(0, length))).toThrow();
    }
    expect(() => decode(encode([], 3, 0))).toThrow(/columns of 0 ms/);
  });
});

describe('cells', () => {
  const heat = (): Heat => {
    const made = new Heat();
    made.setShape(100, 3, 0, 30);
    made.take(decode(encode(rows)));
    return made;
  };

  it('are asked for where there are none, more samples, or other bins', () => {
    const made = heat();
    expect(
      made.missing(
        columns([
          [4, 6],
          [7, 40],
        ]),
        0,
        10,
      ),
    ).toBeNull();
    expect(
      made.missing(
        columns([
          [4, 6],
          [5, 1],
          [7, 41],
          [9, 1],
        ]),
        0,
        9,
      ),
    ).toEqual({ from: 5, to: 8 });
    made.setShape(100, 3, 0, 40);
    expect(
      made.missing(
        columns([
          [4, 6],
          [7, 40],
        ]),
        0,
        10,
      ),
    ).toEqual({ from: 4, to: 8 });
    expect(made.columns.size).toBe(2);
  });

  it('of columns of another length are not kept, nor taken', () => {
    const made = heat();
    made.setShape(50, 3, 0, 30);
    expect(made.columns.size).toBe(0);
    expect(made.take(decode(encode(rows)) as Answer)).toBe(Number.POSITIVE_INFINITY);
    expect(made.columns.size).toBe(0);
  });

  it('that were counted in part stand for all, and it is known of how many', () => {
    const made = heat();
    const cells = made.columns.get(7);
    expect(cells && cellCount(cells, 1)).toBe(40);
    expect(made.amount(0, 10)).toEqual({ counted: 16, total: 46 });
    expect(made.most(0, 7)).toBe(3);
    expect(made.most(0, 8)).toBe(40);
    made.keep(5, 8);
    expect([...made.columns.keys()]).toEqual([7]);
  });
});

describe('colours', () => {
  it('stand for round numbers that seldom change', () => {
    expect(roundMost(37, 0)).toBe(50);
    expect(roundMost(37, 50)).toBe(50);
    expect(roundMost(23, 50)).toBe(50);
    expect(roundMost(40, 100)).toBe(100);
    expect(roundMost(12, 50)).toBe(20);
    expect(roundMost(51, 50)).toBe(100);
    expect(roundMost(0, 50)).toBe(50);
    expect(roundMost(0.3, 0)).toBe(1);
  });

  it('have a whole number in their middle', () => {
    expect([1, 2, 5, 10, 20, 50, 100].map(middleOf)).toEqual([null, null, 1, 2, 5, 10, 20]);
  });

  it('grow with the number, and nothing has none', () => {
    expect([0, 1, 25, 100, 400].map((n) => strength(n, 100))).toEqual([0, 0.1, 0.5, 1, 1]);
  });
});
