// A panel's chart: owns its columns, asks for them, and draws them, straight to the canvas.
// Nothing reactive touches what streams through here.

import * as host from '$host';
import { sameSeries, type TimeSeriesPanel, traceLabel } from '../board/trace';
import type { PanelUpdate } from '../generated/PanelUpdate';
import type { Trace } from '../generated/Trace';
import { clock, count, day, duration, NOTHING, tick, value } from '../lib/format';
import { OneAtATime } from '../lib/one-at-a-time';
import { seriesColor, seriesDashed, theme } from '../lib/theme';
import { say, sayParts } from '../words/say';
import { BAND_PX_MIN, type Band, bandLines, bands, bandsAt } from './bands';
import { type Beginning, beginning, beginningStory } from './beginning';
import { COUNT, type Columns, decode, INDEX, LAST, MAX, MIN, PanelColumns } from './columns';
import type { Drawing, Hover } from './drawing';
import { type Area, drawBands, drawBeginning, hatchPeriod } from './hatch';
import { BandLabels, move, TimeLabels, ValueLabels } from './labels';
import { DASH_COLUMNS } from './line';
import { Readout, type Story } from './readout';
import { type Scene, type Size, Strip } from './strip';
import { timesBetween, timeTicks, valueTicks } from './ticks';
import { ValueRange } from './value-range';

const AXIS_PX = { left: 66, bottom: 26, top: 10, right: 12 };
// Lines at the very top or bottom are not cut in half.
const BLEED_PX = 2;
// How much longer than what is seen of it the strip is: it is drawn anew after so many pixels.
const SPARE_PX = 256;
// Bands that begin left of the strip have their edges there, out of sight.
const BEYOND_PX = 16;
// A label of seconds and its air; a line of text and its air.
const TIME_TICK_PX = 88;
const VALUE_TICK_PX = 28;
// Numbers that change faster cannot be read.
const LEGEND_MS = 250;
// How much is fetched beyond either edge while standing still, so that a drag shows data at once.
const MARGIN = 0.25;
// Until time reaches the right edge of a view that stands still, it is asked for again.
const REFRESH_MS = 500;
// How far from the pointer a sample may be and still be what is pointed at.
const NEAR_PX = 24;
const STORIES_MAX = 3;
// While a `watch` is under way, this many updates are kept for its answer: a few seconds' worth.
const PENDING_MAX = 256;
const WHEEL_ZOOM = 1.0015;
const DASH_PX = [5, 3];

export class Plot {
  readonly columns = new PanelColumns();
  /** What updates of it name it by. */
  readonly watchId: string;
  /** The traces that are switched off in the legend. */
  readonly hidden = new Set<number>();
  private readonly area = document.createElement('div');
  private canvas: HTMLCanvasElement | null = null;
  private strip: Strip | null = null;
  private scene: Scene | null = null;
  private readonly values = new ValueLabels();
  private readonly times = new TimeLabels();
  private readonly bandLabels = new BandLabels();
  private readonly valueRange = new ValueRange();
  private readonly readout: Readout;
  private readonly crosshair = document.createElement('div');
  private readonly asker = new OneAtATime(() => this.fetch());
  private pending: { number: number; update: PanelUpdate }[] | null = null;
  private watching = false;
  private visible = true;
  private width = 0;
  private height = 0;
  private ratio = 1;
  /** Nothing of what was drawn holds any more. */
  private whole = true;
  private drawnTo = 0;
  /** How far the strip is moved to the left, in CSS pixels. */
  private moved = 0;
  /** In CSS pixels from the strip's left edge. */
  private found: Band[] = [];
  private begins: Beginning | null = null;
  private foundVersion = -1;
  private lasting = false;
  private legendAt = 0;
  private refresh = 0;
  private gone = false;
  private drawnWide = 0;
  private pen!: CanvasRenderingContext2D;
  private size!: Size;
  private listening = new AbortController();

