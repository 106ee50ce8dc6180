// A panel's chart: owns its columns, asks for them, and draws them with uPlot, straight to the
// canvas. Nothing reactive touches what streams through here.

import uPlot from 'uplot';
import * as host from '$host';
import { sameSeries, traceLabel } from '../board/trace';
import type { Panel } from '../generated/Panel';
import type { PanelUpdate } from '../generated/PanelUpdate';
import type { Trace } from '../generated/Trace';
import { clock, day, duration, NOTHING, tick, value } from '../lib/format';
import { OneAtATime } from '../lib/one-at-a-time';
import { seriesColor, seriesDashed, theme } from '../lib/theme';
import { type Band, bandLines, bands, bandsAt } from './bands';
import { beginning, beginningStory } from './beginning';
import { COUNT, type Columns, decode, INDEX, LAST, MAX, MIN, PanelColumns } from './columns';
import type { Drawing, Hover } from './drawing';
import { drawBands, drawBeginning } from './hatch';
import { type Frame, line } from './line';
import { Readout, type Story } from './readout';
import { roundRange, timeTicks, valueTicks } from './ticks';

const AXIS_PX = { left: 66, bottom: 26, top: 10, right: 12 };
const AXIS_FONT_PX = 11;
const TIME_LABEL_PX = 60;
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

export class Plot {
  readonly columns = new PanelColumns();
  /** The traces that are switched off in the legend. */
  readonly hidden = new Set<number>();
  private u: uPlot | null = null;
  private readonly readout: Readout;
  private readonly crosshair = document.createElement('div');
  private readonly asker = new OneAtATime(() => this.fetch());
  private pending: { number: number; update: PanelUpdate }[] | null = null;
  private watching = false;
  private visible = true;
  private width = 0;
  private height = 0;
  private dirty = true;
  private drawnRight = 0;
  private found: Band[] = [];
  private legendAt = 0;
  private refresh = 0;
  private gone = false;
  private listening = new AbortController();

  constructor(
    readonly element: HTMLElement,
    public panel: Panel,
    private readonly drawing: Drawing,
    /** Told the latest values, now and then. */
    private readonly onLatest: (latest: readonly (number | null)[]) => void,
    readonly onTrouble: (trouble: unknown) => void,
  ) {
    this.readout = new Readout();
    this.crosshair.className = 'crosshair';
    this.crosshair.hidden = true;
    this.drawing.add(this);
  }

