// Two moments, A and B, and what lies between them.

import * as host from '$host';
import type { Gap } from '../generated/Gap';
import type { Statistics } from '../generated/Statistics';
import type { Trace } from '../generated/Trace';
import { OneAtATime } from '../lib/one-at-a-time';
import { type Column, FIRST, INDEX, LAST } from '../live/columns';
import type { Drawing } from '../live/drawing';

// While they are dragged, what lies between is asked for no more often than this.
const ASK_MS = 200;

/** What is measured of one trace. */
export interface Measured {
  panel: string;
  trace: Trace;
  a: number | null;
  b: number | null;
  between: Statistics | null;
}

export class Measure {
  on = $state(false);
  a = $state(0);
  b = $state(0);
  rows: readonly Measured[] = $state.raw([]);
  private readonly asker = new OneAtATime(() => this.ask());
  /** Told when what is measured between has been changed here. */
  onChange: () => void = () => {};

  constructor(
    private readonly drawing: Drawing,
    private readonly onTrouble: (trouble: unknown) => void,
  ) {
    drawing.time.onChange(() => {
      if (this.on) this.asker.ask();
    });
  }

  /** Begins in the middle of what is shown, which stands still from then on; or ends. */
  toggle(): void {
    if (this.on) {
      this.on = false;
      this.rows = [];
      this.mark();
      this.onChange();
      return;
    }
    const { time } = this.drawing;
    time.pause();
    const { fromMs, toMs } = time.range(1, 1);
    this.on = true;
    this.set(fromMs + (toMs - fromMs) / 3, fromMs + ((toMs - fromMs) * 2) / 3);
  }

  set(a: number, b: number): void {
    this.a = a;
    this.b = b;
    this.mark();
    this.asker.ask();
    this.onChange();
  }

  /** Puts one of them where the pointer is. */
  put(which: 'a' | 'b', ms: number): void {
    if (!this.on) this.toggle();
    if (which === 'a') this.set(ms, this.b);
    else this.set(this.a, ms);
  }

  /** The two moments, while it is measured. */
  get between(): [number, number] | null {
    return this.on ? [this.a, this.b] : null;
  }

  /** Measures between what another window does. */
  adopt(between: readonly [number, number] | null): void {
    this.on = between !== null;
    if (between) [this.a, this.b] = between;
    else this.rows = [];
    this.mark();
    this.asker.ask();
  }

  private mark(): void {
    const flag = (kind: 'a' | 'b', ms: number) => ({
      id: `measure-${kind}`,
      ms,
      kind,
      text: kind.toUpperCase(),
      move: (to: number) => this.put(kind, to),
    });
    this.drawing.moments.set('measure', this.on ? [flag('a', this.a), flag('b', this.b)] : []);
  }

  private async ask(): Promise<void> {
    if (!this.on) return;
    const [fromMs, toMs] = [Math.min(this.a, this.b), Math.max(this.a, this.b)];
    const { axis } = this.drawing.time;
    try {
      const rows = await Promise.all(
        [...this.drawing.panels.values()].map(async ({ id, source }) => {
          const { traces } = source;
          if (traces.length === 0 || !source.isKept) return [];
          const span = { traces: [...traces], axis, from_ms: fromMs, to_ms: toMs };
          const between = await host.statistics(span);
          const shown = { ...source.time.range(1, 1), nowMs: source.time.nowMs() };
          return traces.map((trace, n) => ({
            panel: id,
            trace,
            a: valueAt(source.columns, n, trace, this.a, shown),
            b: valueAt(source.columns, n, trace, this.b, shown),
            between: between[n] ?? null,
          }));
        }),
      );
      if (this.on) this.rows = rows.flat();
    } catch (trouble) {
      this.onTrouble(trouble);
    }
    await new Promise((resolve) => setTimeout(resolve, ASK_MS));
  }
}

interface Found {
  columnMs: number;
  traces: readonly {
    readonly length: number;
    at(position: number): Column;
    last(index: number): Column | null;
  }[];
  gaps: readonly Pick<Gap, 'feed' | 'channel' | 'start_ms' | 'end_ms'>[];
}

/** What a panel shows, of which there are columns, and a little more. */
interface Shown {
  fromMs: number;
  toMs: number;
  nowMs: number;
}

// As much as is asked for beyond either edge.
const BEYOND = 0.25;
// So many times as long as samples are apart without another one, and the series has ended.
const ENDED = 10;

/** What a trace was at a moment: the last value until then, unless there is none. */
export function valueAt(
  { columnMs, gaps, traces }: Found,
  n: number,
  of: Pick<Trace, 'feed' | 'channel'>,
  ms: number,
  { fromMs, toMs, nowMs }: Shown,
): number | null {
  const beyond = (toMs - fromMs) * BEYOND;
  if (ms < fromMs - beyond || ms > toMs + beyond || ms > nowMs) return null;
  const isIn = (gap: Found['gaps'][number]) =>
    gap.feed === of.feed &&
    (gap.channel === null || gap.channel === of.channel) &&
    gap.start_ms < ms &&
    ms < (gap.end_ms ?? Number.POSITIVE_INFINITY);
  if (gaps.some(isIn)) return null;
  const index = Math.floor(ms / columnMs);
  const columns = traces[n];
  const column = columns?.last(index);
  if (!columns || !column) return null;
  if (column[INDEX] === index) return column[FIRST];
  return hasEnded(columns, index) ? null : column[LAST];
}

/** Whether nothing came any more for far longer than it took before. */
function hasEnded(columns: Found['traces'][number], index: number): boolean {
  const { length } = columns;
  if (length < 2) return false;
  const [first, last] = [columns.at(0)[INDEX], columns.at(length - 1)[INDEX]];
  return index > last && index - last > ENDED * Math.max(1, (last - first) / (length - 1));
}
