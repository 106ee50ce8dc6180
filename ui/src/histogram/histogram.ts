// How values are distributed, as bars: several traces lie over each other, each with its percentiles.

import * as host from '$host';
import { traceLabel, traceLabels } from '../board/trace';
import type { ChartRows } from '../chart-table/rows';
import type { Distribution } from '../generated/Distribution';
import type { HistogramView } from '../generated/HistogramView';
import type { TraceBins } from '../generated/TraceBins';
import { count, tick, value } from '../lib/format';
import { seriesColor, theme } from '../lib/theme';
import { placer, valueAt } from '../plot/scale';
import { logTicks, valueTicks } from '../plot/ticks';
import { ValueRange } from '../plot/value-range';
import { type Area, type Axes, Sampled, type Shown } from '../spread/sampled';
import { say } from '../words/say';
import { binText, edges, greatestShare, scaleOf, share } from './bins';

// A bar narrower than this is a line.
const BIN_PX_MIN = 4;
const VALUE_TICK_PX = 28;
// On a large screen, more lines than these say nothing more.
const TICKS_MAX = 10;
const BELOW_TICK_PX = { even: 76, log: 52 };
// Lower than this, words would lie over the bars.
const NOTED_HIGH_PX = 110;
const FILL = { alone: 0.5, among: 0.26 };
// Percentiles of more traces than these cannot be told apart; the legend has them all.
const MARKED_MAX = 3;
const NOTE_PX = 14;
const NOTE_WIDE_PX = 64;
const NONE: Distribution = { least: 0, greatest: 1, log: false, traces: [] };

export const PERCENTILES = ['p50', 'p95', 'p99'] as const;

export class HistogramPlot extends Sampled {
  readonly hidden = new Set<number>();
  answer: Distribution = NONE;
  /** Whose answer it is. */
  private of: HistogramView['traces'] = [];
  private view: HistogramView | null = null;
  private edges: number[] = [];
  private readonly shares = new ValueRange();
  private greatest = 0;
  private area: Area | null = null;
  /** The bin that is pointed at, by the pointer or the keyboard. */
  private cursor: number | null = null;
  private byKey = false;

  setView(view: HistogramView): void {
    const same =
      this.view &&
      JSON.stringify([this.view.traces, this.view.bins, this.view.log]) ===
        JSON.stringify([view.traces, view.bins, view.log]);
    this.view = view;
    if (!same) {
      this.hidden.clear();
      this.shares.refit();
      this.shown = null;
      this.asked();
    }
    this.redraw();
  }

  override setSize(width: number, height: number): void {
    const before = this.binsMax;
    super.setSize(width, height);
    if (this.binsMax !== before) this.asked();
  }

  private get binsMax(): number {
    return Math.max(2, Math.min(200, Math.floor(this.areaWidth / BIN_PX_MIN / 10) * 10));
  }

  protected async ask({ fromMs, toMs }: Shown): Promise<void> {
    const { view } = this;
    if (!view || view.traces.length === 0 || this.areaWidth === 0) return;
    const answer = await host.histogram({
      traces: view.traces,
      axis: this.time.axis,
      from_ms: fromMs,
      to_ms: toMs,
      bins: view.bins,
      bins_max: this.binsMax,
      range: null,
      log: view.log,
    });
    if (view !== this.view && view.traces !== this.view?.traces) return;
    this.answer = answer;
    this.of = view.traces;
    this.shown = { fromMs, toMs };
    this.edges = edges(answer);
    this.redraw();
  }

  private get bins(): number {
    return Math.max(0, this.edges.length - 1);
  }

