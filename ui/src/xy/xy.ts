// Values against those of another series: a trail that fades with age, and its latest point.

import * as host from '$host';
import { traceLabel, traceLabels } from '../board/trace';
import type { ChartRows } from '../chart-table/rows';
import type { Trace } from '../generated/Trace';
import type { XyView } from '../generated/XyView';
import { clock, count, tick, value } from '../lib/format';
import { seriesColor, theme } from '../lib/theme';
import { placer, type Scale } from '../plot/scale';
import { valueTicks } from '../plot/ticks';
import { ValueRange } from '../plot/value-range';
import { type Area, type Axes, Sampled, type Shown } from '../spread/sampled';
import { say } from '../words/say';
import {
  type Answer,
  AT,
  ageStep,
  atMoment,
  decode,
  extent,
  FIELDS,
  type Found,
  GAP,
  nearest,
  X,
  Y,
} from './pairs';

// As many as are drawn four times a second without a GPU; while time stands still, more.
const PAIRS_FOLLOWING = 4_000;
const PAIRS_STANDING = 20_000;
// Each is a stroke of its own: fading is seen in few steps, too.
const AGE_STEPS = 8;
const OLDEST_ALPHA = 0.14;
const POINT_PX = 3;
const LATEST_PX = 4.5;
const NEAR_PX = 24;
const VALUE_TICK_PX = 28;
// On a large screen, more lines than these say nothing more.
const TICKS_MAX = 10;
const BELOW_TICK_PX = 76;
const UNIT: Scale = { least: 0, greatest: 1, log: false };
const NONE: Answer = { facts: { traces: [] }, trails: [] };

export class XyPlot extends Sampled {
  readonly hidden = new Set<number>();
  answer: Answer = NONE;
  private of: Trace[] = [];
  private ofX: Trace | null = null;
  private view: XyView | null = null;
  private readonly ranges = { x: new ValueRange(), y: new ValueRange() };
  private scales = { x: UNIT, y: UNIT };
  private area: Area | null = null;
  private pointer: { x: number; y: number } | null = null;
  /** What the keyboard has chosen: the moment of a pair of a trace. */
  private chosen: { trace: number; ms: number } | null = null;
  private elsewhere: number | null = null;
  private latest: HTMLElement | null = null;

  setView(view: XyView): void {
    const asks = (of: XyView | null) => of && JSON.stringify([of.x, of.traces]);
    const same = asks(this.view) === asks(view);
    this.view = view;
    if (!same) {
      this.hidden.clear();
      this.ranges.x.refit();
      this.ranges.y.refit();
      this.answer = NONE;
      this.shown = null;
      this.chosen = null;
      this.asked();
    }
    this.redraw();
  }

  protected async ask({ fromMs, toMs }: Shown): Promise<void> {
    const { view } = this;
    if (!view?.x || view.traces.length === 0) return;
    const bytes = await host.pairs({
      x: view.x,
      traces: view.traces,
      axis: this.time.axis,
      from_ms: fromMs,
      to_ms: toMs,
      most: this.time.following ? PAIRS_FOLLOWING : PAIRS_STANDING,
    });
    if (view.x !== this.view?.x || view.traces !== this.view.traces) return;
    this.answer = decode(bytes);
    this.of = view.traces;
    this.ofX = view.x;
    this.shown = { fromMs, toMs };
    this.redraw();
  }

