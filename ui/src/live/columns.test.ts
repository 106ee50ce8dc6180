import { describe, expect, it } from 'vitest';
import type { Gap } from '../generated/Gap';
import type { PanelUpdate } from '../generated/PanelUpdate';
import { type Column, Columns, decode, PanelColumns } from './columns';

const column = (index: number, y = index, count = 1, gap = 0): Column => [
  index,
  count,
  y,
  y - 1,
  y + 1,
  y,
  gap,
];

function encode(traces: Column[][], columnMs = 100, from = 0, to = 10, facts = {}): ArrayBuffer {
  const json = new TextEncoder().encode(
    JSON.stringify({ gaps: [], late: [], latest: [], begins_ms: [], after_update: 3, ...facts }),
  );
  const head = Math.ceil((4 + json.length) / 8) * 8;
  const numbers = [
    columnMs,
    from,
    to,
    traces.length,
    ...traces.flatMap((trace) => [trace.length, ...trace.flat()]),
  ];
  const bytes = new ArrayBuffer(head + numbers.length * 8);
  const whole = new DataView(bytes);
  whole.setUint32(0, json.length, true);
  new Uint8Array(bytes).set(json, 4);
  numbers.forEach((number, n) => {
    whole.setFloat64(head + n * 8, number, true);
  });
  return bytes;
}

const update = (
  from: number,
  traces: Column[][],
  more: Partial<PanelUpdate> = {},
): PanelUpdate => ({
  panel: 'p',
  from,
  column_ms: 100,
  behind: false,
  traces,
  latest: traces.map(() => 1),
  gaps: null,
  late: null,
  begins_ms: null,
  ...more,
});

const indices = (columns: Columns | undefined): number[] =>
  Array.from({ length: columns?.length ?? 0 }, (_, n) => columns?.at(n)[0] as number);

describe('an answer', () => {
  it('comes out as it was put in, whatever the length of its text', () => {
    for (const note of ['', 'a', 'ab', 'abcdefg', 'ä€😀']) {
      const answer = decode(encode([[column(3), column(5, 2, 4, 1)], []], 250, 2, 9, { note }));
      expect([answer.columnMs, answer.from, answer.to]).toEqual([250, 2, 9]);
      expect(answer.facts.after_update).toBe(3);
      expect(answer.traces).toHaveLength(2);
      expect(answer.traces[0]?.at(1)).toEqual(column(5, 2, 4, 1));
      expect(answer.traces[1]?.length).toBe(0);
    }
  });

  it('that is cut short anywhere is refused', () => {
    const whole = encode([[column(3), column(5)]]);
    for (let length = 0; length < whole.byteLength; length += 1) {
      expect(() => decode(whole.slice(0, length))).toThrow();
    }
  });

  it('that claims more than can be is refused, not allocated', () => {
    expect(() => decode(encode([], 0))).toThrow(/columns of 0 ms/);
    const bytes = encode([[column(1)]]);
    new DataView(bytes).setFloat64(bytes.byteLength - 64, 1e12, true);
    expect(() => decode(bytes)).toThrow(/1000000000000 columns/);
  });
});

describe('an update', () => {
  const panel = () => {
    const columns = new PanelColumns();
    columns.replace(decode(encode([[column(1), column(2), column(3)]])));
    return columns;
  };

  it('replaces the columns from its first on, and adds the new ones', () => {
    const columns = panel();
    expect(columns.apply(update(3, [[column(3, 9, 5), column(4)]]))).toBe(true);
    expect(indices(columns.traces[0])).toEqual([1, 2, 3, 4]);
    expect(columns.traces[0]?.at(2)).toEqual(column(3, 9, 5));
  });

  it('twice is the same as once', () => {
    const columns = panel();
    const twice = update(2, [[column(2), column(3), column(4)]]);
    columns.apply(twice);
    columns.apply(twice);
    expect(indices(columns.traces[0])).toEqual([1, 2, 3, 4]);
  });

  it('that does not tell all is not taken', () => {
    const columns = panel();
    expect(columns.apply(update(3, [], { behind: true }))).toBe(false);
    expect(columns.apply(update(3, [[column(3)]], { column_ms: 50 }))).toBe(false);
    expect(columns.apply(update(3, [[column(3)], []]))).toBe(false);
    expect(indices(columns.traces[0])).toEqual([1, 2, 3]);
  });

  it('leaves the gaps as they are, unless it names them', () => {
    const columns = panel();
    const gap: Gap = {
      start_ms: 1,
      end_ms: null,
      cause: 'outage',
      feed: 'f',
      channel: null,
      missing: null,
      story: '',
      said: [],
    };
    columns.apply(update(3, [[]], { gaps: [gap] }));
    columns.apply(update(3, [[]]));
    expect(columns.gaps).toEqual([gap]);
  });
});

