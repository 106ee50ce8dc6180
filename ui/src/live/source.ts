// What a panel shows of some series: asks for their columns, and keeps these up to date. While time
// is followed, the application tells what changes; a view that stands still is asked for at once.
// Plain memory that nothing reactive watches; knows nothing of drawing.

import * as host from '$host';
import { sameSeries } from '../board/trace';
import type { PanelUpdate } from '../generated/PanelUpdate';
import type { Trace } from '../generated/Trace';
import type { View } from '../generated/View';
import { OneAtATime } from '../lib/one-at-a-time';
import { decode, PanelColumns } from './columns';
import type { TimeWindow } from './time-window';

// How much is fetched beyond either edge while standing still, so that a drag shows data at once.
const MARGIN = 0.25;
// Until time reaches the right edge of a view that stands still, it is asked for again.
const REFRESH_MS = 500;
// While someone zooms or drags, so often is enough: what is there already moves at once.
const GESTURE_MS = 120;
// While a `watch` is under way, this many updates are kept for its answer: a few seconds' worth.
const PENDING_MAX = 256;

let sourcesEver = 0;

export class Source {
  readonly columns = new PanelColumns();
  /** What updates name it by: panels of two boards may have one id, and one goes as the other comes. */
  readonly watchId: string;
  traces: readonly Trace[] = [];
  /** How many columns are shown. */
  wide = 0;
  /** How long each of them is, where that is not just what the span comes to. */
  private fixedMs: number | null = null;
  private visible = true;
  private gone = false;
  private watching = false;
  private refresh = 0;
  private askedAt = Number.NEGATIVE_INFINITY;
  private later = 0;
  private pending: { number: number; update: PanelUpdate }[] | null = null;
  private readonly asker = new OneAtATime(() => this.fetch());

  constructor(
    readonly id: string,
    readonly time: TimeWindow,
    /** Told of answers. What updates bring is looked for in each frame. */
    private readonly onAnswer: () => void,
    private readonly onTrouble: (trouble: unknown) => void,
    /** Answers in place of the application's history, which has nothing of it to be watched. */
    private readonly answers: ((view: View) => Promise<ArrayBuffer>) | null = null,
  ) {
    sourcesEver += 1;
    this.watchId = `${id} ${sourcesEver}`;
  }

  /** Whether it shows what the application keeps. */
  get isKept(): boolean {
    return this.answers === null;
  }

  get columnMs(): number {
    if (this.columns.traces.length > 0) return this.columns.columnMs;
    return this.fixedMs ?? this.time.spanMs / Math.max(1, this.wide);
  }

  /** Whether columns are longer or shorter than what a pixel stands for. */
  get fixed(): boolean {
    return this.fixedMs !== null;
  }

  get range(): { fromMs: number; toMs: number } {
    const { columnMs } = this;
    // Of columns of a fixed length the first may be seen in part.
    const columns = this.fixed ? this.time.shownMs / columnMs : Math.max(1, this.wide);
    return this.time.range(columnMs, columns);
  }

  /** Says of what. `true` if it is not the same as before. */
  setTraces(traces: readonly Trace[]): boolean {
    const same =
      traces.length === this.traces.length &&
      traces.every((trace, n) => sameSeries(trace, this.traces[n] as Trace));
    if (same) return false;
    this.traces = traces;
    this.columns.traces = [];
    this.columns.latest = [];
    this.asker.ask();
    return true;
  }

  /** Says in how many columns, and how long each is if that is not what the span comes to. */
  setWide(wide: number, fixedMs: number | null = null): void {
    if (wide === this.wide && fixedMs === this.fixedMs) return;
    this.wide = wide;
    this.fixedMs = fixedMs;
    this.askInTime();
  }

  /** What cannot be seen is not asked for. */
  setVisible(visible: boolean): void {
    if (visible === this.visible) return;
    this.visible = visible;
    this.asker.ask();
  }

  timeChanged(): void {
    this.askInTime();
  }

  private askInTime(): void {
    clearTimeout(this.later);
    const wait = this.time.following ? 0 : this.askedAt + GESTURE_MS - performance.now();
    if (wait > 0) this.later = window.setTimeout(() => this.asker.ask(), wait);
    else this.asker.ask();
  }

  /** The window is seen again: what was not asked for meanwhile is. */
  returned(): void {
    if (!this.time.following) this.asker.ask();
  }

  apply(number: number, update: PanelUpdate): void {
    if (this.pending) {
      if (this.pending.length < PENDING_MAX) this.pending.push({ number, update });
      else this.asker.ask();
    }
    if (!this.watching) return;
    if (!this.columns.apply(update) && !this.pending) this.asker.ask();
  }

  destroy(): void {
    this.gone = true;
    clearTimeout(this.refresh);
    clearTimeout(this.later);
    this.asker.ask();
  }

  private async fetch(): Promise<void> {
    const { watchId, traces, wide, fixedMs } = this;
    clearTimeout(this.refresh);
    clearTimeout(this.later);
    const idle = this.gone || !this.visible || wide === 0 || traces.length === 0;
    try {
      if (idle || !this.time.following) {
        if (this.watching) {
          this.watching = false;
          await host.unwatch(watchId);
        }
        if (idle) return;
      }
      this.askedAt = performance.now();
      if (this.time.following && !this.answers) await this.watch(traces, wide, fixedMs);
      else await this.view(traces, wide, fixedMs);
    } catch (trouble) {
      this.watching = false;
      if (!this.gone) this.onTrouble(trouble);
    } finally {
      this.pending = null;
    }
  }

  private async watch(traces: readonly Trace[], wide: number, fixedMs: number | null) {
    this.watching = true;
    const pending: { number: number; update: PanelUpdate }[] = [];
    this.pending = pending;
    const bytes = await host.watch({
      panel: this.watchId,
      traces: [...traces],
      axis: this.time.axis,
      span_ms: fixedMs ? fixedMs * wide : this.time.spanMs,
      columns: wide,
    });
    // They may have changed since they were asked for.
    if (traces !== this.traces || this.gone) return;
    const answer = decode(bytes);
    this.columns.replace(answer);
    // Updates and answers overtake each other on their way here.
    for (const { number, update } of pending) {
      if (number <= answer.facts.after_update) continue;
      if (!this.columns.apply(update)) this.asker.ask();
    }
    this.onAnswer();
  }

  private async view(traces: readonly Trace[], wide: number, fixedMs: number | null) {
    const { fromMs, toMs } = this.time.range(1, 1);
    const margin = (toMs - fromMs) * MARGIN;
    const askedAt = this.time.nowMs();
    let from = fromMs - margin;
    let to = toMs + margin;
    let columns = Math.round(wide * (1 + 2 * MARGIN));
    if (fixedMs) {
      from = Math.floor(from / fixedMs) * fixedMs;
      columns = Math.max(1, Math.ceil((to - from) / fixedMs));
      to = from + columns * fixedMs;
    }
    const bytes = await (this.answers ?? host.view)({
      traces: [...traces],
      axis: this.time.axis,
      from_ms: from,
      to_ms: to,
      columns,
    });
    if (traces !== this.traces || this.gone) return;
    this.columns.replace(decode(bytes));
    if (askedAt < toMs && !document.hidden) {
      this.refresh = window.setTimeout(() => this.asker.ask(), REFRESH_MS);
    }
    this.onAnswer();
  }
}