  protected paint(pen: CanvasRenderingContext2D, area: Area): Axes {
    const { answer, edges, hidden, view } = this;
    const { ratio } = area;
    const colors = theme();
    const hair = Math.max(1, Math.round(ratio));
    this.area = area;
    const most = greatestShare(answer.traces, hidden);
    const [, greatest] = this.shares.at(performance.now(), [0, most], () =>
      most > 0 ? [0, most] : null,
    );
    this.greatest = Math.max(greatest, most);
    const y = placer({ least: 0, greatest: this.greatest, log: false }, area.top, area.height);
    const x = this.placeX(area);

    pen.fillStyle = colors.grid;
    const shares = valueTicks(
      0,
      this.greatest,
      Math.min(TICKS_MAX, area.height / ratio / VALUE_TICK_PX),
    );
    for (const at of shares.at) pen.fillRect(area.left, Math.round(y(at)), area.width, hair);

    const shownTraces = answer.traces.filter((_, n) => !hidden.has(n)).length;
    answer.traces.forEach((trace, n) => {
      const color = this.of[n]?.color;
      if (hidden.has(n) || color === undefined) return;
      pen.fillStyle = seriesColor(color);
      pen.strokeStyle = pen.fillStyle;
      pen.globalAlpha = shownTraces > 1 ? FILL.among : FILL.alone;
      const base = Math.round(y(0));
      const tops = trace.counts.map((_, bin) => Math.round(y(share(trace, bin))));
      const lefts = edges.map((edge) => Math.round(x(edge)));
      // Bars that are wide enough are told apart by the air between them.
      const air = shownTraces === 1 && (lefts[1] ?? 0) - (lefts[0] ?? 0) >= 8 * ratio ? hair : 0;
      tops.forEach((top, bin) => {
        const left = lefts[bin] as number;
        const right = lefts[bin + 1] as number;
        if (top < base) pen.fillRect(left, top, Math.max(hair, right - left - air), base - top);
      });
      // The outline, which tells traces apart where they lie over each other.
      pen.globalAlpha = 1;
      pen.lineWidth = Math.max(1, 1.5 * ratio);
      pen.lineJoin = 'round';
      pen.beginPath();
      tops.forEach((top, bin) => {
        const before = bin === 0 ? base : (tops[bin - 1] as number);
        const left = lefts[bin] as number;
        const right = lefts[bin + 1] as number;
        if (top < base || before < base) {
          pen.moveTo(left, before);
          pen.lineTo(left, top);
        }
        if (top < base) pen.lineTo(right, top);
        if (top < base && bin === tops.length - 1) pen.lineTo(right, base);
      });
      pen.stroke();
    });
    pen.fillStyle = colors.muted;
    pen.fillRect(area.left, Math.round(y(0)), area.width, hair);

    this.marks(pen, area, x);
    this.showCursor();
    const scale = scaleOf(answer);
    const room = area.width / ratio / BELOW_TICK_PX[scale.log ? 'log' : 'even'];
    const ticksMax = Math.min(TICKS_MAX, room);
    const below =
      this.bins === 0
        ? { at: [], step: 1 }
        : scale.log
          ? logTicks(scale.least, scale.greatest, ticksMax)
          : valueTicks(scale.least, scale.greatest, ticksMax);
    const top = below.at.reduce((all, n) => Math.max(all, Math.abs(n)), 0);
    const unit = view?.unit ?? 'none';
    return {
      left:
        this.bins === 0
          ? []
          : shares.at.map((at) => ({
              at: Math.round(y(at)),
              text: tick(at, 'percent', shares.step, this.greatest),
            })),
      below: below.at.map((at) => ({
        at: Math.round(x(at)),
        text: tick(at, unit, scale.log ? at : below.step, scale.log ? at : top),
      })),
    };
  }

  /** From the left, where `placer` counts from the top. */
  private placeX({ left, width }: Area): (value: number) => number {
    const from = placer(scaleOf(this.answer), 0, width);
    return (value) => left + width - from(value);
  }

  /** The percentiles, as lines with words where there is but one trace. */
  private marks(pen: CanvasRenderingContext2D, area: Area, x: (value: number) => number): void {
    const { ratio } = area;
    const shown = this.answer.traces.flatMap((trace, n) =>
      this.hidden.has(n) ? [] : [{ trace, n }],
    );
    const words: { at: number; text: string }[] = [];
    const few = shown.length <= MARKED_MAX;
    for (const { trace, n } of few ? shown : []) {
      const color = this.of[n]?.color ?? 0;
      pen.strokeStyle = shown.length > 1 ? seriesColor(color) : theme().text;
      pen.lineWidth = Math.max(1, Math.round(ratio));
      for (const name of PERCENTILES) {
        const at = trace[name];
        if (at === null) continue;
        const place = Math.round(x(at)) + pen.lineWidth / 2;
        pen.globalAlpha = name === 'p50' ? 0.9 : 0.6;
        pen.setLineDash(
          name === 'p50' ? [] : name === 'p95' ? [4 * ratio, 3 * ratio] : [ratio, 3 * ratio],
        );
        pen.beginPath();
        pen.moveTo(place, area.top);
        pen.lineTo(place, area.top + area.height);
        pen.stroke();
        if (shown.length === 1 && this.areaHeight >= NOTED_HIGH_PX) {
          words.push({
            at: (place - area.left) / ratio,
            text: `${name} ${value(at, this.view?.unit ?? 'none')}`,
          });
        }
      }
    }
    pen.setLineDash([]);
    pen.globalAlpha = 1;
    this.write(words);
  }

  /** Beside their lines, one below the other where they would lie over each other. */
  private write(words: readonly { at: number; text: string }[]): void {
    const { notes } = this;
    while (notes.children.length > words.length) notes.lastElementChild?.remove();
    while (notes.children.length < words.length) notes.append(document.createElement('span'));
    words.forEach(({ at, text }, n) => {
      const note = notes.children[n] as HTMLElement;
      if (note.textContent !== text) note.textContent = text;
      // It stays in the plot: at the left of its line where there is no room at the right.
      const flip = at + NOTE_WIDE_PX + 24 > this.areaWidth;
      const place = flip
        ? `translate(calc(${Math.round(at) - 3}px - 100%), ${n * NOTE_PX}px)`
        : `translate(${Math.round(at) + 4}px, ${n * NOTE_PX}px)`;
      if (note.style.transform !== place) note.style.transform = place;
    });
  }