describe('what changed', () => {
  const known = () => {
    const columns = new PanelColumns();
    columns.replace(decode(encode([[column(1), column(4), column(7)]], 100, 0, 10)));
    expect(columns.takeChanged()).toBe(Number.NEGATIVE_INFINITY);
    return columns;
  };
  const gap = (start_ms: number, end_ms: number | null) => ({
    start_ms,
    end_ms,
    cause: 'outage' as const,
    feed: 'f',
    channel: null,
    missing: null,
    story: '',
    said: [],
  });

  it('begins at the column that a line leads from', () => {
    const columns = known();
    columns.apply(update(7, [[column(7), column(9)]]));
    expect(columns.takeChanged()).toBe(7);
    columns.apply(update(6, [[column(6), column(7), column(9)]]));
    expect(columns.takeChanged()).toBe(4);
    columns.apply(update(0, [[column(0)]]));
    expect(columns.takeChanged()).toBe(0);
  });

  it('is nothing where what is told is known, and once it has been asked for', () => {
    const columns = known();
    columns.apply(update(4, [[column(4), column(7)]]));
    expect(columns.takeChanged()).toBe(Number.POSITIVE_INFINITY);
    columns.apply(update(7, [[]]));
    expect(columns.takeChanged()).toBe(4);
    expect(columns.takeChanged()).toBe(Number.POSITIVE_INFINITY);
  });

  it('begins at the first gap that is another, or is gone from among others', () => {
    const columns = known();
    const told = (...gaps: ReturnType<typeof gap>[]) => {
      columns.apply(update(10, [[]], { gaps }));
      return columns.takeChanged();
    };
    expect(told(gap(210, 250), gap(400, null))).toBe(2);
    expect(told(gap(210, 250), gap(400, 450))).toBe(4);
    expect(told(gap(210, 250), gap(400, 450), gap(600, 700))).toBe(6);
    // Out of sight at the left.
    expect(told(gap(400, 450), gap(600, 700))).toBe(Number.POSITIVE_INFINITY);
    expect(told(gap(400, 450))).toBe(6);
    expect(told()).toBe(Number.POSITIVE_INFINITY);
    // One that lasted has turned out to be none.
    expect(told(gap(800, null))).toBe(8);
    expect(told()).toBe(8);
  });
});

describe('the beginnings of traces', () => {
  it('come with an answer, and stay until an update names others', () => {
    const columns = new PanelColumns();
    columns.replace(decode(encode([[column(1)]], 100, 0, 10, { begins_ms: [50] })));
    columns.apply(update(3, [[]]));
    expect(columns.begins).toEqual([50]);
    columns.apply(update(3, [[]], { begins_ms: [70] }));
    expect(columns.begins).toEqual([70]);
  });
});

