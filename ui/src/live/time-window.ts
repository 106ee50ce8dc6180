// The stretch of time that all panels show: it follows the present, or it stands still where
// someone put it. Knows no panel and no canvas.

import type { Axis } from '../generated/Axis';
import type { TogetherTime } from '../generated/TogetherTime';
import type { TogetherView } from '../generated/TogetherView';
import type { TogetherViews } from '../generated/TogetherViews';

/** What panels are told when it changes: whether they should redraw only, or ask for data. */
type Listener = () => void;

export const SPANS_MS = [10, 30, 60, 300, 900, 3600, 21_600, 86_400].map((s) => s * 1000);

// Finer than this shows single samples of the fastest feeds; coarser than this is not kept.
const SPAN_MS_MIN = 100;
const SPAN_MS_MAX = 7 * 86_400_000;

// Changes that come closer to each other than this are one: a drag, or a turn of the wheel.
const ONE_GESTURE_MS = 700;
// Nobody goes back further than this.
const VIEWS_MAX = 50;

/** A span that stands still. */
interface Span {
  fromMs: number;
  toMs: number;
}

/** What was shown: a span that stood still, or as much of the present. */
interface View {
  frozen: Span | null;
  spanMs: number;
}

export class TimeWindow {
  private axisNow: Axis = 'source';
  /** How much is shown while following. */
  spanMs = 60_000;
  /** Where it stands, when it does not follow. */
  private frozen: Span | null = null;
  private listeners = new Set<Listener>();
  private anchorMs = Date.now();
  private anchoredAt = performance.now();
  private lastNowMs = 0;
  private past: View[] = [];
  private future: View[] = [];
  private changedAt = Number.NEGATIVE_INFINITY;
  /** Counts the changes of what one can go back and forward to. */
  viewsVersion = 0;

  /** One that stands for itself goes by the clock of another. */
  constructor(private readonly by: TimeWindow | null = null) {}

  /** By which of its two times a sample is drawn. */
  get axis(): Axis {
    return this.axisNow;
  }

  setAxis(axis: Axis): void {
    if (axis === this.axisNow) return;
    this.axisNow = axis;
    this.tell();
  }

  get following(): boolean {
    return this.frozen === null;
  }

  /** How much is shown now. */
  get shownMs(): number {
    return this.frozen ? this.frozen.toMs - this.frozen.fromMs : this.spanMs;
  }

  /** The moment that is looked at: the present while following. */
  get middleMs(): number {
    return this.frozen ? (this.frozen.fromMs + this.frozen.toMs) / 2 : this.nowMs();
  }

  /** The application's clock, which times the data: told with every update, run on between. */
  heard(nowMs: number): void {
    this.anchorMs = nowMs;
    this.anchoredAt = performance.now();
  }

  nowMs(): number {
    if (this.by) return this.by.nowMs();
    const now = this.anchorMs + (performance.now() - this.anchoredAt);
    // Small steps back are the wobble of delivery; a large one is the clock being set.
    if (now < this.lastNowMs && this.lastNowMs - now < 1000) return this.lastNowMs;
    this.lastNowMs = now;
    return now;
  }

  /** From when to when, in whole columns of `columnMs` while following. */
  range(columnMs: number, columns: number): Span {
    if (this.frozen) return this.frozen;
    const right = (Math.floor(this.nowMs() / columnMs) + 1) * columnMs;
    return { fromMs: right - columns * columnMs, toMs: right };
  }

