// A panel that is no plot: numbers and the like, and of each trace the course of what is shown in
// about a hundred columns. Knows when to write, and not what; nothing reactive touches what streams
// through here.

import type { Trace } from '../generated/Trace';
import { COUNT, FIELDS, INDEX } from '../live/columns';
import type { Drawing, Drawn } from '../live/drawing';
import { Source } from '../live/source';
import type { TimeWindow } from '../live/time-window';
import { type Seen, seen } from './seen';
import { Writing } from './writing';

/** As many as a small line of the course has room for. */
export const TILE_COLUMNS = 100;

/** What is shown now. */
export interface Moment {
  following: boolean;
  fromMs: number;
  toMs: number;
  /** By the application's clock. */
  nowMs: number;
}

/** What tells the newest sample of a trace from the one before, and when it came. */
interface Heard {
  index: number;
  count: number;
  /** The earliest that it may have come, if it was not heard to. */
  ms: number;
  exact: boolean;
}

export class Tile implements Drawn {
  readonly source: Source;
  private readonly writing = new Writing();
  private visible = true;
  private heard: (Heard | undefined)[] = [];
  private shownTo = 0;

  constructor(
    readonly id: string,
    private readonly drawing: Drawing,
    time: TimeWindow,
    /** Writes what is shown, a few times a second. */
    private readonly write: (moment: Moment) => void,
    readonly onTrouble: (trouble: unknown) => void,
    /** Looks in each frame, for what can be seen to move: `true` if anything did. */
    private readonly paint: () => boolean = () => false,
  ) {
    this.source = new Source(id, time, () => this.answered(), onTrouble);
    this.source.setWide(TILE_COLUMNS);
    drawing.add(this);
  }

  setTraces(traces: readonly Trace[]): void {
    if (this.source.setTraces(traces)) this.heard = [];
    this.redraw();
  }

  setVisible(visible: boolean): void {
    if (visible === this.visible) return;
    this.visible = visible;
    this.source.setVisible(visible);
    if (visible) this.redraw();
  }

  /** Writes all anew. */
  redraw(): void {
    this.writing.renew();
    this.drawing.requestFrame();
  }

  apply(...update: Parameters<Drawn['apply']>): void {
    this.source.apply(...update);
    if (this.visible) this.listen(true);
  }

  timeChanged(): void {
    this.source.timeChanged();
    this.redraw();
  }

  returned(): void {
    this.source.returned();
    this.redraw();
  }

  draw(): boolean {
    if (!this.visible) return false;
    const { source, writing } = this;
    const { following } = source.time;
    const { fromMs, toMs } = source.range;
    if (source.columns.takeChanged() < Number.POSITIVE_INFINITY) writing.change();
    if (toMs !== this.shownTo) writing.change();
    this.shownTo = toMs;
    const painted = this.paint();
    if (!writing.take(performance.now(), following)) return painted;
    if (following) source.columns.dropBefore(Math.floor(fromMs / source.columnMs) - 1);
    this.write({ following, fromMs, toMs, nowMs: source.time.nowMs() });
    return true;
  }

  /** What is pointed at elsewhere is not shown here. */
  point(): void {}

  nextColumnInMs(): number {
    if (!this.visible || this.source.traces.length === 0) return Number.POSITIVE_INFINITY;
    const { columnMs, time } = this.source;
    return this.writing.nextInMs(performance.now(), columnMs - (time.nowMs() % columnMs));
  }

  /** What is shown of a trace. */
  seen(n: number, { following, fromMs, toMs }: Moment): Seen {
    const { columns } = this.source;
    const latest = following ? columns.latest[n] : undefined;
    return seen(columns.traces[n], columns.columnMs, fromMs, toMs, latest);
  }

  /** How old the newest sample of a trace is; `null` if there is none in what is kept here. */
  age(n: number, nowMs: number): { ms: number; exact: boolean } | null {
    const heard = this.heard[n];
    if (!heard) return null;
    return { ms: Math.max(0, nowMs - heard.ms), exact: heard.exact };
  }

  destroy(): void {
    this.source.destroy();
    this.drawing.remove(this);
  }

  private answered(): void {
    this.listen(false);
    this.redraw();
  }

  /** Looks which traces have another newest sample than before, and takes down since when. */
  private listen(now: boolean): void {
    const { columns, time } = this.source;
    if (!time.following) return;
    const { traces, columnMs } = columns;
    this.heard.length = traces.length;
    traces.forEach(({ data, start, end }, n) => {
      if (end === start) return;
      const index = data[end - FIELDS + INDEX] as number;
      const count = data[end - FIELDS + COUNT] as number;
      const before = this.heard[n];
      if (before?.index === index && before.count === count) return;
      // An answer tells no more than in which column it lies. What was heard to come in that same
      // column is known better.
      const fromMs = index * columnMs;
      const known = before && before.ms >= fromMs && before.ms < fromMs + columnMs;
      const ms = now ? time.nowMs() : known ? before.ms : fromMs;
      this.heard[n] = { index, count, ms, exact: now || (known === true && before.exact) };
    });
  }
}