describe('columns', () => {
  it('stay right while an hour of them passes through a small window', () => {
    const columns = new Columns();
    for (let index = 0; index < 100_000; index += 1) {
      columns.push(column(index));
      columns.dropBefore(index - 999);
    }
    expect(columns.length).toBe(1000);
    expect(indices(columns)[0]).toBe(99_000);
    expect(columns.at(999)).toEqual(column(99_999));
    expect(columns.data.length).toBeLessThan(4000 * 7);
  });

  it('remember what the last one was that was dropped', () => {
    const columns = new Columns();
    for (const index of [3, 5, 9]) columns.push(column(index));
    columns.dropBefore(3);
    expect(columns.droppedIndex).toBe(Number.NEGATIVE_INFINITY);
    columns.dropBefore(7);
    expect([columns.droppedIndex, columns.droppedLast]).toEqual([5, 5]);
    columns.dropBefore(8);
    expect(columns.droppedIndex).toBe(5);
  });

  it('never grow without bound, even if nothing is ever dropped', () => {
    const columns = new Columns();
    for (let index = 0; index < 60_000; index += 1) columns.push(column(index));
    expect(columns.data.length).toBeLessThanOrEqual(32_768 * 7);
    expect(columns.at(columns.length - 1)[0]).toBe(59_999);
  });

  it('find the first at or after an index', () => {
    const columns = new Columns();
    for (const index of [2, 5, 9]) columns.push(column(index));
    expect([0, 2, 3, 9, 10].map((index) => columns.offsetAt(index) / 7)).toEqual([0, 0, 1, 2, 3]);
  });

  it('know the last until an index, unless a gap came after it', () => {
    const columns = new Columns();
    for (const at of [column(2), column(5), column(9, 9, 1, 1)]) columns.push(at);
    expect(columns.last(1)).toBeNull();
    expect(columns.last(2)?.[0]).toBe(2);
    expect(columns.last(4)?.[0]).toBe(2);
    expect(columns.last(5)?.[0]).toBe(5);
    expect(columns.last(7)).toBeNull();
    expect(columns.last(99)?.[0]).toBe(9);
  });

  it('find the nearest that is near enough', () => {
    const columns = new Columns();
    for (const at of [column(2), column(6)]) columns.push(at);
    expect(columns.near(3.5, 3)?.[0]).toBe(2);
    expect(columns.near(4.9, 3)?.[0]).toBe(2);
    expect(columns.near(5.1, 3)?.[0]).toBe(6);
    expect(columns.near(9.5, 3)).toBeNull();
  });

  it('look different from where something came late, and where it was taken back', () => {
    const panel = new PanelColumns();
    panel.replace(decode(encode([[column(1, 10)]])));
    panel.takeChanged();
    const version = panel.gapsVersion;
    const came = { came_from_ms: 900, came_to_ms: 950, messages: 2, replayed: false };
    const late = [{ feed: 'f', channel: 'c', start_ms: 450, end_ms: 500, ...came }];
    expect(panel.apply(update(9, [[]], { late }))).toBe(true);
    expect(panel.late).toEqual(late);
    expect(panel.gapsVersion).toBe(version + 1);
    expect(panel.takeChanged()).toBe(3);
    panel.apply(update(9, [[]], { late: [] }));
    expect(panel.takeChanged()).toBe(3);
  });

  it('have the extent of what is above zero, where only that has a place', () => {
    const panel = new PanelColumns();
    panel.columnMs = 1;
    panel.traces = [new Columns()];
    panel.traces[0]?.push([0, 2, 5, -3, 8, 8, 0]);
    panel.traces[0]?.push([1, 2, 5, 4, 90, 8, 0]);
    expect(panel.extent(0, 10, new Set(), true)).toEqual([4, 90]);
    expect(panel.extent(0, 1, new Set(), true)).toEqual([8, 8]);
  });

  it('have the extent of what is in view and not hidden', () => {
    const panel = new PanelColumns();
    panel.replace(decode(encode([[column(1, 10), column(2, 20)], [column(2, 500)]])));
    expect(panel.extent(100, 300, new Set())).toEqual([9, 501]);
    expect(panel.extent(100, 300, new Set([1]))).toEqual([9, 21]);
    expect(panel.extent(100, 200, new Set())).toEqual([9, 11]);
    expect(panel.extent(900, 950, new Set())).toBeNull();
  });
});