  onChange(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Takes up what a board says; nobody goes back to what was before. */
  load(spanMs: number, axis: Axis): void {
    if (spanMs === this.spanMs && axis === this.axisNow) return;
    this.axisNow = axis;
    this.spanMs = spanMs;
    this.tell();
  }

  /** What is shown, for other windows to show as well. */
  get shown(): TogetherTime {
    const { frozen, spanMs } = this;
    return { ...toTold({ frozen, spanMs }), axis: this.axisNow };
  }

  get views(): TogetherViews {
    return { past: this.past.map(toTold), future: this.future.map(toTold) };
  }

  /** Shows what another window does. */
  adopt(time: TogetherTime | undefined, views: TogetherViews | undefined): void {
    if (views) {
      this.past = views.past.map(fromTold);
      this.future = views.future.map(fromTold);
    }
    if (time) {
      const { frozen, spanMs } = fromTold(time);
      this.frozen = frozen;
      this.spanMs = spanMs;
      this.axisNow = time.axis;
    }
    if (time || views) this.tell();
  }

  setSpan(spanMs: number): void {
    this.remember();
    this.spanMs = spanMs;
    if (this.frozen) {
      const middle = (this.frozen.fromMs + this.frozen.toMs) / 2;
      this.freeze(middle - spanMs / 2, middle + spanMs / 2);
    } else this.tell();
  }

  follow(): void {
    if (!this.frozen) return;
    this.remember();
    this.frozen = null;
    this.tell();
  }

  pause(): void {
    if (this.frozen) return;
    const now = this.nowMs();
    this.freeze(now - this.spanMs, now);
  }

  toggle(): void {
    if (this.frozen) this.follow();
    else this.pause();
  }

  pan(byMs: number): void {
    const { fromMs, toMs } = this.here();
    // The present may be dragged to the middle, not out of sight.
    const limit = this.nowMs() + (toMs - fromMs) / 2;
    const shift = Math.min(byMs, limit - toMs);
    this.freeze(fromMs + shift, toMs + shift);
  }

  /** Scales the span around a moment, which stays where it is. */
  zoom(aroundMs: number, factor: number): void {
    const { fromMs, toMs } = this.here();
    const span = toMs - fromMs;
    const wanted = Math.min(SPAN_MS_MAX, Math.max(SPAN_MS_MIN, span * factor));
    const scale = wanted / span;
    this.freeze(aroundMs - (aroundMs - fromMs) * scale, aroundMs + (toMs - aroundMs) * scale);
  }

  zoomMiddle(factor: number): void {
    const { fromMs, toMs } = this.here();
    this.zoom((fromMs + toMs) / 2, factor);
  }

  /** Shows a span. */
  show(fromMs: number, toMs: number): void {
    const span = Math.min(SPAN_MS_MAX, Math.max(SPAN_MS_MIN, toMs - fromMs));
    const middle = (fromMs + toMs) / 2;
    this.freeze(middle - span / 2, middle + span / 2);
  }

  /** Shows a moment in the middle of as much time as is shown now. */
  goTo(ms: number): void {
    this.show(ms - this.shownMs / 2, ms + this.shownMs / 2);
  }

  get canGoBack(): boolean {
    return this.past.length > 0;
  }

  get canGoForward(): boolean {
    return this.future.length > 0;
  }

  /** What was shown before. */
  back(): void {
    this.travel(this.past, this.future);
  }

  /** What was shown before it was gone back from. */
  forward(): void {
    this.travel(this.future, this.past);
  }

  private travel(from: View[], to: View[]): void {
    const view = from.pop();
    if (!view) return;
    to.push({ frozen: this.frozen, spanMs: this.spanMs });
    this.frozen = view.frozen;
    this.spanMs = view.spanMs;
    // What follows is another gesture.
    this.changedAt = Number.NEGATIVE_INFINITY;
    this.viewsVersion += 1;
    this.tell();
  }

  /** Keeps what is shown now, to come back to, unless it is but a step of a gesture. */
  private remember(): void {
    const now = performance.now();
    const goesOn = now - this.changedAt < ONE_GESTURE_MS;
    this.changedAt = now;
    if (goesOn) return;
    this.viewsVersion += 1;
    this.past.push({ frozen: this.frozen, spanMs: this.spanMs });
    if (this.past.length > VIEWS_MAX) this.past.shift();
    this.future = [];
  }

  private here(): Span {
    if (this.frozen) return this.frozen;
    const now = this.nowMs();
    return { fromMs: now - this.spanMs, toMs: now };
  }

  private freeze(fromMs: number, toMs: number): void {
    this.remember();
    this.frozen = { fromMs, toMs };
    this.tell();
  }

  private tell(): void {
    for (const listener of this.listeners) listener();
  }
}

const toTold = ({ frozen, spanMs }: View): TogetherView => ({
  frozen: frozen ? [frozen.fromMs, frozen.toMs] : null,
  span_ms: spanMs,
});

const fromTold = ({ frozen, span_ms }: TogetherView): View => ({
  frozen: frozen ? { fromMs: frozen[0], toMs: frozen[1] } : null,
  spanMs: span_ms,
});