  /** The plot area's width, which is how many columns it has. */
  private get columnsWide(): number {
    return Math.max(0, Math.round(this.width - AXIS_PX.left - AXIS_PX.right));
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

  setPanel(panel: Panel): void {
    const same =
      panel.traces.length === this.panel.traces.length &&
      panel.traces.every(
        (trace, n) =>
          sameSeries(trace, this.panel.traces[n] as Trace) &&
          trace.color === this.panel.traces[n]?.color,
      );
    this.panel = panel;
    this.redraw();
    if (same && this.u) return;
    this.hidden.clear();
    this.columns.traces = [];
    this.columns.latest = [];
    this.build();
    this.asker.ask();
  }

  setSize(width: number, height: number): void {
    if (width === this.width && height === this.height) return;
    const wideBefore = this.columnsWide;
    this.width = width;
    this.height = height;
    if (!this.u) this.build();
    else this.u.setSize({ width, height });
    this.redraw();
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
    this.u?.setSeries(trace + 1, { show: !this.hidden.has(trace) });
    this.redraw();
  }

  timeChanged(): void {
    this.dirty = true;
    this.asker.ask();
  }

  redraw(): void {
    this.dirty = true;
    this.drawing.requestFrame();
  }

  /** Axes keep their font and colours from when they were made. */
  themeChanged(): void {
    this.build();
  }

  apply(number: number, update: PanelUpdate): void {
    if (this.pending) {
      if (this.pending.length < PENDING_MAX) this.pending.push({ number, update });
      else this.asker.ask();
    }
    if (!this.watching) return;
    if (this.columns.apply(update)) this.dirty = true;
    else if (!this.pending) this.asker.ask();
  }

  private async fetch(): Promise<void> {
    const wide = this.columnsWide;
    const { traces, id } = this.panel;
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
        if (askedAt < toMs) {
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
    if (!this.visible || !this.u) return Number.POSITIVE_INFINITY;
    const { columnMs } = this.columns;
    return columnMs - (this.drawing.time.nowMs() % columnMs);
  }

  /** Draws, if there is anything new to see. */
  draw(): boolean {
    if (!this.u || !this.visible || this.width === 0) return false;
    const now = performance.now();
    if (now - this.legendAt >= LEGEND_MS) {
      this.legendAt = now;
      this.onLatest(this.columns.latest);
    }
    const { fromMs, toMs } = this.range;
    if (!this.dirty && toMs === this.drawnRight) return false;
    this.dirty = false;
    this.drawnRight = toMs;
    if (this.drawing.time.following) {
      // One column more than is seen: the line comes in from there.
      this.columns.dropBefore(Math.floor(fromMs / this.columns.columnMs) - 1);
    }
    const [least, greatest] =
      this.panel.range ?? roundRange(this.columns.extent(fromMs, toMs, this.hidden));
    this.u.batch(() => {
      this.u?.setScale('x', { min: fromMs, max: toMs });
      this.u?.setScale('y', { min: least, max: greatest });
    });
    return true;
  }

  private build(): void {
    this.u?.destroy();
    this.u = null;
    if (this.width === 0) return;
    const options: uPlot.Options = {
      width: this.width,
      height: this.height,
      padding: [AXIS_PX.top, AXIS_PX.right, 0, 0],
      cursor: { show: false },
      legend: { show: false },
      scales: {
        x: { time: false, auto: false, range: (_u, min, max) => [min, max] },
        y: { auto: false, range: (_u, min, max) => [min, max] },
      },
      axes: [this.timeAxis(), this.valueAxis()],
      series: [
        {},
        ...this.panel.traces.map((trace, n): uPlot.Series => {
          const series: uPlot.Series = {
            show: !this.hidden.has(n),
            stroke: () => seriesColor(trace.color),
            fill: () => seriesColor(trace.color),
            width: this.lineWidth,
            // Columns are pixels already; another shift would blur their bars.
            pxAlign: 0,
            points: { show: false },
            paths: (u) => this.path(u, n),
          };
          if (seriesDashed(trace.color)) series.dash = [5, 3];
          return series;
        }),
      ],
      hooks: { drawAxes: [(u) => this.drawGaps(u)] },
    };
    // uPlot draws what its path builder gives it; its own data only has to be there.
    const nothing: uPlot.AlignedData = [
      [0, 1],
      ...this.panel.traces.map(() => [0, 0]),
    ] as uPlot.AlignedData;
    this.u = new uPlot(options, nothing, this.element);
    this.u.ctx.canvas.dataset.testid = `canvas-${this.panel.id}`;
    this.u.over.append(this.crosshair);
    this.listen(this.u.over);
    this.dirty = true;
    this.drawing.requestFrame();
  }

  private timeAxis(): uPlot.Axis {
    let step = 1000;
    return {
      scale: 'x',
      size: AXIS_PX.bottom,
      ...axisLook(),
      splits: (u, _axis, from, to) => {
        const offset = -new Date(to).getTimezoneOffset() * 60_000;
        const ticks = timeTicks(from, to, u.bbox.width / uPlot.pxRatio / TIME_TICK_PX, offset);
        step = ticks.step;
        return ticks.at;
      },
      values: (u, at) =>
        at.map((ms) => {
          // Half a label would stick out of the panel.
          const roomPx = u.bbox.width / uPlot.pxRatio + AXIS_PX.right - u.valToPos(ms, 'x');
          if (roomPx < TIME_LABEL_PX / 2) return '';
          const text = clock(ms, step);
          return text.startsWith('00:00') && step >= 60_000 ? day(ms) : text;
        }),
    };
  }

  private valueAxis(): uPlot.Axis {
    let step = 1;
    return {
      scale: 'y',
      size: AXIS_PX.left,
      ...axisLook(),
      splits: (u, _axis, from, to) => {
        const ticks = valueTicks(from, to, u.bbox.height / uPlot.pxRatio / VALUE_TICK_PX);
        step = ticks.step;
        return ticks.at;
      },
      values: (_u, at) => {
        const top = at.reduce((most, n) => Math.max(most, Math.abs(n)), 0);
        return at.map((n) => tick(n, this.panel.unit, step, top));
      },
    };
  }

  private path(u: uPlot, trace: number): uPlot.Series.Paths | null {
    const columns = this.columns.traces[trace];
    if (!columns) return null;
    const { left, top, width, height } = u.bbox;
    const { x, y } = u.scales;
    const frame: Frame = {
      left,
      top,
      width,
      height,
      fromMs: x?.min ?? 0,
      toMs: x?.max ?? 1,
      least: y?.min ?? 0,
      greatest: y?.max ?? 1,
      columnMs: this.columns.columnMs,
      thick: this.lineWidth * uPlot.pxRatio,
    };
    const stroke = new Path2D();
    const fill = new Path2D();
    line(columns, frame, stroke, fill);
    return { stroke, fill, flags: 0 } as uPlot.Series.Paths;
  }

  private drawGaps(u: uPlot): void {
    const fromMs = u.scales.x?.min ?? 0;
    const toMs = u.scales.x?.max ?? 1;
    const now = this.drawing.time.nowMs();
    const ratio = uPlot.pxRatio;
    // A gap that lasts ends now, which is not the right edge of a view that stands still.
    const lasting = Math.min(toMs, Math.max(now, fromMs));
    const begins = beginning(this.columns.begins, fromMs, toMs, u.bbox.width / ratio);
    if (begins) drawBeginning(u.ctx, begins, u.bbox, ratio);
    this.found = bands(
      this.columns.gaps.map((gap) =>
        gap.end_ms === null && !this.drawing.time.following ? { ...gap, end_ms: lasting } : gap,
      ),
      fromMs,
      toMs,
      u.bbox.width / ratio,
    );
    drawBands(u.ctx, this.found, u.bbox, ratio, now);
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
    if (!this.u || !hover || !source?.u || !this.visible) {
      if (!this.crosshair.hidden) this.crosshair.hidden = true;
      this.readout.hide();
      return;
    }
    const there = source.range;
    const share = hover.x / Math.max(1, source.u.over.clientWidth);
    const ms = there.fromMs + share * (there.toMs - there.fromMs);
    const { fromMs, toMs } = this.range;
    const wide = this.u.over.clientWidth;
    const x = Math.round(((ms - fromMs) / (toMs - fromMs)) * wide);
    this.crosshair.hidden = x < 0 || x > wide;
    this.crosshair.style.transform = `translateX(${x}px)`;
    if (source !== this) {
      this.readout.hide();
      return;
    }
    const perPx = (toMs - fromMs) / Math.max(1, wide);
    const now = this.drawing.time.nowMs();
    const pointed = bandsAt(this.found, hover.x).slice(0, STORIES_MAX);
    const stories: Story[] = pointed.map((band) => ({
      cause: band.cause,
      head: bandLines(band, now).join(' '),
      text: band.gaps.length === 1 ? (band.gaps[0]?.story ?? '') : storyOfMany(band),
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
    const { left, top } = this.u.over.getBoundingClientRect();
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
    this.u?.destroy();
    this.u = null;
  }
}

function axisLook(): Partial<uPlot.Axis> {
  return {
    font: `${AXIS_FONT_PX}px ${theme().font}`,
    stroke: () => theme().muted,
    grid: { stroke: () => theme().grid, width: 1 },
    ticks: { show: false },
    gap: 8,
    // Its own search for a step is not needed, but has to find something for the axis to be drawn.
    incrs: (_u, _axis, from, to) => [Math.max(5, to - from)],
    space: 1,
  };
}

function storyOfMany(band: Band): string {
  const first = band.gaps[0]?.start_ms ?? 0;
  const last = band.gaps.reduce((end, gap) => Math.max(end, gap.end_ms ?? first), first);
  const missing = band.gaps.reduce((sum, gap) => sum + (gap.missing ?? 0), 0);
  const known = missing > 0 ? `, ${value(missing, 'none')} messages missing` : '';
  return `Within ${duration(last - first)}${known}. Zoom in to tell them apart.`;
}