  constructor(
    readonly element: HTMLElement,
    board: string,
    public panel: TimeSeriesPanel,
    private readonly drawing: Drawing,
    /** Told the latest values, now and then. */
    private readonly onLatest: (latest: readonly (number | null)[]) => void,
    readonly onTrouble: (trouble: unknown) => void,
  ) {
    // Panels of two boards may have one id, and one goes as the other comes.
    this.watchId = `${board} ${panel.id}`;
    this.readout = new Readout();
    this.crosshair.className = 'crosshair';
    this.crosshair.hidden = true;
    this.area.className = 'plot-area';
    this.area.append(this.bandLabels.element, this.crosshair);
    this.element.append(this.values.element, this.area, this.times.element);
    this.listen(this.area);
    this.drawing.add(this);
  }

  /** How many of the canvas' pixels a column has: whole ones, or scrolling would blur it. */
  private get columnPx(): number {
    return Math.max(1, Math.round(devicePixelRatio));
  }

  /** How many columns the plot area has. */
  private get columnsWide(): number {
    const room = this.width - AXIS_PX.left - AXIS_PX.right;
    return Math.max(0, Math.floor((room * devicePixelRatio) / this.columnPx));
  }

  /** In CSS pixels. */
  private get areaWidth(): number {
    return (this.columnsWide * this.columnPx) / devicePixelRatio;
  }

  /** Many lines are told apart more easily when they are thin. */
  private get lineWidth(): number {
    return this.panel.traces.length > 4 ? 1.25 : 1.5;
  }

  get range(): { fromMs: number; toMs: number } {
    const wide = Math.max(1, this.columnsWide);
    const columnMs =
      this.columns.traces.length > 0 ? this.columns.columnMs : this.drawing.time.spanMs / wide;
    return this.drawing.time.range(columnMs, wide);
  }

  setPanel(panel: TimeSeriesPanel): void {
    const same =
      panel.traces.length === this.panel.traces.length &&
      panel.traces.every(
        (trace, n) =>
          sameSeries(trace, this.panel.traces[n] as Trace) &&
          trace.color === this.panel.traces[n]?.color,
      );
    this.panel = panel;
    this.redraw();
    if (same) return;
    this.hidden.clear();
    this.columns.traces = [];
    this.columns.latest = [];
    this.asker.ask();
  }

  setSize(width: number, height: number): void {
    if (width === this.width && height === this.height) return;
    const wideBefore = this.columnsWide;
    this.width = width;
    this.height = height;
    this.build();
    if (this.columnsWide !== wideBefore) this.asker.ask();
  }

  setVisible(visible: boolean): void {
    if (visible === this.visible) return;
    this.visible = visible;
    this.asker.ask();
    this.redraw();
  }

  toggle(trace: number): void {
    if (!this.hidden.delete(trace)) this.hidden.add(trace);
    this.redraw();
  }

  timeChanged(): void {
    this.whole = true;
    this.asker.ask();
  }

  /** The window is seen again: what was not asked for meanwhile is. */
  returned(): void {
    if (!this.drawing.time.following) this.asker.ask();
  }

  /** Draws all anew. */
  redraw(): void {
    this.whole = true;
    this.drawing.requestFrame();
  }

  apply(number: number, update: PanelUpdate): void {
    if (this.pending) {
      if (this.pending.length < PENDING_MAX) this.pending.push({ number, update });
      else this.asker.ask();
    }
    if (!this.watching) return;
    if (!this.columns.apply(update) && !this.pending) this.asker.ask();
  }

