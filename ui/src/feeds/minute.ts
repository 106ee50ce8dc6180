// What the columns of a field's last minute come to.

import { COUNT, type Columns, FIELDS, INDEX, MAX, MIN } from '../live/columns';
import { isOld } from '../tile/seen';

export const MINUTE_MS = 60_000;
/** How long a column of the small lines is. */
export const COLUMN_MS = 1000;

/** The least and the greatest of what is there; `null` of nothing. */
export function extentOf(columns: Columns | undefined): [number, number] | null {
  if (!columns) return null;
  const { data, start, end } = columns;
  let least = Number.POSITIVE_INFINITY;
  let greatest = Number.NEGATIVE_INFINITY;
  for (let offset = start; offset < end; offset += FIELDS) {
    least = Math.min(least, data[offset + MIN] as number);
    greatest = Math.max(greatest, data[offset + MAX] as number);
  }
  return least <= greatest ? [least, greatest] : null;
}

/** Whether a field has been silent for longer than it is used to, within the minute that is kept. */
export function isSilent(columns: Columns | undefined, toMs: number, columnMs: number): boolean {
  if (!columns) return false;
  const { data, start, end } = columns;
  if (end === start) return true;
  let count = 0;
  for (let offset = start; offset < end; offset += FIELDS) count += data[offset + COUNT] as number;
  const lastMs = ((data[end - FIELDS + INDEX] as number) + 1) * columnMs;
  return isOld(Math.max(0, toMs - lastMs), count, MINUTE_MS);
}