  protected paint(pen: CanvasRenderingContext2D, area: Area): Axes {
    const { answer, hidden, view } = this;
    const { ratio } = area;
    const colors = theme();
    const hair = Math.max(1, Math.round(ratio));
    this.area = area;
    const now = performance.now();
    const scaled = (
      range: ValueRange,
      fixed: [number, number] | null | undefined,
      field: 0 | 1,
    ) => {
      if (fixed) return { least: fixed[0], greatest: fixed[1], log: false };
      const all = extent(answer.trails, field, hidden);
      const [least, greatest] = range.at(now, all, () => all);
      return { least, greatest, log: false };
    };
    this.scales = {
      x: scaled(this.ranges.x, view?.range_x, X),
      y: scaled(this.ranges.y, view?.range, Y),
    };
    const { x, y } = this.places(area);
    const across = valueTicks(
      this.scales.x.least,
      this.scales.x.greatest,
      Math.min(TICKS_MAX, area.width / ratio / BELOW_TICK_PX),
    );
    const up = valueTicks(
      this.scales.y.least,
      this.scales.y.greatest,
      Math.min(TICKS_MAX, area.height / ratio / VALUE_TICK_PX),
    );
    pen.fillStyle = colors.grid;
    for (const at of up.at) pen.fillRect(area.left, Math.round(y(at)), area.width, hair);
    for (const at of across.at) pen.fillRect(Math.round(x(at)), area.top, hair, area.height);

    pen.save();
    // What a fixed range leaves out is not drawn over the axes.
    pen.beginPath();
    const room = (LATEST_PX + 1.5) * ratio;
    pen.rect(area.left - room, area.top - room, area.width + 2 * room, area.height + 2 * room);
    pen.clip();
    answer.trails.forEach((_, n) => {
      if (!hidden.has(n)) this.trail(pen, n, x, y, ratio);
    });
    answer.trails.forEach((_, n) => {
      if (!hidden.has(n)) this.mark(pen, n, x, y, ratio);
    });
    pen.restore();
    this.name();
    this.show();

    const greatest = (at: readonly number[]) =>
      at.reduce((all, n) => Math.max(all, Math.abs(n)), 0);
    const nothing = answer.trails.every(({ length }) => length === 0);
    return {
      left: nothing
        ? []
        : up.at.map((at) => ({
            at: Math.round(y(at)),
            text: tick(at, view?.unit ?? 'none', up.step, greatest(up.at)),
          })),
      below: nothing
        ? []
        : across.at.map((at) => ({
            at: Math.round(x(at)),
            text: tick(at, 'none', across.step, greatest(across.at)),
          })),
    };
  }

  private places(area: Area): Record<'x' | 'y', (value: number) => number> {
    const fromRight = placer(this.scales.x, 0, area.width);
    return {
      x: (value) => area.left + area.width - fromRight(value),
      y: placer(this.scales.y, area.top, area.height),
    };
  }

  private trail(
    pen: CanvasRenderingContext2D,
    n: number,
    x: (value: number) => number,
    y: (value: number) => number,
    ratio: number,
  ): void {
    const trail = this.answer.trails[n];
    const color = this.of[n]?.color;
    const { shown, view } = this;
    if (!trail || color === undefined || !shown || !view) return;
    const ink = seriesColor(color);
    const side = Math.max(2, Math.round(POINT_PX * ratio));
    pen.strokeStyle = ink;
    pen.fillStyle = ink;
    pen.lineJoin = 'round';
    pen.lineWidth = 1.5 * ratio;
    let at = 0;
    for (let step = 0; step < AGE_STEPS; step += 1) {
      pen.globalAlpha = OLDEST_ALPHA + ((1 - OLDEST_ALPHA) * (step + 1)) / AGE_STEPS;
      if (view.style === 'line') pen.beginPath();
      for (; at < trail.length; at += FIELDS) {
        const ms = trail[at + AT] as number;
        if (ageStep(ms, shown.fromMs, shown.toMs, AGE_STEPS) > step) break;
        const px = x(trail[at + X] as number);
        const py = y(trail[at + Y] as number);
        if (view.style === 'points') {
          pen.fillRect(Math.round(px - side / 2), Math.round(py - side / 2), side, side);
          continue;
        }
        const joined = at > 0 && trail[at + GAP] === 0;
        const leads = at + FIELDS < trail.length && trail[at + FIELDS + GAP] === 0;
        // A point between two gaps needs ink of its own.
        if (!joined && !leads) pen.fillRect(px - side / 2, py - side / 2, side, side);
        if (!joined) continue;
        pen.moveTo(x(trail[at - FIELDS + X] as number), y(trail[at - FIELDS + Y] as number));
        pen.lineTo(px, py);
      }
      if (view.style === 'line') pen.stroke();
    }
    pen.globalAlpha = 1;
  }

