// The columns of a panel's traces: how an answer's bytes become columns, and how updates change
// them. Plain memory that nothing reactive watches; knows nothing of drawing.

import type { Facts } from '../generated/Facts';
import type { Gap } from '../generated/Gap';
import type { LateSpan } from '../generated/LateSpan';
import type { PanelUpdate } from '../generated/PanelUpdate';

/** Index, count, first, min, max, last, and 1 if a gap parts it from the column before. */
export type Column = [number, number, number, number, number, number, number];

export const INDEX = 0;
export const COUNT = 1;
export const FIRST = 2;
export const MIN = 3;
export const MAX = 4;
export const LAST = 5;
export const GAP = 6;
export const FIELDS = 7;

// More than any screen is wide; what comes beyond is a mistake, and must not eat the memory.
const COLUMNS_MAX = 16_384;
const TRACES_MAX = 256;

/** The columns of one trace, ascending by index, in one flat buffer. */
export class Columns {
  data = new Float64Array(512 * FIELDS);
  /** The first column that counts, and the one after the last, as offsets into `data`. */
  start = 0;
  end = 0;
  /** The last column that was forgotten as too old, if any was, and the value at its end. */
  droppedIndex = Number.NEGATIVE_INFINITY;
  droppedLast = Number.NaN;

  get length(): number {
    return (this.end - this.start) / FIELDS;
  }

  at(position: number): Column {
    const offset = this.start + position * FIELDS;
    return Array.from(this.data.subarray(offset, offset + FIELDS)) as Column;
  }

  clear(): void {
    this.start = 0;
    this.end = 0;
  }

  push(column: ArrayLike<number>): void {
    if (this.end + FIELDS > this.data.length) this.makeRoom();
    for (let field = 0; field < FIELDS; field += 1) {
      this.data[this.end + field] = column[field] as number;
    }
    this.end += FIELDS;
  }

  /**
   * Puts other columns in the place of those from `index` on. Answers with the first column that
   * looks different now, the one that a line leads to it from included; infinity if none does.
   */
  replaceFrom(index: number, list: readonly ArrayLike<number>[]): number {
    let offset = this.offsetAt(index);
    let same = 0;
    while (same < list.length && offset < this.end && this.holds(offset, list[same])) {
      offset += FIELDS;
      same += 1;
    }
    if (same === list.length && offset === this.end) return Number.POSITIVE_INFINITY;
    const changed = Math.min(
      offset < this.end ? (this.data[offset] as number) : Number.POSITIVE_INFINITY,
      list[same]?.[INDEX] ?? Number.POSITIVE_INFINITY,
    );
    const before = offset > this.start ? (this.data[offset - FIELDS] as number) : changed;
    this.end = offset;
    for (; same < list.length; same += 1) this.push(list[same] as ArrayLike<number>);
    return before;
  }

  private holds(offset: number, column: ArrayLike<number> | undefined): boolean {
    for (let field = 0; field < FIELDS; field += 1) {
      if (this.data[offset + field] !== column?.[field]) return false;
    }
    return true;
  }

  /** Forgets the columns before `index`. */
  dropBefore(index: number): void {
    const before = this.start;
    while (this.start < this.end && (this.data[this.start] as number) < index) {
      this.start += FIELDS;
    }
    if (this.start === before) return;
    const last = this.start - FIELDS;
    this.droppedIndex = this.data[last] as number;
    this.droppedLast = this.data[last + LAST] as number;
  }