  private async fetch(): Promise<void> {
    const wide = this.columnsWide;
    const { traces } = this.panel;
    const id = this.watchId;
    clearTimeout(this.refresh);
    const idle = this.gone || !this.visible || wide === 0 || traces.length === 0;
    try {
      if (idle || !this.drawing.time.following) {
        if (this.watching) {
          this.watching = false;
          await host.unwatch(id);
        }
        if (idle) return;
      }
      if (this.drawing.time.following) {
        this.watching = true;
        this.pending = [];
        const bytes = await host.watch({
          panel: id,
          traces,
          axis: this.drawing.time.axis,
          span_ms: this.drawing.time.spanMs,
          columns: wide,
        });
        // The traces may have changed since they were asked for.
        if (traces !== this.panel.traces || this.gone) return;
        const answer = decode(bytes);
        this.columns.replace(answer);
        // Updates and answers overtake each other on their way here.
        for (const { number, update } of this.pending) {
          if (number <= answer.facts.after_update) continue;
          if (!this.columns.apply(update)) this.asker.ask();
        }
      } else {
        const { fromMs, toMs } = this.range;
        const margin = (toMs - fromMs) * MARGIN;
        const askedAt = this.drawing.time.nowMs();
        const bytes = await host.view({
          traces,
          axis: this.drawing.time.axis,
          from_ms: fromMs - margin,
          to_ms: toMs + margin,
          columns: Math.round(wide * (1 + 2 * MARGIN)),
        });
        if (traces !== this.panel.traces || this.gone) return;
        this.columns.replace(decode(bytes));
        if (askedAt < toMs && !document.hidden) {
          this.refresh = window.setTimeout(() => this.asker.ask(), REFRESH_MS);
        }
      }
      this.redraw();
    } catch (trouble) {
      this.watching = false;
      if (!this.gone) this.onTrouble(trouble);
    } finally {
      this.pending = null;
    }
  }

  /** How long until the chart has to move on by a pixel. */
  nextColumnInMs(): number {
    if (!this.visible || !this.strip) return Number.POSITIVE_INFINITY;
    const { columnMs } = this.columns;
    return columnMs - (this.drawing.time.nowMs() % columnMs);
  }

  /** Draws, if there is anything new to see. */
  draw(): boolean {
    if (!this.visible || this.width === 0) return false;
    if (devicePixelRatio !== this.ratio) this.build();
    const { canvas, strip } = this;
    if (!canvas || !strip) return false;
    const now = performance.now();
    if (now - this.legendAt >= LEGEND_MS) {
      this.legendAt = now;
      this.onLatest(this.columns.latest);
    }
    // Until the first answer, columns are as wide as they are going to be.
    if (this.columns.traces.length === 0) {
      this.columns.columnMs = this.drawing.time.spanMs / Math.max(1, this.columnsWide);
    }
    const { fromMs, toMs } = this.range;
    let changed = this.columns.takeChanged();
    if (changed === Number.NEGATIVE_INFINITY) this.whole = true;
    const { following } = this.drawing.time;
    if (!this.whole && changed === Number.POSITIVE_INFINITY && toMs === this.drawnTo) return false;
    const { columnMs } = this.columns;
    const from = following ? Math.round(fromMs / columnMs) : fromMs / columnMs;
    const wide = following
      ? this.columnPx
      : (this.areaWidth * this.ratio * columnMs) / (toMs - fromMs);
    if (following) {
      // What the line comes in from, and where dashes begin.
      this.columns.dropBefore(from - 1 - DASH_COLUMNS);
      // A gap that lasts grows at its end.
      if (this.lasting) changed = Math.min(changed, this.drawnTo / columnMs - BAND_PX_MIN);
    }
    this.drawnTo = toMs;
    const range = this.panel.range ?? this.fitted(fromMs, toMs, changed, now);
    const { scene } = this;
    if (this.whole || !scene || range[0] !== scene.least || range[1] !== scene.greatest) {
      this.scene = this.makeScene(range, fromMs, toMs);
      strip.renew();
    }
    this.whole = false;
    this.findBands(strip.ends(from, wide) ? from : strip.base, from, wide, toMs);
    this.moved = strip.show(from, wide, changed, this.scene as Scene) / this.ratio;
    move(canvas, this.moved);
    this.times.show(this.moved, this.areaWidth, AXIS_PX.right);
    const plotHeight = this.height - AXIS_PX.top - AXIS_PX.bottom;
    this.bandLabels.show(
      this.found,
      this.moved,
      this.areaWidth,
      plotHeight,
      this.drawing.time.nowMs(),
    );
    return true;
  }

