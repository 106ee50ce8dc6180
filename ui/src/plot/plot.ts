// A chart over time: a strip of canvas with what all kinds of panels share, the times, the gaps and
// the pointer; its painter draws the rest. Nothing reactive touches what streams through here.

import type { View } from '../generated/View';
import { clock, count, day, duration, NOTHING, zoneOffsetMs } from '../lib/format';
import { theme } from '../lib/theme';
import type { Drawing, Drawn, Hover } from '../live/drawing';
import { Source } from '../live/source';
import type { TimeWindow } from '../live/time-window';
import { say, sayParts } from '../words/say';
import { BAND_PX_MIN, type Band, bandLine, bands, bandsAt } from './bands';
import { type Beginning, beginning, beginningStory } from './beginning';
import { Flags } from './flags';
import { concerns } from './gap-starts';
import { type Area, drawBands, drawBeginning, drawLate, hatchPeriod } from './hatch';
import { KeyCursor, type Lane } from './key-cursor';
import { BandLabels, move, TimeLabels, ValueLabels } from './labels';
import { type LateMark, lateMarks, lateStory } from './late';
import type { Painter, Place } from './painter';
import { listen } from './pointer';
import { type Reading, Readout, type Story } from './readout';
import type { Scale } from './scale';
import { type Direction, endStop, nextStop, type Stops } from './stops';
import { type Scene, type Size, Strip } from './strip';
import { timesBetween, timeTicks } from './ticks';

const AXIS_PX = { bottom: 26, top: 10 };
// Lines at the very top or bottom are not cut in half.
const BLEED_PX = 2;
// How much longer than what is seen of it the strip is: it is drawn anew after so many pixels.
const SPARE_PX = 256;
// Bands that begin left of the strip have their edges there, out of sight.
const BEYOND_PX = 16;
// A label of seconds and its air.
const TIME_TICK_PX = 88;
// How far from the pointer a sample may be and still be what is pointed at.
const NEAR_PX = 24;
const STORIES_MAX = 3;
// A line's dashes and ends reach into columns that are out of sight.
const COLUMNS_SPARE = 65;

/** What an overlay must know to be where the chart is. In CSS pixels. */
export interface OverlayView {
  fromMs: number;
  toMs: number;
  width: number;
  /** Where the greatest value is, and how far below it the least. */
  top: number;
  height: number;
  /** Of the values at the left; `null` where there are none. */
  scale: Scale | null;
}

/** Something that lies over the canvas and moves with it. */
export interface Overlay {
  readonly element: HTMLElement;
  show(view: OverlayView): void;
}

export class Plot<P extends Painter = Painter> implements Drawn {
  readonly source: Source;
  readonly painter: P;
  /** Called in each frame, for what is written beside the plot. */
  onFrame: (() => void) | null = null;
  private readonly area = document.createElement('div');
  private canvas: HTMLCanvasElement | null = null;
  private strip: Strip | null = null;
  private scene: Scene | null = null;
  private readonly left = new ValueLabels('left');
  private readonly right = new ValueLabels('right');
  private readonly times = new TimeLabels();
  private readonly bandLabels = new BandLabels();
  private readonly readout = new Readout();
  private readonly flags: Flags;
  private readonly crosshair = document.createElement('div');
  /** What the painter puts over the canvas. */
  private readonly over = document.createElement('div');
  private readonly overlays = new Set<Overlay>();
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
  private late: LateMark[] = [];
  private begins: Beginning | null = null;
  private foundVersion = -1;
  private lasting = false;
  private drawnWide = 0;
  private pen!: CanvasRenderingContext2D;
  private size!: Size;
  private readonly listening = new AbortController();
  private readonly cursor: KeyCursor;