  /** Marks the latest point. */
  private mark(
    pen: CanvasRenderingContext2D,
    n: number,
    x: (value: number) => number,
    y: (value: number) => number,
    ratio: number,
  ): void {
    const trail = this.answer.trails[n];
    if (!trail || trail.length === 0) return;
    const at = trail.length - FIELDS;
    pen.beginPath();
    pen.arc(x(trail[at + X] as number), y(trail[at + Y] as number), LATEST_PX * ratio, 0, 7);
    pen.fillStyle = seriesColor(this.of[n]?.color ?? 0);
    pen.fill();
    // Its rim tells it from the trail that it lies on.
    pen.lineWidth = 1.5 * ratio;
    pen.strokeStyle = theme().background;
    pen.stroke();
  }

  /** Names the axis below, in the corner where it ends. */
  private name(): void {
    const text = this.ofX ? traceLabel(this.ofX) : '';
    this.latest ??= this.notes.appendChild(document.createElement('span'));
    const { latest } = this;
    if (latest.textContent !== text) latest.textContent = text;
    latest.hidden = text === '';
    const place = `translate(calc(${this.areaWidth - 2}px - 100%), ${this.areaHeight - 16}px)`;
    if (latest.style.transform !== place) latest.style.transform = place;
  }

  protected pointed(at: { x: number; y: number } | null): void {
    this.pointer = at;
    this.chosen = null;
    this.show();
  }

  protected override pointedElsewhere(ms: number | null): void {
    if (ms === this.elsewhere) return;
    this.elsewhere = ms;
    this.show();
  }

  protected key(name: string): boolean {
    const trace =
      this.chosen?.trace ??
      this.answer.trails.findIndex((trail, n) => trail.length > 0 && !this.hidden.has(n));
    const trail = this.answer.trails[trace];
    if (!trail || trail.length === 0) return false;
    const last = trail.length - FIELDS;
    const at = this.chosen ? (atMoment(trail, this.chosen.ms) ?? 0) : last + FIELDS;
    const next =
      name === 'ArrowLeft' || name === 'ArrowDown'
        ? Math.max(0, at - FIELDS)
        : name === 'ArrowRight' || name === 'ArrowUp'
          ? Math.min(last, at + FIELDS)
          : name === 'Home'
            ? 0
            : name === 'End'
              ? last
              : null;
    if (name === 'Escape' && this.chosen) {
      this.chosen = null;
      this.show();
      return true;
    }
    if (next === null) return false;
    this.chosen = { trace, ms: trail[next + AT] as number };
    this.show();
    return true;
  }

  rows(): ChartRows {
    const { answer, hidden, of } = this;
    const shown = of.flatMap((_, n) => (hidden.has(n) ? [] : [n]));
    const pairs = shown
      .flatMap((n) => {
        const trail = answer.trails[n] ?? new Float64Array(0);
        return Array.from({ length: trail.length / FIELDS }, (_, at) => ({ n, at: at * FIELDS }));
      })
      .map(({ n, at }) => ({ n, at, ms: answer.trails[n]?.[at + AT] ?? 0 }))
      .sort((a, b) => b.ms - a.ms);
    const labels = shown.flatMap((n) => (of[n] ? [traceLabel(of[n], of)] : []));
    return {
      head: say('chart_table_time'),
      heads: [this.ofX ? traceLabel(this.ofX) : '', ...labels],
      count: pairs.length,
      at: (row) => {
        const { n, at, ms } = pairs[row] ?? { n: 0, at: 0, ms: 0 };
        const trail = answer.trails[n];
        const cells = shown.map((one) =>
          one === n ? value(trail?.[at + Y], this.view?.unit ?? 'none') : '',
        );
        return {
          key: `${row}`,
          head: clock(ms, 1),
          cells: [value(trail?.[at + X], 'none'), ...cells],
        };
      },
    };
  }

  private found(): (Found & { readout: boolean }) | null {
    const { answer, area, chosen, elsewhere, hidden, pointer } = this;
    if (!area) return null;
    const { x, y } = this.places({ ...area, left: 0, top: 0 });
    const { ratio } = area;
    if (chosen) {
      const at = atMoment(answer.trails[chosen.trace] ?? new Float64Array(0), chosen.ms);
      return at === null ? null : { trace: chosen.trace, at, readout: true };
    }
    if (pointer) {
      const place = { x: pointer.x * ratio, y: pointer.y * ratio };
      const near = nearest(answer.trails, hidden, place, x, y, NEAR_PX * ratio);
      return near && { ...near, readout: true };
    }
    if (elsewhere === null) return null;
    const trace = answer.trails.findIndex((trail, n) => trail.length > 0 && !hidden.has(n));
    const at = trace < 0 ? null : atMoment(answer.trails[trace] as Float64Array, elsewhere);
    return at === null ? null : { trace, at, readout: false };
  }