  private fitted(fromMs: number, toMs: number, changed: number, now: number): [number, number] {
    if (this.whole) this.valueRange.refit();
    const since = Math.max(fromMs, changed * this.columns.columnMs);
    const fresh = since < toMs ? this.columns.extent(since, toMs, this.hidden) : null;
    return this.valueRange.at(now, fresh, () => this.columns.extent(fromMs, toMs, this.hidden));
  }

  /** Makes the canvas anew, as large as the plot area is now. */
  private build(): void {
    this.canvas?.remove();
    this.canvas = null;
    this.strip = null;
    this.ratio = devicePixelRatio;
    this.redraw();
    const { ratio } = this;
    const height = this.height - AXIS_PX.top - AXIS_PX.bottom;
    if (this.columnsWide === 0 || height <= 0) return;
    const seen = this.columnsWide * this.columnPx;
    const size: Size = {
      seen,
      width: seen + Math.round(SPARE_PX * ratio),
      top: Math.round(BLEED_PX * ratio),
      height: Math.round(height * ratio),
      whole: Math.round((height + 2 * BLEED_PX) * ratio),
    };
    const canvas = document.createElement('canvas');
    canvas.width = size.width;
    canvas.height = size.whole;
    canvas.style.width = `${size.width / ratio}px`;
    canvas.style.height = `${size.whole / ratio}px`;
    canvas.dataset.testid = `canvas-${this.panel.id}`;
    // All of it is covered: nothing has to be mixed with what is below.
    const pen = canvas.getContext('2d', { alpha: false });
    if (!pen) return;
    this.pen = pen;
    this.size = size;
    this.area.style.width = `${this.areaWidth}px`;
    this.area.prepend(canvas);
    this.canvas = canvas;
    this.strip = new Strip(pen, size);
  }

  /** What is drawn until the range of values, the span, the size or the look changes. */
  private makeScene(range: [number, number], fromMs: number, toMs: number): Scene {
    const { columns, pen, ratio, size } = this;
    const [least, greatest] = range;
    const y = (value: number) =>
      Math.round(size.top + ((greatest - value) * size.height) / (greatest - least));
    const height = size.height / ratio;
    const ticks = valueTicks(least, greatest, height / VALUE_TICK_PX);
    const top = ticks.at.reduce((most, n) => Math.max(most, Math.abs(n)), 0);
    this.values.show(
      ticks.at.map((n) => ({
        at: AXIS_PX.top - BLEED_PX + y(n) / ratio,
        text: tick(n, this.panel.unit, ticks.step, top),
      })),
    );
    const offsetMs = -new Date(toMs).getTimezoneOffset() * 60_000;
    const { step } = timeTicks(fromMs, toMs, this.areaWidth / TIME_TICK_PX, offsetMs);
    const colors = theme();
    return {
      least,
      greatest,
      thick: this.lineWidth * ratio,
      hair: Math.max(1, Math.round(ratio)),
      background: colors.background,
      grid: colors.grid,
      inks: this.panel.traces.flatMap(({ color }, n) => {
        const found = columns.traces[n];
        if (!found || this.hidden.has(n)) return [];
        const dash = seriesDashed(color) ? DASH_PX.map((length) => length * ratio) : null;
        return [{ columns: found, color: seriesColor(color), dash }];
      }),
      rows: ticks.at.map(y),
      marks: (from, to) => {
        const { columnMs } = columns;
        const at = timesBetween(from * columnMs, to * columnMs, step, offsetMs);
        const perMs = (size.width / ratio / (to - from)) * (1 / columnMs);
        this.times.set(
          at.map((ms) => ({
            at: Math.round((ms - from * columnMs) * perMs),
            text: timeLabel(ms, step),
          })),
        );
        return at.map((ms) => ms / columnMs);
      },
      under: ({ base, wide }, left, right) => {
        const period = hatchPeriod(ratio);
        const area: Area = {
          top: size.top,
          height: size.height,
          ratio,
          origin: -(Math.round(base * wide) % period),
        };
        if (this.begins) drawBeginning(pen, this.begins, area, left);
        drawBands(pen, this.found, area, left, right);
      },
    };
  }

