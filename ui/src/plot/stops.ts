// Where a cursor stops that is moved by keys: at each sample, and once in each gap between them. No
// canvas here.

import type { Gap } from '../generated/Gap';
import { type Columns, FIELDS, INDEX } from '../live/columns';

export type Direction = 1 | -1;

/** What there is to stop at. */
export interface Stops {
  fromMs: number;
  toMs: number;
  /** A gap that lasts ends here. */
  nowMs: number;
  columns: Columns | undefined;
  columnMs: number;
  /** Those of the series that one goes along. */
  gaps: readonly Gap[];
}

// Moments as far from each other as this, in columns, are one.
const SAME = 0.01;

const nearer = (a: number | null, b: number | null, direction: Direction): number | null =>
  a === null ? b : b === null ? a : direction > 0 ? Math.min(a, b) : Math.max(a, b);

/** The next stop after a moment; `null` if there is none in what is shown. */
export function nextStop(stops: Stops, ms: number, direction: Direction): number | null {
  return nearer(nextColumn(stops, ms, direction), nextGap(stops, ms, direction), direction);
}

/** The first stop of all that is shown, or the last. */
export function endStop(stops: Stops, direction: Direction): number | null {
  const { fromMs, toMs } = stops;
  const wide = toMs - fromMs;
  return direction > 0 ? nextStop(stops, toMs + wide, -1) : nextStop(stops, fromMs - wide, 1);
}

/** The middle of a column; of one that is seen in part, the middle of that part. */
function nextColumn(stops: Stops, ms: number, direction: Direction): number | null {
  const { columns, columnMs, fromMs, toMs } = stops;
  if (!columns) return null;
  const last = columns.end - FIELDS;
  const first = Math.max(Math.floor(fromMs / columnMs), Math.floor(ms / columnMs) - 1);
  let offset =
    direction > 0
      ? columns.offsetAt(first)
      : Math.min(last, columns.offsetAt(Math.floor(Math.min(ms, toMs) / columnMs) + 1));
  for (; offset >= columns.start && offset <= last; offset += direction * FIELDS) {
    const index = columns.data[offset + INDEX] as number;
    const from = Math.max(index * columnMs, fromMs);
    const to = Math.min((index + 1) * columnMs, toMs);
    if (direction > 0 ? index * columnMs >= toMs : (index + 1) * columnMs <= fromMs) return null;
    const middle = (from + to) / 2;
    if (to > from && (middle - ms) * direction > columnMs * SAME) return middle;
  }
  return null;
}

/** The middle of what is seen of a gap, unless one is in it. */
function nextGap(stops: Stops, ms: number, direction: Direction): number | null {
  const { columnMs, fromMs, gaps, nowMs, toMs } = stops;
  let found: number | null = null;
  for (const gap of gaps) {
    const from = Math.max(gap.start_ms, fromMs);
    const to = Math.min(gap.end_ms ?? nowMs, toMs);
    if (to < from || (ms >= from && ms <= to)) continue;
    const middle = (from + to) / 2;
    if ((middle - ms) * direction > columnMs * SAME) found = nearer(found, middle, direction);
  }
  return found;
}