  protected pointed(at: { x: number; y: number } | null): void {
    this.byKey = false;
    if (!at || this.bins === 0 || at.x < 0 || at.x > this.areaWidth) {
      this.setCursor(null);
      return;
    }
    const { areaWidth } = this;
    const pointed = valueAt(scaleOf(this.answer), 0, areaWidth, areaWidth - at.x);
    let bin = this.edges.findIndex((edge) => edge > pointed) - 1;
    if (bin < 0) bin = this.bins - 1;
    this.setCursor(bin, at);
  }

  protected key(name: string): boolean {
    const last = this.bins - 1;
    if (last < 0) return false;
    const at = this.cursor ?? (name === 'ArrowLeft' ? last + 1 : -1);
    const next =
      name === 'ArrowRight' || name === 'ArrowUp'
        ? Math.min(last, at + 1)
        : name === 'ArrowLeft' || name === 'ArrowDown'
          ? Math.max(0, at - 1)
          : name === 'Home'
            ? 0
            : name === 'End'
              ? last
              : null;
    if (name === 'Escape' && this.cursor !== null) {
      this.setCursor(null);
      return true;
    }
    if (next === null) return false;
    this.byKey = true;
    this.setCursor(next);
    return true;
  }

  rows(): ChartRows {
    const { answer, edges, hidden, of } = this;
    const unit = this.view?.unit ?? 'none';
    const shown = answer.traces.flatMap((trace, n) =>
      hidden.has(n) || !of[n] ? [] : [{ trace, name: traceLabel(of[n], of) }],
    );
    return {
      head: say('chart_table_values'),
      heads: shown.map(({ name }) => name),
      count: this.bins,
      at: (n) => ({
        key: `${n}`,
        head: binText(edges, n, unit),
        cells: shown.map(({ trace }) => binCount(trace, n)),
      }),
    };
  }

  private setCursor(bin: number | null, at?: { x: number; y: number }): void {
    this.cursor = bin;
    this.showCursor(at);
  }

  private showCursor(pointer?: { x: number; y: number }): void {
    const { area, cursor, edges, marker } = this;
    const shown = cursor !== null && area !== null && cursor < this.bins;
    this.describe();
    marker.hidden = !shown;
    if (!shown || !area) {
      this.readout.hide();
      return;
    }
    const x = this.placeX({ ...area, left: 0 });
    const left = x(edges[cursor] as number) / area.ratio;
    const right = x(edges[cursor + 1] as number) / area.ratio;
    marker.classList.add('sampled-band');
    marker.style.width = `${Math.max(1, right - left)}px`;
    marker.style.height = `${this.areaHeight}px`;
    marker.style.transform = `translateX(${left}px)`;
    // While only the answer changes, the readout stays where the pointer is.
    if (pointer) this.pointer = pointer;
    const place = this.byKey || !this.pointer ? { x: right, y: this.areaHeight / 3 } : this.pointer;
    this.readout.show(
      binText(edges, cursor, this.view?.unit ?? 'none'),
      [],
      this.answer.traces.flatMap((trace, n) =>
        this.hidden.has(n) || !this.of[n]
          ? []
          : [
              {
                color: seriesColor(this.of[n].color),
                name: traceLabel(this.of[n], this.of),
                text: binCount(trace, cursor),
              },
            ],
      ),
      this.onScreen(place.x, place.y),
    );
  }

  private pointer: { x: number; y: number } | null = null;

  private describe(): void {
    const { answer, cursor } = this;
    const names = traceLabels(this.of).join(', ');
    const name = say('histogram_name', { names });
    if (this.bins === 0) {
      this.setRole('img', name, '');
      return;
    }
    const at = cursor ?? 0;
    const said =
      cursor === null
        ? this.text()
        : [
            binText(this.edges, at, this.view?.unit ?? 'none'),
            ...answer.traces.flatMap((trace, n) =>
              this.hidden.has(n) || !this.of[n]
                ? []
                : [`${traceLabel(this.of[n], this.of)} ${binCount(trace, at)}`],
            ),
          ].join(', ');
    this.setRole('slider', name, said, [at, this.bins - 1]);
  }

  /** What is shown, in words. */
  text(): string {
    const unit = this.view?.unit ?? 'none';
    return this.answer.traces
      .map((trace, n) =>
        say('histogram_text', {
          name: this.of[n] ? traceLabel(this.of[n], this.of) : '',
          count: count(trace.total),
          p50: value(trace.p50, unit),
          p95: value(trace.p95, unit),
          p99: value(trace.p99, unit),
        }),
      )
      .join(' ');
  }
}

/** How many of a bin, and their share. */
const binCount = (trace: TraceBins, bin: number): string =>
  say(trace.counted < trace.total ? 'histogram_count_some' : 'histogram_count', {
    count: count(trace.counts[bin] ?? 0),
    share: value(share(trace, bin), 'percent'),
  });