  /** Finds the bands on a strip that begins at column `base`, if there may be others now. */
  private findBands(base: number, from: number, wide: number, toMs: number): void {
    const { columns, size } = this;
    const begins = base !== this.strip?.base || wide !== this.drawnWide;
    if (!begins && !this.lasting && columns.gapsVersion === this.foundVersion) return;
    this.foundVersion = columns.gapsVersion;
    this.drawnWide = wide;
    const { columnMs } = columns;
    const perPx = (columnMs * this.ratio) / wide;
    const startMs = base * columnMs - BEYOND_PX * perPx;
    const width = Math.round(size.width / this.ratio) + BEYOND_PX;
    const endMs = startMs + width * perPx;
    // A gap that lasts ends now, which is not the right edge of a view that stands still.
    const now = this.drawing.time.nowMs();
    const last = this.drawing.time.following
      ? toMs
      : Math.min(toMs, Math.max(now, from * columnMs));
    this.lasting = columns.gaps.some((gap) => gap.end_ms === null);
    const gaps = this.lasting
      ? columns.gaps.map((gap) => (gap.end_ms === null ? { ...gap, end_ms: last } : gap))
      : columns.gaps;
    this.found = bands(gaps, startMs, endMs, width).map((band) => ({
      ...band,
      left: band.left - BEYOND_PX,
      right: band.right - BEYOND_PX,
    }));
    this.begins = beginning(columns.begins, base * columnMs, endMs, width - BEYOND_PX);
  }

  private listen(over: HTMLElement): void {
    this.listening.abort();
    this.listening = new AbortController();
    const { signal } = this.listening;
    const { time } = this.drawing;
    const msAt = (x: number) => {
      const { fromMs, toMs } = this.range;
      return fromMs + (x / Math.max(1, over.clientWidth)) * (toMs - fromMs);
    };
    let dragX: number | null = null;
    over.addEventListener(
      'pointerdown',
      (event) => {
        if (event.button !== 0) return;
        dragX = event.clientX;
        over.setPointerCapture(event.pointerId);
      },
      { signal },
    );
    over.addEventListener(
      'pointermove',
      (event) => {
        if (dragX !== null) {
          const moved = event.clientX - dragX;
          // A click that trembles is not a drag.
          if (!over.classList.contains('dragging') && Math.abs(moved) < 4) return;
          over.classList.add('dragging');
          const { fromMs, toMs } = this.range;
          time.pan((-moved / Math.max(1, over.clientWidth)) * (toMs - fromMs));
          dragX = event.clientX;
        }
        this.drawing.setHover({ panel: this.panel.id, x: event.offsetX, y: event.offsetY });
      },
      { signal },
    );
    const drop = () => {
      dragX = null;
      over.classList.remove('dragging');
    };
    over.addEventListener('pointerup', drop, { signal });
    over.addEventListener('pointercancel', drop, { signal });
    over.addEventListener('pointerleave', () => this.drawing.setHover(null), { signal });
    over.addEventListener('dblclick', () => time.follow(), { signal });
    over.addEventListener(
      'wheel',
      (event) => {
        event.preventDefault();
        const { fromMs, toMs } = this.range;
        // A line of wheel is 16 px in every browser that counts in lines.
        const by = event.deltaMode === 1 ? 16 : 1;
        if (Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
          time.pan((event.deltaX * by * (toMs - fromMs)) / Math.max(1, over.clientWidth));
        } else {
          const most = Math.max(-240, Math.min(240, event.deltaY * by));
          time.zoom(msAt(event.offsetX), WHEEL_ZOOM ** most);
        }
      },
      { signal, passive: false },
    );
  }