  constructor(
    readonly element: HTMLElement,
    readonly id: string,
    private readonly drawing: Drawing,
    readonly time: TimeWindow,
    painter: (source: Source) => P,
    readonly onTrouble: (trouble: unknown) => void,
    answers: ((view: View) => Promise<ArrayBuffer>) | null = null,
  ) {
    this.source = new Source(id, time, () => this.redraw(), onTrouble, answers);
    this.painter = painter(this.source);
    this.flags = new Flags(id, (x) => this.msAt(x));
    this.crosshair.className = 'crosshair';
    this.crosshair.hidden = true;
    this.area.className = 'plot-area';
    this.area.append(this.bandLabels.element, this.crosshair, this.flags.element);
    this.element.append(this.left.element, this.area, this.right.element, this.times.element);
    if (this.painter.attach) {
      this.over.className = 'plot-over';
      this.over.ariaHidden = 'true';
      this.element.append(this.over);
      this.painter.attach(this.over);
    }
    listen(this.area, this, drawing, this.listening.signal);
    this.area.role = 'application';
    this.cursor = new KeyCursor(this.area, this, drawing, this.listening.signal);
    this.drawing.add(this);
  }

  private get room(): number {
    const { left, right } = this.painter.room;
    return Math.max(0, this.width - left - right);
  }

  private get place(): Place {
    return { top: this.size.top, height: this.size.height, ratio: this.ratio };
  }

  /** How long a column is, where that is not a pixel's worth of time. */
  private get fixedMs(): number | null {
    return this.painter.columnMs(this.time.shownMs, this.room);
  }

  /** How many of the canvas' pixels a pixel's column has: whole ones, or scrolling would blur it. */
  private get columnPx(): number {
    return Math.max(1, Math.round(devicePixelRatio));
  }

  /** How many columns of a pixel the plot area has. */
  private get columnsWide(): number {
    return Math.floor((this.room * devicePixelRatio) / this.columnPx);
  }

  /** In CSS pixels. */
  get areaWidth(): number {
    return (this.columnsWide * this.columnPx) / devicePixelRatio;
  }

  get range(): { fromMs: number; toMs: number } {
    return this.source.range;
  }

  setSize(width: number, height: number): void {
    if (width === this.width && height === this.height) return;
    this.width = width;
    this.height = height;
    this.painter.setBox?.(width, height);
    this.build();
  }

  setVisible(visible: boolean): void {
    if (visible === this.visible) return;
    this.visible = visible;
    this.source.setVisible(visible);
    this.redraw();
  }

  timeChanged(): void {
    this.whole = true;
    this.setWide();
    this.source.timeChanged();
  }

  returned(): void {
    this.source.returned();
  }

  apply(...update: Parameters<Drawn['apply']>): void {
    this.source.apply(...update);
  }

  /** Says what it is, and by which keys it is read, to who does not see it. */
  setName(name: string): void {
    this.area.ariaLabel = name;
    this.area.ariaRoleDescription = say('plot_role');
    this.area.ariaDescription = say('plot_keys');
  }

  focus(): void {
    this.cursor.focus();
  }

  addOverlay(overlay: Overlay): void {
    if (this.overlays.has(overlay)) return;
    this.overlays.add(overlay);
    this.area.insertBefore(overlay.element, this.crosshair);
    this.redraw();
  }

  /** Draws all anew. */
  redraw(): void {
    this.whole = true;
    this.drawing.requestFrame();
  }

  /** The painter needs other room: all is made anew. */
  rebuild(): void {
    this.build();
  }

  /** How long until the chart has to move on by a pixel. */
  nextColumnInMs(): number {
    if (!this.visible || !this.strip) return Number.POSITIVE_INFINITY;
    // What grows with time does so by pixels, however long a column is.
    const { columnMs, fixed } = this.source;
    const stepMs = fixed && (this.painter.lasts || this.lasting) ? this.pixelMs : columnMs;
    return stepMs - (this.time.nowMs() % stepMs);
  }

  /** Draws, if there is anything new to see. */
  draw(): boolean {
    if (!this.visible || this.width === 0) return false;
    const drew = this.drawNew();
    this.onFrame?.();
    return drew;
  }

