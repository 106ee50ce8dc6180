// Whose health is looked at, over which time, and what was answered. What is drawn by hand from it, the
// courses, is plain memory that nothing reactive watches.

import * as host from '$host';
import type { Gap } from '../generated/Gap';
import type { Health } from '../generated/Health';
import type { Statistics } from '../generated/Statistics';
import { type Columns, decode } from '../live/columns';
import { TimeWindow } from '../live/time-window';
import { COURSES, FIGURES, healthTraces } from './series';

export const HOUR_MS = 3_600_000;
/** What can be chosen to be looked at. */
export const SPANS_MS = [1, 6, 24, 168].map((hours) => hours * HOUR_MS);

// Nobody reads through more.
const INTERRUPTIONS_MAX = 200;
// A segment of a strip that is narrower is hard to point at.
const SEGMENT_PX = 2;

/** What is drawn of a span. */
export interface Courses {
  fromMs: number;
  toMs: number;
  columnMs: number;
  /** In the order of `COURSES`. */
  columns: readonly Columns[];
  gaps: readonly Gap[];
}

/** What the numbers of a span come to, by the names of their series. */
export type Figures = Record<(typeof FIGURES)[number], Statistics | undefined>;

export class HealthState {
  /** The feed; `null` while the sheet is closed. */
  feed: string | null = $state(null);

  toggle(feed: string): void {
    this.feed = this.feed === feed ? null : feed;
  }
}

/** What an open sheet asks for. */
export class HealthView {
  readonly time = new TimeWindow();
  answer: Health | null = $state.raw(null);
  figures: Figures | null = $state.raw(null);
  /** What the answer is of. */
  span: { fromMs: number; toMs: number } = $state.raw({ fromMs: 0, toMs: 1 });
  following = $state(true);
  spanMs = $state(0);
  courses: Courses | null = null;
  private asked = 0;

  constructor(private readonly nowMs: () => number) {
    this.time.heard(nowMs());
    this.time.load(HOUR_MS, 'arrival');
    this.spanMs = HOUR_MS;
    this.time.onChange(() => {
      this.following = this.time.following;
      this.spanMs = this.time.shownMs;
    });
  }

  /** Asks for all of a feed, over as many pixels; `false` where something else was asked for since. */
  async load(feed: string, width: number): Promise<boolean> {
    this.asked += 1;
    const { asked } = this;
    this.time.heard(this.nowMs());
    const columns = Math.max(1, Math.floor(width));
    const { fromMs, toMs } = this.time.range(this.time.shownMs / columns, columns);
    const span = { from_ms: fromMs, to_ms: toMs };
    // By the other one, what comes late or from a clock that is off would be elsewhere.
    const axis = 'arrival' as const;
    const [answer, bytes, statistics] = await Promise.all([
      host.health({
        feed,
        ...span,
        columns: Math.ceil(columns / SEGMENT_PX),
        most: INTERRUPTIONS_MAX,
      }),
      host.view({ traces: healthTraces(feed, COURSES), axis, ...span, columns }),
      host.statistics({ traces: healthTraces(feed, FIGURES), axis, ...span }),
    ]);
    if (asked !== this.asked) return false;
    const { facts, columnMs, traces } = decode(bytes);
    this.courses = { fromMs, toMs, columnMs, columns: traces, gaps: facts.gaps };
    this.answer = answer;
    this.figures = Object.fromEntries(FIGURES.map((path, n) => [path, statistics[n]])) as Figures;
    this.span = { fromMs, toMs };
    return true;
  }
}
