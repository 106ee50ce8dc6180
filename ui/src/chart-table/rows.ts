// What a chart draws, as rows of a table: the last first, and what is missing between them in its
// place. No page here.

import type { Gap } from '../generated/Gap';
import { type Columns, FIELDS, INDEX } from '../live/columns';

/** By which the table of a panel is found. */
export const tableId = (panel: string): string => `chart-table-${panel}`;

export interface ChartRow {
  key: string;
  head: string;
  cells: readonly string[];
  /** Nothing came here, and why. */
  gap?: { cause: Gap['cause']; text: string };
}

/** Rows that are made when they are looked at. */
export interface ChartRows {
  /** What is in the first column, and in each of the others. */
  head: string;
  heads: readonly string[];
  count: number;
  at(n: number): ChartRow;
}

/** A column of the chart, or a gap in it. */
export interface Entry {
  ms: number;
  gap: Gap | null;
}

/** All that is in a view of columns, the last first. */
export function entries(
  traces: readonly (Columns | undefined)[],
  columnMs: number,
  { fromMs, toMs }: { fromMs: number; toMs: number },
  gaps: readonly Gap[],
): Entry[] {
  const seen = new Set<number>();
  for (const columns of traces) {
    if (!columns) continue;
    let offset = columns.offsetAt(Math.floor(fromMs / columnMs));
    for (; offset < columns.end; offset += FIELDS) {
      const index = columns.data[offset + INDEX] as number;
      if (index * columnMs >= toMs) break;
      seen.add(index);
    }
  }
  const found: Entry[] = [...seen].map((index) => ({ ms: index * columnMs, gap: null }));
  for (const gap of gaps) {
    if (gap.start_ms < toMs && (gap.end_ms ?? toMs) >= fromMs) {
      found.push({ ms: gap.start_ms, gap });
    }
  }
  return found.sort((a, b) => b.ms - a.ms);
}

/** The same rows, which stay as they are now. */
export function kept(rows: ChartRows): ChartRows {
  const all = Array.from({ length: rows.count }, (_, n) => rows.at(n));
  const none: ChartRow = { key: '', head: '', cells: [] };
  return { ...rows, at: (n) => all[n] ?? none };
}