  private drawNew(): boolean {
    if (devicePixelRatio !== this.ratio) this.build();
    const { canvas, strip, painter, time } = this;
    if (!canvas || !strip) return false;
    const { columns } = this.source;
    // Until the first answer, columns are as wide as they are going to be.
    if (columns.traces.length === 0) columns.columnMs = this.source.columnMs;
    const { fromMs, toMs } = this.range;
    let changed = columns.takeChanged();
    if (changed === Number.NEGATIVE_INFINITY) this.whole = true;
    const { columnMs } = columns;
    const { following } = time;
    const { fixed } = this.source;
    // What lasts ends at the present, which in a long column is not yet at its end.
    const grows = this.lasting || painter.lasts === true;
    const presentMs = fixed && grows ? this.presentMs(toMs) : toMs;
    if (!this.whole && changed === Number.POSITIVE_INFINITY && presentMs === this.drawnTo) {
      return false;
    }
    const from = following && !fixed ? Math.round(fromMs / columnMs) : fromMs / columnMs;
    const wide =
      following && !fixed
        ? this.columnPx
        : (this.areaWidth * this.ratio * columnMs) / (toMs - fromMs);
    if (following) {
      columns.dropBefore(Math.floor(from) - COLUMNS_SPARE);
      if (grows) {
        const grown = (BAND_PX_MIN * this.ratio) / wide;
        changed = Math.min(changed, this.drawnTo / columnMs - grown);
      }
    }
    this.drawnTo = presentMs;
    const seen = { fromMs, toMs, changed, whole: this.whole, atMs: performance.now() };
    const moved = painter.fit(seen, this.place);
    if (this.whole || moved || !this.scene) {
      this.scene = this.makeScene(fromMs, toMs);
      strip.renew();
    }
    this.whole = false;
    this.findBands(strip.ends(from, wide) ? from : strip.base, from, wide, toMs);
    // Columns that are no whole pixels are moved by whole ones all the same.
    this.moved = Math.round(strip.show(from, wide, changed, this.scene)) / this.ratio;
    move(canvas, this.moved);
    this.times.show(this.moved, this.areaWidth, painter.room.right);
    const height = this.height - AXIS_PX.top - AXIS_PX.bottom;
    this.bandLabels.show(this.found, this.moved, this.areaWidth, height, time.nowMs());
    for (const overlay of this.overlays) {
      const { areaWidth: width } = this;
      const scale = painter.scaleAt?.('left') ?? null;
      overlay.show({ fromMs, toMs, width, top: BLEED_PX, height, scale });
    }
    painter.settle?.({
      left: painter.room.left,
      width: this.areaWidth,
      top: AXIS_PX.top,
      height,
      moved: this.moved,
      base: strip.base,
      wide: wide / this.ratio,
      y: (at) => AXIS_PX.top - BLEED_PX + at / this.ratio,
    });
    return true;
  }

  /** How much time a pixel stands for. */
  private get pixelMs(): number {
    return this.time.shownMs / Math.max(1, this.columnsWide);
  }

  /** Now, by the pixel, but no later than `toMs`. */
  private presentMs(toMs: number): number {
    const { pixelMs } = this;
    return Math.min(toMs, Math.ceil(this.time.nowMs() / pixelMs) * pixelMs);
  }

  private setWide(): void {
    const { fixedMs } = this;
    // One more, as the first is seen in part.
    const wide = fixedMs ? Math.ceil(this.time.shownMs / fixedMs) + 1 : this.columnsWide;
    this.source.setWide(this.columnsWide > 0 ? wide : 0, fixedMs);
  }

  /** Makes the canvas anew, as large as the plot area is now. */
  private build(): void {
    this.canvas?.remove();
    this.canvas = null;
    this.strip = null;
    this.ratio = devicePixelRatio;
    this.setWide();
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
    canvas.dataset.testid = `canvas-${this.id}`;
    // All of it is covered: nothing has to be mixed with what is below.
    const pen = canvas.getContext('2d', { alpha: false });
    if (!pen) return;
    this.pen = pen;
    this.size = size;
    const { left } = this.painter.room;
    this.area.style.left = `${left}px`;
    this.area.style.width = `${this.areaWidth}px`;
    this.left.setRoom(left);
    this.right.setRoom(this.width - left - this.areaWidth);
    this.times.setLeft(left);
    this.area.prepend(canvas);
    this.canvas = canvas;
    this.strip = new Strip(pen, size);
  }