  /** Shows the crosshair where the pointer is in any plot, and the readout where it is in this. */
  point(hover: Hover | null): void {
    const source = hover && this.drawing.plots.get(hover.panel);
    if (!this.strip || !hover || !source?.strip || !this.visible) {
      if (!this.crosshair.hidden) this.crosshair.hidden = true;
      this.readout.hide();
      return;
    }
    const there = source.range;
    const share = hover.x / Math.max(1, source.areaWidth);
    const ms = there.fromMs + share * (there.toMs - there.fromMs);
    const { fromMs, toMs } = this.range;
    const wide = this.areaWidth;
    const x = Math.round(((ms - fromMs) / (toMs - fromMs)) * wide);
    this.crosshair.hidden = x < 0 || x > wide;
    this.crosshair.style.transform = `translateX(${x}px)`;
    if (source !== this) {
      this.readout.hide();
      return;
    }
    const perPx = (toMs - fromMs) / Math.max(1, wide);
    const now = this.drawing.time.nowMs();
    const pointed = bandsAt(this.found, hover.x + this.moved).slice(0, STORIES_MAX);
    const stories: Story[] = pointed.map((band) => ({
      cause: band.cause,
      head: bandLines(band, now).join(' '),
      text: storyOf(band),
    }));
    const before = beginningStory(this.columns.begins, ms);
    if (before) stories.push({ cause: 'beginning', ...before });
    // What lies beside a gap is not what was in it.
    const nearMs = perPx * (pointed.length > 0 ? 1 : NEAR_PX);
    const readings = this.panel.traces.flatMap((trace, n) =>
      this.hidden.has(n)
        ? []
        : [
            {
              color: seriesColor(trace.color),
              name: traceLabel(trace),
              text: this.reading(this.columns.traces[n], ms, nearMs),
            },
          ],
    );
    const { left, top } = this.area.getBoundingClientRect();
    // In a gap, that there is no value is what the story says.
    const told = stories.length > 0 ? readings.filter(({ text }) => text !== NOTHING) : readings;
    this.readout.show(clock(ms, Math.min(1000, perPx * 10)), stories, told, {
      x: left + hover.x,
      y: top + hover.y,
    });
  }

  private reading(columns: Columns | undefined, ms: number, nearMs: number): string {
    if (!columns || columns.length === 0) return NOTHING;
    const index = Math.floor(ms / this.columns.columnMs);
    const after = (columns.offsetAt(index) - columns.start) / 7;
    let best: number | null = null;
    let distance = Math.max(1, nearMs / this.columns.columnMs);
    for (const position of [after - 1, after]) {
      if (position < 0 || position >= columns.length) continue;
      const away = Math.abs((columns.at(position)[INDEX] as number) - index);
      if (away < distance) {
        distance = away;
        best = position;
      }
    }
    if (best === null) return NOTHING;
    const column = columns.at(best);
    const { unit } = this.panel;
    if (column[COUNT] > 1 && column[MIN] !== column[MAX]) {
      return `${value(column[MIN], unit)} – ${value(column[MAX], unit)}`;
    }
    return value(column[LAST], unit);
  }

  destroy(): void {
    this.gone = true;
    clearTimeout(this.refresh);
    this.listening.abort();
    this.asker.ask();
    this.drawing.remove(this);
    this.readout.destroy();
    this.element.replaceChildren();
    this.canvas = null;
    this.strip = null;
  }
}

function timeLabel(ms: number, step: number): string {
  const text = clock(ms, step);
  return text.startsWith('00:00') && step >= 60_000 ? day(ms) : text;
}

function storyOf(band: Band): string {
  const [only, ...more] = band.gaps;
  if (only && more.length === 0) return sayParts(only.said, only.story);
  const first = band.gaps[0]?.start_ms ?? 0;
  const last = band.gaps.reduce((end, gap) => Math.max(end, gap.end_ms ?? first), first);
  const missing = band.gaps.reduce((sum, gap) => sum + (gap.missing ?? 0), 0);
  const time = duration(last - first);
  return missing > 0
    ? say('gaps_within_missing', { time, count: count(missing) })
    : say('gaps_within', { time });
}
