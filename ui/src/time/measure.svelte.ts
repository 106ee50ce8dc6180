// Two moments, A and B, and what lies between them.

import * as host from '$host';
import type { Statistics } from '../generated/Statistics';
import type { Trace } from '../generated/Trace';
import { OneAtATime } from '../lib/one-at-a-time';
import { type Column, FIRST, LAST } from '../live/columns';
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
          return traces.map((trace, n) => ({
            panel: id,
            trace,
            a: valueAt(source.columns, n, this.a),
            b: valueAt(source.columns, n, this.b),
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
  traces: readonly { last(index: number): Column | null }[];
}

/** What a trace was at a moment: the last value until then, unless a gap lies between. */
export function valueAt(columns: Found, trace: number, ms: number): number | null {
  const index = Math.floor(ms / columns.columnMs);
  const column = columns.traces[trace]?.last(index);
  if (!column) return null;
  return column[0] === index ? column[FIRST] : column[LAST];
}
