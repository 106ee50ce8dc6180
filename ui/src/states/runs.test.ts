import { describe, expect, it } from 'vitest';
import { type Column, Columns } from '../live/columns';
import { type Bounds, type Run, runs } from './runs';

const at = (index: number, value: number, gap = 0): Column => [
  index,
  1,
  value,
  value,
  value,
  value,
  gap,
];
/** A column of many samples. */
const of = (index: number, first: number, min: number, max: number, last: number): Column => [
  index,
  9,
  first,
  min,
  max,
  last,
  0,
];

function made(list: Column[]): Columns {
  const columns = new Columns();
  for (const column of list) columns.push(column);
  return columns;
}

function found(list: Column[], more: Partial<Bounds> & { gaps?: number[] } = {}): string {
  const { gaps = [], ...bounds } = more;
  const all: Run[] = runs(made(list), {
    from: 0,
    to: 100,
    until: 20,
    before: null,
    gapBetween: (after, until) => gaps.find((gap) => gap >= after && gap < until) ?? null,
    ...bounds,
  });
  return all
    .map(({ start, end, value, before }) => `${before ? '<' : ''}${start}-${end}:${value ?? '*'}`)
    .join(' ');
}

describe('states', () => {
  it('that are equal are one, and hold until the next and until now', () => {
    expect(found([at(2, 7), at(3, 7), at(6, 7), at(9, 8)])).toBe('<2-9:7 9-20:8');
  });

  it('change once in a column that ends otherwise than it began', () => {
    expect(found([at(1, 1), of(4, 1, 1, 2, 2), at(6, 2)])).toBe('<1-4:1 4-20:2');
  });

  it('are several where a column comes back to what it was', () => {
    expect(found([at(1, 1), of(4, 1, 1, 2, 1), at(6, 1)])).toBe('<1-4:1 4-5:* 5-20:1');
  });

  it('are several where a column was at a third', () => {
    expect(found([at(1, 1), of(4, 1, 0, 2, 2)])).toBe('<1-4:1 4-5:* 5-20:2');
    // From 1 to 2 unseen, and on to 3.
    expect(found([at(1, 1), of(4, 2, 2, 3, 3)])).toBe('<1-4:1 4-5:* 5-20:3');
  });

  it('are several, and one run of these, where columns that change touch', () => {
    const restless = [of(4, 1, 1, 2, 2), of(5, 2, 1, 2, 1), of(6, 1, 1, 2, 2)];
    expect(found([at(1, 1), ...restless])).toBe('<1-4:1 4-7:* 7-20:2');
    expect(found([at(1, 1), of(4, 1, 1, 2, 2), of(6, 2, 1, 2, 1)])).toBe('<1-4:1 4-6:2 6-20:1');
  });

  it('end where a gap begins, and are unknown until the next sample', () => {
    expect(found([at(1, 1), at(2, 1), at(8, 1, 1)], { gaps: [2.5] })).toBe('<1-2.5:1 <8-20:1');
  });

  it('end after their column where nobody knows where the gap began', () => {
    expect(found([at(1, 1), at(2, 1), at(8, 1, 1)])).toBe('<1-3:1 <8-20:1');
  });

  it('end where a gap began that lasts', () => {
    expect(found([at(1, 1), at(5, 1)], { gaps: [6] })).toBe('<1-6:1');
  });

  it('hold from what is known of the time before', () => {
    expect(found([], { before: { index: -5, value: 3 } })).toBe('<-5-20:3');
    expect(found([at(4, 3), at(6, 4)], { before: { index: -5, value: 3 } })).toBe('<-5-6:3 6-20:4');
    expect(found([at(4, 1)], { before: { index: -5, value: 3 } })).toBe('<-5-4:3 4-20:1');
    expect(found([at(4, 3, 1)], { before: { index: -5, value: 3 }, gaps: [1] })).toBe(
      '<-5-1:3 <4-20:3',
    );
  });

  it('are not known before the first sample where nothing is known of the time before', () => {
    expect(found([at(4, 3)])).toBe('<4-20:3');
    expect(found([])).toBe('');
    expect(found([at(4, 3, 1)])).toBe('<4-20:3');
    // Of this one it was seen how it began.
    expect(found([of(4, 1, 1, 2, 2)])).toBe('4-20:2');
  });

  it('of a part of the view are those of all of it', () => {
    const list = [
      at(1, 1),
      at(3, 1),
      of(5, 1, 1, 2, 1),
      at(7, 1),
      at(9, 1, 1),
      at(12, 2),
      at(13, 2),
    ];
    const whole = runs(made(list), bounds(0, 100));
    for (let from = 0; from < 20; from += 1) {
      for (let to = from + 1; to < 20; to += 1) {
        const part = runs(made(list), bounds(from, to)).map(clip(from, to));
        const wanted = whole.map(clip(from, to)).filter((run) => run.start < run.end);
        expect(
          part.filter((run) => run.start < run.end),
          `${from}-${to}`,
        ).toEqual(wanted);
      }
    }
  });

  it('that last begin where they began, however little is looked at', () => {
    const list = Array.from({ length: 50 }, (_, n) => at(n + 3, n < 4 ? 1 : 2));
    const [run] = runs(made(list), { ...bounds(40, 45), until: 60 });
    expect(run?.start).toBe(7);
  });
});

const bounds = (from: number, to: number): Bounds => ({
  from,
  to,
  until: 20,
  before: { index: -2, value: 1 },
  gapBetween: (after, until) => (8 >= after && 8 < until ? 8 : null),
});

const clip =
  (from: number, to: number) =>
  ({ start, end, value }: Run) => ({
    start: Math.max(from, start),
    end: Math.min(to, end),
    value,
  });