  /** Shows what is pointed at, by the pointer, the keyboard, or at a moment in another panel. */
  private show(): void {
    const { area, marker } = this;
    const found = this.found();
    const trail = found && this.answer.trails[found.trace];
    const trace = found && this.of[found.trace];
    this.describe(found);
    marker.hidden = !found;
    if (!found || !trail || !trace || !area) {
      this.readout.hide();
      return;
    }
    const { x, y } = this.places({ ...area, left: 0, top: 0 });
    const left = x(trail[found.at + X] as number) / area.ratio;
    const top = y(trail[found.at + Y] as number) / area.ratio;
    marker.classList.add('sampled-ring');
    marker.style.transform = `translate(${left}px, ${top}px)`;
    if (!found.readout) {
      this.readout.hide();
      return;
    }
    const ms = trail[found.at + AT] as number;
    this.readout.show(
      clock(ms, 1),
      [],
      [
        {
          color: theme().muted,
          name: this.ofX ? traceLabel(this.ofX) : '',
          text: value(trail[found.at + X], 'none'),
        },
        {
          color: seriesColor(trace.color),
          name: traceLabel(trace, this.of),
          text: value(trail[found.at + Y], this.view?.unit ?? 'none'),
        },
      ],
      this.onScreen(left, top),
    );
  }

  private describe(found: Found | null): void {
    const name = say('xy_name', {
      names: traceLabels(this.of).join(', '),
      x: this.ofX ? traceLabel(this.ofX) : '',
    });
    const trace = found?.trace ?? this.answer.trails.findIndex(({ length }) => length > 0);
    const trail = this.answer.trails[trace];
    if (!trail || trail.length === 0) {
      this.setRole('img', name, '');
      return;
    }
    const last = trail.length / FIELDS - 1;
    const said = found ? this.pairText(found.trace, found.at) : this.text();
    this.setRole('slider', name, said, [found ? found.at / FIELDS : last, last]);
  }

  private pairText(n: number, at: number): string {
    const trail = this.answer.trails[n];
    const trace = this.of[n];
    if (!trail || !trace || !this.ofX) return '';
    return say('xy_pair', {
      time: clock(trail[at + AT] as number, 1),
      x: traceLabel(this.ofX),
      x_value: value(trail[at + X], 'none'),
      name: traceLabel(trace, this.of),
      value: value(trail[at + Y], this.view?.unit ?? 'none'),
    });
  }

  /** The latest pair of a trace, in figures. */
  latestText(n: number): string {
    const trail = this.answer.trails[n];
    if (!trail || trail.length === 0) return value(null, 'none');
    return value(trail[trail.length - FIELDS + Y], this.view?.unit ?? 'none');
  }

  /** What is shown, in words. */
  text(): string {
    return this.answer.trails
      .flatMap((trail, n) => (trail.length > 0 ? [this.pairText(n, trail.length - FIELDS)] : []))
      .join(' ');
  }

  /** Of how many samples it is, and how many of them have no pair. */
  amountTexts(): string[] {
    const traces = this.answer.facts.traces.filter((_, n) => !this.hidden.has(n));
    const sum = (of: (trace: (typeof traces)[number]) => number) =>
      traces.reduce((all, one) => all + of(one), 0);
    const [counted, total, alone] = [
      sum((trace) => trace.counted),
      sum((trace) => trace.total),
      sum((trace) => trace.alone),
    ];
    if (total === 0) return [];
    const texts = [
      counted < total
        ? say('samples_some', { counted: count(counted), total: count(total) })
        : say('samples_all', { total: count(total) }),
    ];
    if (alone > 0 && this.ofX) {
      texts.push(say('xy_alone', { n: count(alone), x: traceLabel(this.ofX) }));
    }
    return texts;
  }
}
