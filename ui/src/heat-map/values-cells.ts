// What a heat map by values is drawn from: for each column of time, how many values are in each bin.
// Kept while columns stay, and asked for anew where their number of samples says that they did not.

import type { HeatFacts } from '../generated/HeatFacts';
import { BrokenAnswer, COUNT, type Columns, FIELDS } from '../live/columns';

/** One column of time. */
export interface Cells {
  /** Samples that are in it, and how many of them were counted. */
  total: number;
  counted: number;
  counts: Uint32Array;
  /** What the bins cover. */
  least: number;
  greatest: number;
}

export interface Answer {
  facts: HeatFacts;
  columnMs: number;
  columns: Map<number, Cells>;
}

// More than is ever asked for; what comes beyond is a mistake, and must not eat the memory.
const COLUMNS_MAX = 4_096;
const BINS_MAX = 1_024;
const HEAD = 3;

/** Reads the bytes that `heat` answers with. */
export function decode(bytes: ArrayBuffer): Answer {
  const whole = new DataView(bytes);
  if (bytes.byteLength < 4) throw new BrokenAnswer('no header');
  const jsonLength = whole.getUint32(0, true);
  const start = Math.ceil((4 + jsonLength) / 8) * 8;
  if (start + 16 > bytes.byteLength) throw new BrokenAnswer('the header is cut short');
  const facts = JSON.parse(
    new TextDecoder().decode(new Uint8Array(bytes, 4, jsonLength)),
  ) as HeatFacts;
  const { bins, least, greatest } = facts;
  const columnMs = whole.getFloat64(start, true);
  const length = whole.getFloat64(start + 8, true);
  if (!(length >= 0 && length <= COLUMNS_MAX)) throw new BrokenAnswer(`${length} columns`);
  if (!(bins >= 1 && bins <= BINS_MAX)) throw new BrokenAnswer(`${bins} bins`);
  if (!(columnMs > 0)) throw new BrokenAnswer(`columns of ${columnMs} ms`);
  const heads = start + 16;
  const cells = heads + length * HEAD * 8;
  if (cells + length * bins * 4 > bytes.byteLength) throw new BrokenAnswer('it is cut short');
  const columns = new Map<number, Cells>();
  for (let n = 0; n < length; n += 1) {
    const head = heads + n * HEAD * 8;
    const counts = new Uint32Array(bins);
    for (let bin = 0; bin < bins; bin += 1) {
      counts[bin] = whole.getUint32(cells + (n * bins + bin) * 4, true);
    }
    columns.set(whole.getFloat64(head, true), {
      total: whole.getFloat64(head + 8, true),
      counted: whole.getFloat64(head + 16, true),
      counts,
      least,
      greatest,
    });
  }
  return { facts, columnMs, columns };
}

/** How many values are in a bin, about, where not all of its column were counted. */
export const cellCount = ({ total, counted, counts }: Cells, bin: number): number =>
  counted === 0 ? 0 : ((counts[bin] ?? 0) * total) / counted;

/** All the cells there are, by column. */
export class Heat {
  readonly columns = new Map<number, Cells>();
  columnMs = 0;
  /** Of how many bins they are, and of what range. */
  private shape = '';

  /** Says how long columns are, and what bins there are to be. What is otherwise is asked for anew. */
  setShape(columnMs: number, bins: number, least: number, greatest: number): void {
    if (columnMs !== this.columnMs) {
      // Nothing of it can be drawn any more.
      this.columnMs = columnMs;
      this.columns.clear();
    }
    this.shape = `${bins} ${least} ${greatest}`;
  }

  /**
   * The first and the last column, from one to before another, that is not known as it is now;
   * `null` if all are.
   */
  missing(columns: Columns, from: number, to: number): { from: number; to: number } | null {
    let first: number | null = null;
    let last = 0;
    const { data, end } = columns;
    for (let offset = columns.offsetAt(from); offset < end; offset += FIELDS) {
      const index = data[offset] as number;
      if (index >= to) break;
      const known = this.columns.get(index);
      if (known && known.total === data[offset + COUNT] && this.fits(known)) continue;
      first ??= index;
      last = index;
    }
    return first === null ? null : { from: first, to: last + 1 };
  }

  private fits({ counts, least, greatest }: Cells): boolean {
    return `${counts.length} ${least} ${greatest}` === this.shape;
  }

  /** Takes an answer; says which column is the first that is another now. */
  take(answer: Answer): number {
    let first = Number.POSITIVE_INFINITY;
    // Of other columns than are drawn now.
    if (Math.abs(answer.columnMs - this.columnMs) > 1e-6) return first;
    for (const [index, cells] of answer.columns) {
      this.columns.set(index, cells);
      first = Math.min(first, index);
    }
    return first;
  }

  /** Forgets what is before one column, and from another on. */
  keep(from: number, to: number): void {
    for (const index of this.columns.keys()) {
      if (index < from || index >= to) this.columns.delete(index);
    }
  }

  /** The most values in a cell of the columns from one to before another. */
  most(from: number, to: number): number {
    let most = 0;
    for (const [index, cells] of this.columns) {
      if (index < from || index >= to) continue;
      for (let bin = 0; bin < cells.counts.length; bin += 1) {
        most = Math.max(most, cellCount(cells, bin));
      }
    }
    return most;
  }

  /** Of how many samples of how many the columns from one to before another are. */
  amount(from: number, to: number): { counted: number; total: number } {
    let [counted, total] = [0, 0];
    for (const [index, cells] of this.columns) {
      if (index < from || index >= to) continue;
      counted += cells.counted;
      total += cells.total;
    }
    return { counted, total };
  }
}

/** What the strongest colour stands for: round, grown at once, and left late for less. */
export function roundMost(most: number, before: number): number {
  if (!(most > 0)) return before > 0 ? before : 1;
  const power = 10 ** Math.floor(Math.log10(most));
  const nice = [1, 2, 5, 10].map((n) => n * power).find((n) => n >= most * (1 - 1e-9)) ?? most;
  const wanted = Math.max(1, nice);
  return wanted > before || wanted < before * 0.45 ? wanted : before;
}

/** How strong the colour of a cell is, 0 to 1: by the root, so that few are seen beside many. */
export const strength = (n: number, most: number): number =>
  n > 0 ? Math.min(1, Math.sqrt(n / most)) : 0;

/** A round number about halfway up the colours; `null` where there is no room for one. */
export function middleOf(most: number): number | null {
  if (most < 4) return null;
  const power = 10 ** Math.floor(Math.log10(most / 4));
  return ([5, 2, 1].find((n) => n * power <= most / 4) ?? 1) * power;
}
