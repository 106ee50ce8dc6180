// How the values of one trace are distributed over time: in each column of time the colour of a cell
// says how many values were there. A plot's painter; it asks for the cells beside the columns.

import * as host from '$host';
import { traceLabel } from '../board/trace';
import type { Axis } from '../generated/Axis';
import type { Trace } from '../generated/Trace';
import type { Unit } from '../generated/Unit';
import { count, NOTHING, tick, value } from '../lib/format';
import { type Theme, theme } from '../lib/theme';
import { Asking } from '../live/asking';
import { MAX, MIN } from '../live/columns';
import type { Drawing } from '../live/drawing';
import type { Source } from '../live/source';
import type { Lane } from '../plot/key-cursor';
import type { Label } from '../plot/labels';
import type { Painter, Place, Seen } from '../plot/painter';
import type { Reading } from '../plot/readout';
import { placer, type Scale, sameScale, valueAt } from '../plot/scale';
import type { Canvas, Frame } from '../plot/strip';
import { niceStep, type Ticks, valueTicks } from '../plot/ticks';
import { ValueRange } from '../plot/value-range';
import { say } from '../words/say';
import { rampOf } from './ramp';
import { type Cells, cellCount, decode, Heat, roundMost, strength } from './values-cells';

const AXIS_PX = { left: 66, right: 12 };
const NARROW_PX = 260;
const NARROW_LEFT_PX = 52;
// Large enough that a cell has several samples, and is seen.
const CELL_WIDE_PX = 6;
const CELL_HIGH_PX = 6;
const BINS = { least: 6, most: 96 };
const VALUE_TICK_PX = 28;
// The ramp in so many steps: finer ones cannot be told apart.
const COLORS = 48;

export interface HeatLook {
  trace: Trace | null;
  unit: Unit;
  range: [number, number] | null;
}

export class HeatValues implements Painter {
  readonly heat = new Heat();
  /** What the strongest colour stands for. */
  most = 1;
  /** Called when that is another now, or more is known. */
  onChange: (() => void) | null = null;
  private readonly asking: Asking;
  private readonly values = new ValueRange();
  private scale: Scale = { least: 0, greatest: 1, log: false };
  private bins = BINS.least;
  private view = { from: 0, to: 0 };
  private shownMost = 1;
  private colors: string[] = [];
  private colorsOf: Theme | null = null;
  private width = 0;
  private axis: Axis | null = null;

  constructor(
    private readonly source: Source,
    private readonly drawing: Drawing,
    public look: HeatLook,
    onTrouble: (trouble: unknown) => void,
  ) {
    this.asking = new Asking(
      () => this.ask(),
      () => false,
      onTrouble,
    );
  }

  /** Another trace, or its other times: nothing of what is known is of it. */
  forget(): void {
    this.heat.columns.clear();
    this.values.refit();
    this.most = 1;
  }

  destroy(): void {
    this.asking.destroy();
  }

  get room(): { left: number; right: number } {
    const left = this.width > 0 && this.width < NARROW_PX ? NARROW_LEFT_PX : AXIS_PX.left;
    return { ...AXIS_PX, left };
  }

  columnMs(_spanMs: number, widthPx: number): number {
    this.width = widthPx + AXIS_PX.left;
    const wanted = (this.source.time.shownMs * CELL_WIDE_PX) / Math.max(CELL_WIDE_PX, widthPx);
    return Math.max(1, niceStep(wanted));
  }

  fit(seen: Seen, place: Place): boolean {
    const { columns, time } = this.source;
    const { columnMs } = columns;
    if (time.axis !== this.axis) {
      this.axis = time.axis;
      this.forget();
    }
    const scale = this.scaleOf(seen);
    const changed = !sameScale(scale, this.scale);
    this.scale = scale;
    const high = place.height / place.ratio / CELL_HIGH_PX;
    this.bins = Math.round(Math.max(BINS.least, Math.min(BINS.most, high)));
    this.heat.setShape(columnMs, this.bins, scale.least, scale.greatest);
    const from = Math.floor(seen.fromMs / columnMs);
    const to = Math.ceil(seen.toMs / columnMs) + 1;
    this.view = { from, to };
    const wide = to - from;
    this.heat.keep(from - wide, to + wide);
    const trace = columns.traces[0];
    if (this.look.trace && trace && this.heat.missing(trace, from, to)) this.asking.soon();
    const recoloured = this.most !== this.shownMost;
    this.shownMost = this.most;
    return changed || recoloured;
  }

