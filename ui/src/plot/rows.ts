// A plot that has a row for each trace: where the rows are, and what they are called.

import type { Lane } from './key-cursor';
import type { Label } from './labels';
import type { Place } from './painter';

const NAME_HEIGHT_PX = 14;

export interface Rows {
  count: number;
  top: number;
  /** From a row's top to that of the next. */
  pitch: number;
}

export function rowsOf(count: number, { top, height }: Pick<Place, 'top' | 'height'>): Rows {
  return { count, top, pitch: height / Math.max(1, count) };
}

/** Where a row begins, and how high it is, in whole pixels: rows touch, and never overlap. */
export function rowAt({ top, pitch }: Rows, n: number): { top: number; height: number } {
  const at = Math.round(top + n * pitch);
  return { top: at, height: Math.round(top + (n + 1) * pitch) - at };
}

/** The row at so many pixels from the top, or the one that is nearest. */
export function rowOf({ count, top, pitch }: Rows, y: number): number {
  return Math.max(0, Math.min(count - 1, Math.floor((y - top) / pitch)));
}

/** What a cursor goes along by keys. */
export const rowLanes = (rows: Rows): Lane[] =>
  Array.from({ length: rows.count }, (_, trace) => {
    const { top, height } = rowAt(rows, trace);
    return { trace, y: top + height / 2 };
  });

/** The names of those rows that have room for them; of rows that are too thin, of every so many. */
export function rowNames(rows: Rows, names: readonly string[], ratio: number): Label[] {
  const every = Math.max(1, Math.ceil((NAME_HEIGHT_PX * ratio) / rows.pitch));
  return names.flatMap((text, n) =>
    n % every === 0 ? [{ at: rows.top + (n + 0.5) * rows.pitch, text }] : [],
  );
}
