// Lines over time, as a plot's painter: what is measured at which axis, and how each trace is drawn.

import type { Level } from '../generated/Level';
import type { Unit } from '../generated/Unit';
import { NOTHING, tick, value } from '../lib/format';
import { seriesColor, seriesDashed, theme } from '../lib/theme';
import { COUNT, type Columns, FIELDS, GAP, INDEX, LAST, MAX, MIN } from '../live/columns';
import type { Source } from '../live/source';
import type { Lane } from '../plot/key-cursor';
import type { Label } from '../plot/labels';
import type { Painter, Place, Seen } from '../plot/painter';
import type { Reading } from '../plot/readout';
import { placer, type Scale, sameScale } from '../plot/scale';
import type { Canvas, Frame } from '../plot/strip';
import { logTicks, type Ticks, valueTicks } from '../plot/ticks';
import { ValueRange } from '../plot/value-range';
import { DASH_COLUMNS, line, type Style } from './line';

export type Side = 'left' | 'right';

export interface AxisLook {
  unit: Unit;
  /** A fixed range of values; `null` fits what is in view. */
  range: [number, number] | null;
  log: boolean;
}

export interface TraceLook {
  name: string;
  color: number;
  side: Side;
  style: Style | 'band';
}

/** A value that is marked by a line. */
export interface Reference {
  value: number;
  side: Side;
  level: Level;
  name: string;
}

export interface LinesLook {
  traces: readonly TraceLook[];
  axes: Record<Side, AxisLook>;
  references: readonly Reference[];
}

const SIDES: readonly Side[] = ['left', 'right'];
const AXIS_PX = { left: 66, right: 12, second: 62 };
const VALUE_TICK_PX = 28;
const DASH_PX = [5, 3];
const BAND_ALPHA = 0.22;
// Many lines are told apart more easily when they are thin.
const MANY_TRACES = 4;

export class Lines implements Painter {
  /** The traces that are switched off in the legend. */
  readonly hidden = new Set<number>();
  private readonly ranges: Record<Side, ValueRange> = {
    left: new ValueRange(),
    right: new ValueRange(),
  };
  private scales: Record<Side, Scale> = { left: UNIT_SCALE, right: UNIT_SCALE };

  constructor(
    private readonly source: Source,
    public look: LinesLook,
  ) {}

  get room(): { left: number; right: number } {
    return { left: AXIS_PX.left, right: this.has('right') ? AXIS_PX.second : AXIS_PX.right };
  }

  columnMs(): null {
    return null;
  }

  fit(seen: Seen): boolean {
    let changed = false;
    for (const side of SIDES) {
      const scale = this.scaleOf(side, seen);
      if (sameScale(scale, this.scales[side])) continue;
      this.scales[side] = scale;
      changed = true;
    }
    return changed;
  }

  /** The place of values at an axis. */
  scaleAt(side: Side): Scale {
    return this.scales[side];
  }

  labels(place: Place): { left: Label[]; right: Label[] } {
    return { left: this.labelsOf('left', place), right: this.labelsOf('right', place) };
  }

  rows(place: Place): number[] {
    // Two grids cannot be told apart.
    const side = this.has('left') || !this.has('right') ? 'left' : 'right';
    return this.ticks(side, place).at.map(this.y(side, place));
  }

  reach({ ratio }: Place): number {
    return 2 * this.thick * ratio;
  }

  last(): number {
    let last = Number.NEGATIVE_INFINITY;
    for (const columns of this.source.columns.traces) {
      if (columns.length > 0) last = Math.max(last, columns.data[columns.end - FIELDS] as number);
    }
    return last;
  }

  paint(pen: Canvas, frame: Frame, from: number, to: number, ratio: number): void {
    this.references(pen, frame, from, to, ratio);
    const thick = this.thick * ratio;
    pen.lineJoin = 'round';
    pen.lineWidth = thick;
    // Bars are filled while a line is still on its way: they are no part of its path.
    const brush = {
      rect: (x: number, y: number, width: number, height: number) =>
        pen.fillRect(x, y, width, height),
    };
    this.look.traces.forEach(({ color, side, style }, n) => {
      const columns = this.source.columns.traces[n];
      if (!columns || this.hidden.has(n)) return;
      const ink = seriesColor(color);
      pen.strokeStyle = ink;
      pen.fillStyle = ink;
      const y = placer(this.scales[side], frame.top, frame.height);
      const dashed = seriesDashed(color);
      if (style === 'band') {
        pen.globalAlpha = BAND_ALPHA;
        band(columns, frame, y, from, to, pen);
        pen.globalAlpha = 1;
      }
      if (dashed) pen.setLineDash(DASH_PX.map((length) => length * ratio));
      pen.beginPath();
      const look = { style: style === 'band' ? 'line' : style, thick, dashed, y } as const;
      line(columns, frame, look, from, to, pen, brush);
      pen.stroke();
      if (dashed) pen.setLineDash([]);
    });
  }

  readings(ms: number, nearMs: number): Reading[] {
    return this.look.traces.flatMap(({ color, name, side }, n) =>
      this.hidden.has(n)
        ? []
        : [
            {
              color: seriesColor(color),
              name,
              text: this.reading(this.source.columns.traces[n], side, ms, nearMs),
            },
          ],
    );
  }

