// Which candles a gap has a part in: these are not all that there was.

import type { Gap } from '../generated/Gap';

/** Which columns, from `first` to before `end`, gaps are in, and the cause of the last in each. */
export function touchedBy(
  gaps: readonly Gap[],
  { columnMs, first, end, now }: { columnMs: number; first: number; end: number; now: number },
): Map<number, Gap['cause']> {
  const touched = new Map<number, Gap['cause']>();
  for (const { cause, end_ms, start_ms } of gaps) {
    const from = Math.floor(start_ms / columnMs);
    // A gap that ends where a column begins is not in it; one that has no length is somewhere.
    const to = Math.max(from, Math.ceil((end_ms ?? now) / columnMs) - 1);
    const last = Math.min(end - 1, to);
    for (let index = Math.max(first, from); index <= last; index += 1) touched.set(index, cause);
  }
  return touched;
}
