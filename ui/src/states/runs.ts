// Which states follow each other in a series, made of its columns: runs of one value, and columns in
// which it changed more often than they can show. What was last known holds until it is known
// otherwise, and never across a gap. No canvas here.

import { type Columns, FIELDS, FIRST, GAP, INDEX, LAST, MAX, MIN } from '../live/columns';

export interface Run {
  /** In columns, or parts of them; the end is exclusive. */
  start: number;
  end: number;
  /** `null`: several, one after the other. */
  value: number | null;
  /** It may have been so before: when it began was not seen. */
  before: boolean;
}

export interface Bounds {
  /** Only what lies between these is of interest. */
  from: number;
  to: number;
  /** Until here the last state holds, in columns. */
  until: number;
  /** What is known of the time before the first column: from where on, and what. */
  before: { index: number; value: number } | null;
  /** Where the first gap begins from `after` on, if that is before `until`; in columns. */
  gapBetween(after: number, until: number): number | null;
}

/** The runs that have a part between `from` and `to`, ascending. Those at its ends may begin before
 * and end after. */
export function runs(columns: Columns, bounds: Bounds): Run[] {
  const { from, to, until, gapBetween } = bounds;
  const { data, end, start } = columns;
  const found: Run[] = [];
  let run: Run | null = null;
  /** The last column in which there was a sample. */
  let known = Number.NEGATIVE_INFINITY;
  const close = (at: number) => {
    if (run && at > run.start) {
      run.end = at;
      if (at > from) found.push(run);
    }
    run = null;
  };
  // Back to where a run begins whatever was before it.
  let offset = columns.offsetAt(Math.floor(from));
  while (offset > start) {
    offset -= FIELDS;
    if (offset === start || (data[offset + GAP] as number) !== 0) break;
    if (!changes(data, offset) && data[offset - FIELDS + LAST] !== data[offset + FIRST]) break;
  }
  if (offset === start && bounds.before) {
    const { index, value } = bounds.before;
    known = index;
    run = { start: index, end: index, value, before: true };
  }
  for (; offset < end; offset += FIELDS) {
    const index = data[offset + INDEX] as number;
    const first = data[offset + FIRST] as number;
    const last = data[offset + LAST] as number;
    if ((data[offset + GAP] as number) !== 0) {
      close(gapBetween(known, index) ?? Math.min(index, known + 1));
    }
    const before: Run | null = run;
    // What lies beyond is of interest only for where the last run ends.
    if (index > to && (before?.value !== first || changes(data, offset))) {
      close(index);
      return found;
    }
    if (!changes(data, offset)) {
      if (!before || before.value !== first) {
        // What nothing was known before of may have begun before.
        close(index);
        run = { start: index, end: index, value: first, before: before === null };
      }
    } else if (isOneChange(columns, offset, before)) {
      close(index);
      run = { start: index, end: index, value: last, before: false };
    } else {
      // Columns of this kind that touch are one.
      const touching: Run | undefined = before && before.start === index ? found.at(-1) : undefined;
      if (touching && touching.value === null && touching.end === index) {
        touching.end = index + 1;
      } else {
        close(index);
        if (index + 1 > from) {
          found.push({ start: index, end: index + 1, value: null, before: false });
        }
      }
      run = { start: index + 1, end: index + 1, value: last, before: false };
    }
    known = index;
  }
  // A state that was seen holds at least for the column it was seen in.
  const holds = Math.max(until, known + 1);
  close(gapBetween(known, holds) ?? holds);
  return found;
}

const changes = (data: Float64Array, offset: number): boolean =>
  data[offset + MIN] !== data[offset + MAX];

/**
 * Whether a column in which something changed can be shown as one change. It says what was first and
 * last in it, and not how often it went to and fro between; beside others like it, it certainly did.
 */
function isOneChange({ data, end, start }: Columns, offset: number, before: Run | null): boolean {
  const index = data[offset + INDEX] as number;
  const first = data[offset + FIRST] as number;
  const last = data[offset + LAST] as number;
  const min = data[offset + MIN] as number;
  const max = data[offset + MAX] as number;
  if (first === last || Math.min(first, last) !== min || Math.max(first, last) !== max)
    return false;
  if (before && before.value !== first) return false;
  const isBeside = (other: number, at: number) =>
    other >= start && other < end && data[other + INDEX] === at && changes(data, other);
  return !isBeside(offset - FIELDS, index - 1) && !isBeside(offset + FIELDS, index + 1);
}