  /** The offset into `data` of the first column at `index` or after it; `end` if there is none. */
  offsetAt(index: number): number {
    let low = this.start / FIELDS;
    let high = this.end / FIELDS;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.data[middle * FIELDS] as number) < index) low = middle + 1;
      else high = middle;
    }
    return low * FIELDS;
  }

  /** The column nearest to `index`, if one is less than `within` away: at least in it, or beside it. */
  near(index: number, within: number): Column | null {
    const at = Math.floor(index);
    const after = (this.offsetAt(at) - this.start) / FIELDS;
    let best: Column | null = null;
    let distance = Math.max(1, within);
    for (const position of [after - 1, after]) {
      if (position < 0 || position >= this.length) continue;
      const column = this.at(position);
      const away = Math.abs(column[INDEX] - at);
      if (away < distance) {
        distance = away;
        best = column;
      }
    }
    return best;
  }

  /** The last column until `index`, included, if no gap follows on it before that. */
  last(index: number): Column | null {
    const after = this.offsetAt(index + 1);
    if (after === this.start) return null;
    const column = this.at((after - this.start) / FIELDS - 1);
    // Of a gap that is not over, nothing is known here; the one after it says that there was one.
    const parted = column[INDEX] < index && after < this.end && this.data[after + GAP] === 1;
    return parted ? null : column;
  }

  private makeRoom(): void {
    this.start = Math.max(this.start, this.end - (COLUMNS_MAX - 1) * FIELDS);
    const used = this.end - this.start;
    // Moving down at half full makes room at a constant cost a column.
    const room = used * 2 > this.data.length ? new Float64Array(this.data.length * 2) : this.data;
    if (room === this.data) room.copyWithin(0, this.start, this.end);
    else room.set(this.data.subarray(this.start, this.end));
    this.data = room;
    this.start = 0;
    this.end = used;
  }
}

/** What `watch` and `view` answer with, decoded. */
export interface Answer {
  facts: Facts;
  columnMs: number;
  from: number;
  /** Exclusive. */
  to: number;
  traces: Columns[];
}

export class BrokenAnswer extends Error {
  constructor(what: string) {
    super(`The application answered with bytes that cannot be read: ${what}.`);
  }
}

/** Reads the bytes that `watch` and `view` answer with. */
export function decode(bytes: ArrayBuffer): Answer {
  const whole = new DataView(bytes);
  if (bytes.byteLength < 4) throw new BrokenAnswer('no header');
  const jsonLength = whole.getUint32(0, true);
  let offset = Math.ceil((4 + jsonLength) / 8) * 8;
  if (offset + 32 > bytes.byteLength) throw new BrokenAnswer('the header is cut short');
  const facts = JSON.parse(new TextDecoder().decode(new Uint8Array(bytes, 4, jsonLength))) as Facts;
  const next = (): number => {
    if (offset + 8 > bytes.byteLength) throw new BrokenAnswer('it is cut short');
    const number = whole.getFloat64(offset, true);
    offset += 8;
    return number;
  };
  const columnMs = next();
  const from = next();
  const to = next();
  const traceCount = next();
  if (!(columnMs > 0)) throw new BrokenAnswer(`columns of ${columnMs} ms`);
  if (!(traceCount >= 0 && traceCount <= TRACES_MAX))
    throw new BrokenAnswer(`${traceCount} traces`);
  const traces: Columns[] = [];
  for (let trace = 0; trace < traceCount; trace += 1) {
    const length = next();
    if (!(length >= 0 && length <= COLUMNS_MAX)) throw new BrokenAnswer(`${length} columns`);
    if (offset + length * FIELDS * 8 > bytes.byteLength) throw new BrokenAnswer('it is cut short');
    const columns = new Columns();
    columns.data = new Float64Array(Math.max(512, Math.ceil(length * 1.5)) * FIELDS);
    // As they lie there: whatever a webview runs on today is little endian, too.
    columns.data.set(new Float64Array(bytes, offset, length * FIELDS));
    offset += length * FIELDS * 8;
    columns.end = length * FIELDS;
    traces.push(columns);
  }
  return { facts, columnMs, from, to, traces };
}

/** All the columns of a panel, kept up to date. */
export class PanelColumns {
  columnMs = 1000;
  traces: Columns[] = [];
  latest: (number | null)[] = [];
  gaps: Gap[] = [];
  late: LateSpan[] = [];
  /** Where what is kept of each trace begins, if there was more. */
  begins: (number | null)[] = [];
  /** Changes when gaps or beginnings do. */
  gapsVersion = 0;
  private changedFrom = Number.NEGATIVE_INFINITY;

  /** The first column that looks different since this was last asked; infinity if none does. */
  takeChanged(): number {
    const changed = this.changedFrom;
    this.changedFrom = Number.POSITIVE_INFINITY;
    return changed;
  }

  /** The columns from `index` on look different, for what is drawn with them. */
  touch(index: number): void {
    this.changedFrom = Math.min(this.changedFrom, index);
  }

