// The cells of a row: each sample is seen until the next one, and never across a gap. No canvas.

import { type Columns, FIELDS, GAP, INDEX, MAX, MIN } from '../live/columns';

export interface Cell {
  /** In columns; the end is exclusive. */
  start: number;
  end: number;
  /** The middle of the column's least and greatest value. */
  value: number;
}

// So many of the last distances between samples say how far the next one is.
const LOOKED_AT = 8;
// A series that comes more seldom than this is not made to look as if it came often.
const SPACING_MAX = 256;

/** How many columns lie between the samples at the end, at most. */
export function spacing({ data, end, start }: Columns): number {
  let most = 1;
  const first = Math.max(start, end - LOOKED_AT * FIELDS);
  for (let offset = end - FIELDS; offset > first; offset -= FIELDS) {
    if ((data[offset + GAP] as number) !== 0) continue;
    most = Math.max(most, (data[offset] as number) - (data[offset - FIELDS] as number));
  }
  return Math.min(SPACING_MAX, most);
}

/** Gives each cell that has a part between `from` and `to`, ascending. */
export function eachCell(
  columns: Columns,
  from: number,
  to: number,
  /** How long a sample is seen where none follows. */
  hold: number,
  /** Where the first gap begins from `after` on, if that is before `until`; in columns. */
  gapBetween: (after: number, until: number) => number | null,
  give: (start: number, end: number, value: number) => void,
): void {
  const { data, end, start } = columns;
  let offset = columns.offsetAt(Math.floor(from));
  if (offset > start) offset -= FIELDS;
  for (; offset < end; offset += FIELDS) {
    const index = data[offset + INDEX] as number;
    if (index > to) return;
    const next = offset + FIELDS;
    let until = index + hold;
    if (next < end) {
      const following = data[next] as number;
      if ((data[next + GAP] as number) === 0) until = following;
      else until = Math.min(following, gapBetween(index, following) ?? index + 1);
    } else until = gapBetween(index, until) ?? until;
    // What was received is seen, however soon the gap began.
    until = Math.max(until, index + 1);
    if (until <= from) continue;
    give(index, until, ((data[offset + MIN] as number) + (data[offset + MAX] as number)) / 2);
  }
}