  private scaleOf(seen: Seen): Scale {
    const { range } = this.look;
    if (range && range[0] < range[1]) return { least: range[0], greatest: range[1], log: false };
    const { columns } = this.source;
    if (seen.whole) this.values.refit();
    const since = Math.max(seen.fromMs, seen.changed * columns.columnMs);
    const fresh = since < seen.toMs ? columns.extent(since, seen.toMs, NONE) : null;
    const all = () => columns.extent(seen.fromMs, seen.toMs, NONE);
    const [least, greatest] = this.values.at(seen.atMs, fresh, all);
    return { least, greatest, log: false };
  }

  private async ask(): Promise<void> {
    const { axis, heat, look, scale, source, bins } = this;
    const columns = source.columns.traces[0];
    const { columnMs } = heat;
    const missing = columns && heat.missing(columns, this.view.from, this.view.to);
    const { trace } = look;
    if (!missing || !trace) return;
    const bytes = await host.heat({
      trace,
      axis: axis ?? source.time.axis,
      from_ms: missing.from * columnMs,
      to_ms: missing.to * columnMs,
      columns: missing.to - missing.from,
      bins,
      range: [scale.least, scale.greatest],
      log: false,
    });
    if (look.trace !== this.look.trace || axis !== this.axis) return;
    const first = heat.take(decode(bytes));
    if (first === Number.POSITIVE_INFINITY) return;
    this.most = roundMost(heat.most(this.view.from, this.view.to), this.most);
    source.columns.touch(first);
    this.onChange?.();
    this.drawing.requestFrame();
  }

  labels(place: Place): { left: Label[]; right: Label[] } {
    const ticks = this.ticks(place);
    const y = this.y(place);
    const top = ticks.at.reduce((most, n) => Math.max(most, Math.abs(n)), 0);
    const left = ticks.at.map((n) => ({
      at: y(n),
      text: tick(n, this.look.unit, ticks.step, top),
    }));
    return { left, right: [] };
  }

  rows(place: Place): number[] {
    return this.ticks(place).at.map(this.y(place));
  }

  reach(): number {
    return 0;
  }

  last(): number {
    const { view } = this;
    let last = Number.NEGATIVE_INFINITY;
    for (const index of this.heat.columns.keys()) {
      if (index > last && index < view.to) last = index;
    }
    return last;
  }

  paint(pen: Canvas, frame: Frame, from: number, to: number): void {
    const y = placer(this.scale, frame.top, frame.height);
    const end = frame.top + frame.height;
    const colors = this.ramp();
    for (let index = Math.floor(from); index <= to; index += 1) {
      const cells = this.heat.columns.get(index);
      if (!cells) continue;
      const left = Math.round((index - frame.base) * frame.wide);
      const right = Math.round((index + 1 - frame.base) * frame.wide);
      const { counts, least, greatest } = cells;
      const wide = (greatest - least) / counts.length;
      for (let bin = 0; bin < counts.length; bin += 1) {
        if (counts[bin] === 0) continue;
        const top = Math.max(frame.top, Math.round(y(least + (bin + 1) * wide)));
        const bottom = Math.min(end, Math.round(y(least + bin * wide)));
        if (bottom <= top) continue;
        pen.fillStyle = colors[
          Math.round(strength(cellCount(cells, bin), this.most) * (COLORS - 1))
        ] as string;
        pen.fillRect(left, top, right - left, bottom - top);
      }
    }
  }