  /** What is drawn until the place of values, the span, the size or the look changes. */
  private makeScene(fromMs: number, toMs: number): Scene {
    const { painter, pen, place, ratio, size } = this;
    const { columns } = this.source;
    const labels = painter.labels(place);
    const inCss = (at: number) => AXIS_PX.top - BLEED_PX + at / ratio;
    this.left.show(labels.left.map(({ at, text }) => ({ at: inCss(at), text })));
    this.right.show(labels.right.map(({ at, text }) => ({ at: inCss(at), text })));
    const offsetMs = zoneOffsetMs(toMs);
    const { step } = timeTicks(fromMs, toMs, this.areaWidth / TIME_TICK_PX, offsetMs);
    const colors = theme();
    return {
      hair: Math.max(1, Math.round(ratio)),
      background: colors.background,
      grid: colors.grid,
      rows: painter.rows(place),
      reach: painter.reach(place),
      last: () => painter.last(),
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
        drawLate(pen, this.late, size.top + size.height, ratio, left, right);
      },
      ink: (on, frame, from, to) => painter.paint(on, frame, from, to, ratio),
    };
  }

  /** Finds the bands on a strip that begins at column `base`, if there may be others now. */
  private findBands(base: number, from: number, wide: number, toMs: number): void {
    const { size } = this;
    const { columns } = this.source;
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
    const now = this.time.nowMs();
    const present = this.source.fixed ? this.presentMs(toMs) : toMs;
    const last = this.time.following ? present : Math.min(toMs, Math.max(now, from * columnMs));
    this.lasting = columns.gaps.some((gap) => gap.end_ms === null);
    const gaps = this.lasting
      ? columns.gaps.map((gap) => (gap.end_ms === null ? { ...gap, end_ms: last } : gap))
      : columns.gaps;
    this.found = bands(gaps, startMs, endMs, width).map((band) => ({
      ...band,
      left: band.left - BEYOND_PX,
      right: band.right - BEYOND_PX,
    }));
    this.late = lateMarks(columns.late, this.time.axis, startMs, endMs, width).map((mark) => ({
      ...mark,
      left: mark.left - BEYOND_PX,
      right: mark.right - BEYOND_PX,
    }));
    this.begins = beginning(columns.begins, base * columnMs, endMs, width - BEYOND_PX);
  }

  /** Shows the crosshair where the pointer is in any panel, and the readout where it is in this. */
  point(hover: Hover | null): void {
    if (this.strip && this.visible) {
      const { fromMs, toMs } = this.range;
      const perMs = this.areaWidth / (toMs - fromMs);
      const { list } = this.drawing.moments;
      this.flags.show(list, this.source.traces, fromMs, perMs, this.areaWidth);
    }
    if (!this.strip || !hover || !this.visible) {
      if (!this.crosshair.hidden) this.crosshair.hidden = true;
      this.readout.hide();
      return;
    }
    const ms = hover.ms();
    const wide = this.areaWidth;
    const x = Math.round(this.xAt(ms));
    this.crosshair.hidden = !(x >= 0 && x <= wide);
    this.crosshair.style.transform = `translateX(${x}px)`;
    if (hover.panel !== this.id) {
      this.readout.hide();
      return;
    }
    const { when, stories, readings } = this.said(ms, hover.x, hover.y);
    const { left, top } = this.area.getBoundingClientRect();
    // In a gap, that there is no value is what the story says.
    const told = readings
      .map((reading, n) => ({ ...reading, at: n === hover.reading }))
      .filter(({ text }) => stories.length === 0 || text !== NOTHING);
    const y = top + Math.max(0, Math.min(this.height, hover.y));
    this.readout.show(when, stories, told, { x: left + hover.x, y });
  }

  /** What there is at a moment: at these CSS pixels of the plot area. */
  private said(ms: number, x: number, y: number) {
    const { fromMs, toMs } = this.range;
    const perPx = (toMs - fromMs) / Math.max(1, this.areaWidth);
    const now = this.time.nowMs();
    const pointed = bandsAt(this.found, x + this.moved).slice(0, STORIES_MAX);
    const stories: Story[] = pointed.map((band) => ({
      cause: band.cause,
      head: bandLine(band, now),
      text: storyOf(band),
    }));
    const x0 = x + this.moved;
    for (const mark of this.late.filter(({ left, right }) => x0 >= left - 2 && x0 <= right + 2)) {
      if (stories.length < STORIES_MAX) stories.push({ cause: 'late', ...lateStory(mark) });
    }
    const before = beginningStory(this.source.columns.begins, ms);
    if (before) stories.push({ cause: 'beginning', ...before });
    // What lies beside a gap is not what was in it.
    const nearMs = perPx * (pointed.length > 0 ? 1 : NEAR_PX);
    const readings: readonly Reading[] = this.painter.readings(ms, nearMs, y * this.ratio);
    return { when: clock(ms, Math.min(1000, perPx * 10)), stories, readings };
  }

  lanes(): readonly Lane[] {
    return this.painter.lanes?.() ?? [{ trace: 0, y: (this.height / 2) * this.ratio }];
  }

  next(lane: Lane, ms: number, direction: Direction): number | null {
    return nextStop(this.stops(lane), ms, direction);
  }

  end(lane: Lane, direction: Direction): number | null {
    return endStop(this.stops(lane), direction);
  }

  private stops(lane: Lane): Stops {
    const { range, source, time } = this;
    const { columnMs, gaps, traces } = source.columns;
    const trace = source.traces[lane.trace];
    return {
      ...range,
      nowMs: time.nowMs(),
      columns:
        this.painter.stops?.(lane, range.fromMs / columnMs, range.toMs / columnMs) ??
        traces[lane.trace],
      columnMs,
      gaps: trace ? gaps.filter((gap) => concerns(gap, trace)) : [],
    };
  }

  xAt(ms: number): number {
    const { fromMs, toMs } = this.range;
    return ((ms - fromMs) / (toMs - fromMs)) * this.areaWidth;
  }

  yOf(lane: Lane): number {
    // A line has no height of its own.
    return lane.reading === undefined ? lane.y / this.ratio : this.height / 3;
  }

  /** What the readout has of a moment, in one sentence. */
  spoken(ms: number, lane: Lane): string {
    const { stories, readings } = this.said(ms, this.xAt(ms), this.yOf(lane));
    const mine = lane.reading === undefined ? readings : readings.slice(lane.reading).slice(0, 1);
    const values = mine.flatMap(({ name, text }) =>
      text === NOTHING ? [] : text ? [say('plot_value', { name, value: text })] : [name],
    );
    const name = mine[0]?.name ?? '';
    if (values.length === 0) values.push(say('plot_no_value', { name }));
    const gaps = stories.map(({ head, text }) => say('plot_gap', { gap: head, why: text }));
    // So finely that no two samples beside each other are at one time.
    const { fromMs, toMs } = this.range;
    const time = clock(ms, Math.min(1000, (toMs - fromMs) / Math.max(1, this.areaWidth)));
    return say('plot_at', { time, what: [...values, ...gaps].join(say('list_between')) });
  }

  /** The moment at so many CSS pixels from the left of the plot area. */
  msAt(x: number): number {
    const { fromMs, toMs } = this.range;
    return fromMs + (x / Math.max(1, this.areaWidth)) * (toMs - fromMs);
  }

  destroy(): void {
    this.source.destroy();
    this.listening.abort();
    this.drawing.remove(this);
    this.readout.destroy();
    this.painter.destroy?.();
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
