// What of a trace is shown, out of its columns: its value at the end, and what it came from.

import type { Gap } from '../generated/Gap';
import { COUNT, type Columns, FIELDS, FIRST, INDEX, LAST, MAX, MIN } from '../live/columns';

export interface Seen {
  /** The value at the end of what is shown; `null` if there is none. */
  value: number | null;
  /** Of what is shown. */
  first: number | null;
  min: number | null;
  max: number | null;
  count: number;
  /** Whether all that is shown are whole numbers. */
  whole: boolean;
}

/** `latest` where time is followed: what is newer than any column is known from it. */
export function seen(
  columns: Columns | undefined,
  columnMs: number,
  fromMs: number,
  toMs: number,
  latest: number | null | undefined,
): Seen {
  const found: Seen = { value: null, first: null, min: null, max: null, count: 0, whole: true };
  if (columns) {
    const { data, start, end } = columns;
    const to = toMs / columnMs;
    let offset = columns.offsetAt(Math.floor(fromMs / columnMs + 1e-6));
    // What was before stands until there is something else.
    if (offset > start) found.value = data[offset - FIELDS + LAST] as number;
    let min = Number.POSITIVE_INFINITY;
    let max = Number.NEGATIVE_INFINITY;
    for (; offset < end && (data[offset + INDEX] as number) < to; offset += FIELDS) {
      const first = data[offset + FIRST] as number;
      const last = data[offset + LAST] as number;
      const least = data[offset + MIN] as number;
      const greatest = data[offset + MAX] as number;
      found.first ??= first;
      found.value = last;
      found.count += data[offset + COUNT] as number;
      if (least < min) min = least;
      if (greatest > max) max = greatest;
      found.whole &&=
        Number.isInteger(first) &&
        Number.isInteger(last) &&
        Number.isInteger(least) &&
        Number.isInteger(greatest);
    }
    if (min <= max) {
      found.min = min;
      found.max = max;
    }
  }
  if (latest !== undefined) {
    found.value = latest;
    found.whole &&= latest === null || Number.isInteger(latest);
  }
  return found;
}

export interface Trend {
  difference: number;
  /** Of where it began; `null` where that is nothing to be a part of. */
  percent: number | null;
}

/** What became of the value over what is shown. */
export function trend({ first, value }: Seen): Trend | null {
  if (first === null || value === null || !Number.isFinite(value - first)) return null;
  const difference = value - first;
  return { difference, percent: first === 0 ? null : (difference / Math.abs(first)) * 100 };
}

/** The gap that a trace is in at a moment, if it is in one. */
export function gapAt(
  gaps: readonly Gap[],
  { feed, channel }: { feed: string; channel: string },
  ms: number,
): Gap | null {
  const own = gaps.filter(
    (gap) =>
      gap.feed === feed &&
      (gap.channel === null || gap.channel === channel) &&
      gap.start_ms <= ms &&
      (gap.end_ms === null || gap.end_ms > ms),
  );
  return own[0] ?? null;
}

// Less than this is no silence: few feeds send so often that a person would wait for it.
const OLD_MS_MIN = 3000;
// So many times as long as it usually takes is long.
const OLD_TIMES = 5;

/** Whether a trace has been silent for longer than it is used to. */
export function isOld(ageMs: number, count: number, spanMs: number): boolean {
  if (count === 0) return true;
  return ageMs > Math.max(OLD_MS_MIN, (OLD_TIMES * spanMs) / count);
}