  replace(answer: Answer): void {
    this.columnMs = answer.columnMs;
    this.traces = answer.traces;
    this.latest = answer.facts.latest;
    this.gaps = answer.facts.gaps;
    this.late = answer.facts.late;
    this.begins = answer.facts.begins_ms;
    this.gapsVersion += 1;
    this.changedFrom = Number.NEGATIVE_INFINITY;
  }

  /** Takes in an update; `false` if it does not tell all, or is about other columns than these. */
  apply(update: PanelUpdate): boolean {
    if (update.behind) return false;
    if (update.column_ms !== this.columnMs || update.traces.length !== this.traces.length) {
      return false;
    }
    for (let trace = 0; trace < this.traces.length; trace += 1) {
      const columns = this.traces[trace] as Columns;
      const changed = columns.replaceFrom(update.from, update.traces[trace] as Column[]);
      if (changed < this.changedFrom) this.changedFrom = changed;
    }
    this.latest = update.latest;
    if (update.gaps) this.replaceGaps(update.gaps);
    if (update.late) this.replaceLate(update.late);
    if (update.begins_ms) {
      this.begins = update.begins_ms;
      this.changedFrom = Number.NEGATIVE_INFINITY;
    }
    return true;
  }

  private replaceLate(late: LateSpan[]): void {
    const begin = (of: readonly LateSpan[]) =>
      of.reduce(
        (first, { start_ms, came_from_ms }) => Math.min(first, start_ms, came_from_ms),
        Number.POSITIVE_INFINITY,
      );
    const first = Math.min(begin(late), begin(this.late));
    this.late = late;
    this.gapsVersion += 1;
    this.touch(Math.floor(first / this.columnMs) - 1);
  }

  private replaceGaps(gaps: Gap[]): void {
    const before = this.gaps;
    this.gaps = gaps;
    this.gapsVersion += 1;
    // Both are by start. Those that have left the view are no change that can be seen.
    const first = gaps[0]?.start_ms ?? Number.POSITIVE_INFINITY;
    let old = 0;
    while (old < before.length && (before[old] as Gap).start_ms < first) old += 1;
    const left = before.slice(0, old).some((gap) => gap.end_ms === null || gap.end_ms >= first);
    let n = 0;
    while (!left && n < gaps.length && looksSame(gaps[n], before[old + n])) n += 1;
    if (!left && n === gaps.length && old + n >= before.length) return;
    const start = Math.min(
      left ? ((before[0] as Gap).start_ms ?? 0) : Number.POSITIVE_INFINITY,
      gaps[n]?.start_ms ?? Number.POSITIVE_INFINITY,
      before[old + n]?.start_ms ?? Number.POSITIVE_INFINITY,
    );
    this.changedFrom = Math.min(this.changedFrom, Math.floor(start / this.columnMs));
  }

  dropBefore(index: number): void {
    for (const columns of this.traces) columns.dropBefore(index);
  }

  /** Least and greatest value from one moment to another; `null` where there is nothing. */
  extent(
    fromMs: number,
    toMs: number,
    hidden: ReadonlySet<number>,
    /** Only of what is above zero. */
    positive = false,
  ): [number, number] | null {
    let least = Number.POSITIVE_INFINITY;
    let greatest = Number.NEGATIVE_INFINITY;
    const toIndex = toMs / this.columnMs;
    for (let trace = 0; trace < this.traces.length; trace += 1) {
      if (hidden.has(trace)) continue;
      const { data, end } = this.traces[trace] as Columns;
      let offset = (this.traces[trace] as Columns).offsetAt(Math.floor(fromMs / this.columnMs));
      for (; offset < end && (data[offset] as number) < toIndex; offset += FIELDS) {
        const min = data[offset + MIN] as number;
        const max = data[offset + MAX] as number;
        if (min < least && (!positive || min > 0)) least = min;
        // What is above zero in a column that goes below it is not known better.
        if (positive && min <= 0 && max > 0 && max < least) least = max;
        if (max > greatest) greatest = max;
      }
    }
    return least <= greatest ? [least, greatest] : null;
  }
}

function looksSame(a: Gap | undefined, b: Gap | undefined): boolean {
  return a?.start_ms === b?.start_ms && a?.end_ms === b?.end_ms && a?.cause === b?.cause;
}