  lanes(): Lane[] {
    const shown = this.look.traces.flatMap((_, n) => (this.hidden.has(n) ? [] : [n]));
    return shown.map((trace, reading) => ({ trace, y: 0, reading }));
  }

  private get thick(): number {
    return this.look.traces.length > MANY_TRACES ? 1.25 : 1.5;
  }

  private has(side: Side): boolean {
    return this.look.traces.some((trace) => trace.side === side);
  }

  /** What is not measured at this axis. */
  private othersThan(side: Side): ReadonlySet<number> {
    const others = new Set(this.hidden);
    this.look.traces.forEach((trace, n) => {
      if (trace.side !== side) others.add(n);
    });
    return others;
  }

  private scaleOf(side: Side, seen: Seen): Scale {
    const { range, log } = this.look.axes[side];
    if (range && (!log || range[0] > 0)) return { least: range[0], greatest: range[1], log };
    const { columns } = this.source;
    const others = this.othersThan(side);
    if (seen.whole) this.ranges[side].refit();
    const since = Math.max(seen.fromMs, seen.changed * columns.columnMs);
    const fresh = since < seen.toMs ? columns.extent(since, seen.toMs, others) : null;
    const [least, greatest] = this.ranges[side].at(
      seen.atMs,
      fresh,
      () => columns.extent(seen.fromMs, seen.toMs, others, log),
      log,
    );
    return { least, greatest, log };
  }

  private y(side: Side, place: Place): (value: number) => number {
    const at = placer(this.scales[side], place.top, place.height);
    return (value) => Math.round(at(value));
  }

  private ticks(side: Side, place: Place): Ticks {
    const { least, greatest, log } = this.scales[side];
    const most = place.height / place.ratio / VALUE_TICK_PX;
    return log ? logTicks(least, greatest, most) : valueTicks(least, greatest, most);
  }

  private labelsOf(side: Side, place: Place): Label[] {
    if (side === 'right' && !this.has('right')) return [];
    if (side === 'left' && !this.has('left') && this.has('right')) return [];
    const ticks = this.ticks(side, place);
    const y = this.y(side, place);
    const top = ticks.at.reduce((most, n) => Math.max(most, Math.abs(n)), 0);
    const { unit } = this.look.axes[side];
    return ticks.at.map((n) => ({
      at: y(n),
      text: tick(n, unit, this.scales[side].log ? n : ticks.step, this.scales[side].log ? n : top),
    }));
  }

  private references(pen: Canvas, frame: Frame, from: number, to: number, ratio: number): void {
    const hair = Math.max(1, Math.round(ratio));
    const left = (Math.floor(from / DASH_COLUMNS) * DASH_COLUMNS - frame.base) * frame.wide;
    const right = (to - frame.base) * frame.wide;
    for (const { value, side, level } of this.look.references) {
      const at = Math.round(placer(this.scales[side], frame.top, frame.height)(value));
      if (at < frame.top || at > frame.top + frame.height) continue;
      pen.strokeStyle = theme().levels[level];
      pen.lineWidth = hair;
      pen.setLineDash([4 * ratio, 4 * ratio]);
      pen.beginPath();
      pen.moveTo(left, at + hair / 2);
      pen.lineTo(right, at + hair / 2);
      pen.stroke();
      pen.setLineDash([]);
    }
  }

  private reading(columns: Columns | undefined, side: Side, ms: number, nearMs: number): string {
    const column = columns?.near(
      ms / this.source.columns.columnMs,
      nearMs / this.source.columns.columnMs,
    );
    if (!column) return NOTHING;
    const { unit } = this.look.axes[side];
    if (column[COUNT] > 1 && column[MIN] !== column[MAX]) {
      return `${value(column[MIN], unit)} – ${value(column[MAX], unit)}`;
    }
    return value(column[LAST], unit);
  }
}

const UNIT_SCALE: Scale = { least: 0, greatest: 1, log: false };

/** Fills what lies between the least and the greatest values, run by run between gaps. */
function band(
  columns: Columns,
  frame: Frame,
  y: (value: number) => number,
  from: number,
  to: number,
  pen: Canvas,
): void {
  const { data, end } = columns;
  let offset = columns.offsetAt(Math.floor(from));
  if (offset > columns.start) offset -= FIELDS;
  const x = (at: number) => ((data[at + INDEX] as number) - frame.base + 0.5) * frame.wide;
  while (offset < end && (data[offset] as number) <= to) {
    const first = offset;
    offset += FIELDS;
    while (offset < end && (data[offset + GAP] as number) === 0) {
      offset += FIELDS;
      if ((data[offset - FIELDS] as number) > to) break;
    }
    pen.beginPath();
    pen.moveTo(x(first), y(data[first + MAX] as number));
    for (let at = first + FIELDS; at < offset; at += FIELDS) {
      pen.lineTo(x(at), y(data[at + MAX] as number));
    }
    for (let at = offset - FIELDS; at >= first; at -= FIELDS) {
      pen.lineTo(x(at), y(data[at + MIN] as number));
    }
    pen.closePath();
    pen.fill();
  }
}