  readings(ms: number): Reading[] {
    const { look } = this;
    const name = look.trace ? traceLabel(look.trace) : '';
    const index = Math.floor(ms / this.heat.columnMs);
    const cells = this.heat.columns.get(index);
    if (!cells) return [{ color: theme().muted, name, text: NOTHING }];
    const all: Reading = {
      color: 'transparent',
      name: say('heat_all'),
      text: `${count(cells.total)} · ${this.extent(index)}`,
    };
    const bin = this.binAt(cells);
    if (bin === null) return [all];
    const wide = (cells.greatest - cells.least) / cells.counts.length;
    const from = cells.least + bin * wide;
    const n = cellCount(cells, bin);
    const color = this.ramp()[Math.round(strength(n, this.most) * (COLORS - 1))] as string;
    return [
      {
        color: n > 0 ? color : 'transparent',
        name: say('histogram_bin', {
          from: value(from, look.unit),
          to: value(from + wide, look.unit),
        }),
        text: say(cells.counted < cells.total ? 'histogram_count_some' : 'histogram_count', {
          count: count(cells.counts[bin] ?? 0),
          share: value(((cells.counts[bin] ?? 0) / Math.max(1, cells.counted)) * 100, 'percent'),
        }),
      },
      all,
    ];
  }

  table() {
    return {
      heads: [say('chart_table_samples'), say('chart_table_range')],
      cells: (ms: number) => {
        const index = Math.floor(ms / this.heat.columnMs);
        const cells = this.heat.columns.get(index);
        return cells ? [count(cells.total), this.extent(index)] : [NOTHING, NOTHING];
      },
    };
  }

  /** All values of a column, and then each bin of them. */
  lanes(): Lane[] {
    const { placed, scale } = this;
    const all: Lane = { trace: 0, y: Number.NEGATIVE_INFINITY };
    if (!placed) return [all];
    const y = placer(scale, placed.top, placed.height);
    const wide = (scale.greatest - scale.least) / this.bins;
    const bins = Array.from({ length: this.bins }, (_, n) => ({
      trace: 0,
      y: y(scale.greatest - (n + 0.5) * wide),
    }));
    return [all, ...bins];
  }

  /** The bin at the height of the pointer. */
  private binAt(cells: Cells): number | null {
    const { hover } = this.drawing;
    if (!hover || hover.panel !== this.source.id || this.placed === null) return null;
    const { ratio, top, height } = this.placed;
    const pointed = valueAt(this.scale, top, height, hover.y * ratio);
    const share = (pointed - cells.least) / (cells.greatest - cells.least);
    const bin = Math.floor(share * cells.counts.length);
    return bin >= 0 && bin < cells.counts.length ? bin : null;
  }

  private extent(index: number): string {
    const columns = this.source.columns.traces[0];
    const column = columns?.near(index, 0);
    if (!column) return NOTHING;
    const { unit } = this.look;
    return `${value(column[MIN], unit)} – ${value(column[MAX], unit)}`;
  }

  /** What is shown last, in words. */
  text(): string {
    const { look } = this;
    const name = look.trace ? traceLabel(look.trace) : '';
    const last = this.last();
    const cells = this.heat.columns.get(last);
    if (!cells) return say('heat_text_none', { name });
    let bin = 0;
    cells.counts.forEach((n, at) => {
      if (n > (cells.counts[bin] ?? 0)) bin = at;
    });
    const wide = (cells.greatest - cells.least) / cells.counts.length;
    return say('heat_values_text', {
      name,
      count: count(cells.total),
      extent: this.extent(last),
      from: value(cells.least + bin * wide, look.unit),
      to: value(cells.least + (bin + 1) * wide, look.unit),
    });
  }

  /** Of how many samples it is, if not of all. */
  amountText(): string {
    const { counted, total } = this.heat.amount(this.view.from, this.view.to);
    return counted < total
      ? say('samples_some', { counted: count(counted), total: count(total) })
      : '';
  }

  private placed: Place | null = null;

  private y(place: Place): (value: number) => number {
    this.placed = place;
    const at = placer(this.scale, place.top, place.height);
    return (value) => Math.round(at(value));
  }

  private ticks(place: Place): Ticks {
    const { least, greatest } = this.scale;
    return valueTicks(least, greatest, place.height / place.ratio / VALUE_TICK_PX);
  }

  private ramp(): string[] {
    if (this.colorsOf === theme()) return this.colors;
    this.colorsOf = theme();
    this.colors = rampOf(theme().ramp, COLORS);
    return this.colors;
  }
}

const NONE: ReadonlySet<number> = new Set();
