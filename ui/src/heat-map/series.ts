// A heat map of several series, as a plot's painter: a row for each, in which values are colours.

import type { Trace } from '../generated/Trace';
import type { Unit } from '../generated/Unit';
import { NOTHING, tick, value } from '../lib/format';
import { type Theme, theme } from '../lib/theme';
import { COUNT, FIELDS, LAST, MAX, MIN } from '../live/columns';
import type { Source } from '../live/source';
import { GapStarts } from '../plot/gap-starts';
import type { Lane } from '../plot/key-cursor';
import { type Label, nameRoom } from '../plot/labels';
import type { Painter, Place, Seen, Shown } from '../plot/painter';
import type { Reading } from '../plot/readout';
import { type Rows, rowAt, rowLanes, rowNames, rowOf, rowsOf } from '../plot/rows';
import { placer, type Scale, sameScale } from '../plot/scale';
import type { Canvas, Frame } from '../plot/strip';
import { logTicks, valueTicks } from '../plot/ticks';
import { ValueRange } from '../plot/value-range';
import { eachCell, spacing } from './cells';
import { Legend } from './legend';
import { rampOf, stepOf } from './ramp';

export interface SeriesRow {
  name: string;
  trace: Pick<Trace, 'feed' | 'channel'>;
}

export interface SeriesLook {
  rows: readonly SeriesRow[];
  unit: Unit;
  /** A fixed range; `null` fits what is in view. */
  range: [number, number] | null;
  log: boolean;
}

const LEGEND_ROOM_PX = 76;
const NO_LEGEND_ROOM_PX = 12;
// Where there is less room, it is the data's.
const LEGEND_WIDTH_PX_MIN = 300;
const LEGEND_TICK_PX = 28;
const LEGEND_TICKS_MIN = 3;
// Rows are parted by a line only where that is not most of them.
const PARTED_PX_MIN = 6;
const NOTHING_HIDDEN: ReadonlySet<number> = new Set();

export class SeriesMap implements Painter {
  private width = 0;
  private roomOf: readonly SeriesRow[] | null = null;
  private roomWidth = 0;
  private roomLeft = 0;
  private place: Place = { top: 0, height: 1, ratio: 1 };
  private readonly range = new ValueRange();
  private scale: Scale = { least: 0, greatest: 1, log: false };
  private colors: string[] = [];
  private colorsOf: Theme | null = null;
  private gapStarts: GapStarts[] = [];
  private gapsOf = -1;
  private rowsOfGaps: readonly SeriesRow[] | null = null;
  private spacings: number[] = [];
  private readonly legend = new Legend();

  constructor(
    private readonly source: Source,
    public look: SeriesLook,
  ) {}

  get room(): { left: number; right: number } {
    // Measured once: what comes out must not change while the canvas does not.
    if (this.roomOf !== this.look.rows || this.roomWidth !== this.width) {
      this.roomOf = this.look.rows;
      this.roomWidth = this.width;
      this.roomLeft = nameRoom(this.names, this.width);
    }
    return {
      left: this.roomLeft,
      right: this.hasLegend ? LEGEND_ROOM_PX : NO_LEGEND_ROOM_PX,
    };
  }

  setBox(width: number): void {
    this.width = width;
  }

  attach(over: HTMLElement): void {
    this.legend.attach(over);
  }

  columnMs(): null {
    return null;
  }

  fit(seen: Seen, place: Place): boolean {
    this.place = place;
    const { columns } = this.source;
    const { rows } = this.look;
    if (columns.gapsVersion !== this.gapsOf || this.rowsOfGaps !== rows) {
      this.gapsOf = columns.gapsVersion;
      this.rowsOfGaps = rows;
      this.gapStarts = rows.map(({ trace }) => new GapStarts(columns.gaps, trace));
    }
    if (seen.whole || seen.changed < Number.POSITIVE_INFINITY) {
      this.spacings = columns.traces.map(spacing);
    }
    if (this.colorsOf !== theme()) {
      this.colorsOf = theme();
      this.colors = rampOf(theme().ramp);
    }
    const scale = this.scaleOf(seen);
    if (sameScale(scale, this.scale)) return false;
    this.scale = scale;
    return true;
  }

  labels(place: Place): { left: Label[]; right: Label[] } {
    this.showLegend(place);
    return { left: rowNames(this.rowsIn(place), this.names, place.ratio), right: [] };
  }

  rows(): number[] {
    return [];
  }

  reach(): number {
    return 0;
  }

  last(): number {
    let last = Number.NEGATIVE_INFINITY;
    this.source.columns.traces.forEach((columns, n) => {
      if (columns.length === 0) return;
      const index = columns.data[columns.end - FIELDS] as number;
      last = Math.max(last, index + (this.spacings[n] ?? 1));
    });
    return last;
  }

  paint(pen: Canvas, frame: Frame, from: number, to: number, ratio: number): void {
    const rows = this.rowsIn({ top: frame.top, height: frame.height });
    const step = stepOf(this.scale);
    const hair = Math.max(1, Math.round(ratio));
    const xOf = (column: number) => Math.round((column - frame.base) * frame.wide);
    const least = xOf(from);
    const most = xOf(to);
    this.look.rows.forEach((_, n) => {
      const columns = this.source.columns.traces[n];
      if (!columns) return;
      const { top, height: whole } = rowAt(rows, n);
      const height = whole >= PARTED_PX_MIN * ratio ? whole - hair : whole;
      // Cells of one colour that touch are filled as one.
      let left = 0;
      let right = 0;
      let color = -1;
      const fill = () => {
        if (color < 0 || right <= left) return;
        pen.fillStyle = this.colors[color] ?? '';
        pen.fillRect(left, top, right - left, height);
      };
      eachCell(columns, from, to, this.spacings[n] ?? 1, this.gaps(n), (start, end, n) => {
        const next = step(n);
        const x = Math.max(least, xOf(start));
        if (next === color && x <= right) right = Math.min(most, xOf(end));
        else {
          fill();
          left = x;
          right = Math.min(most, Math.max(x + 1, xOf(end)));
          color = next;
        }
      });
      fill();
    });
  }

  settle(shown: Shown): void {
    this.legend.place(shown);
  }

  lanes(): Lane[] {
    return rowLanes(this.rowsIn(this.place));
  }

  readings(ms: number, nearMs: number, y: number): Reading[] {
    const n = rowOf(this.rowsIn(this.place), y);
    const row = this.look.rows[n];
    if (!row) return [];
    const { columns } = this.source;
    const { columnMs } = columns;
    const none = { color: 'transparent', name: row.name, text: NOTHING };
    const one = columns.traces[n];
    if (!one) return [none];
    const at = ms / columnMs;
    let index: number | null = null;
    eachCell(one, at, at, this.spacings[n] ?? 1, this.gaps(n), (start, end) => {
      if (start <= at && at < end) index = start;
    });
    const found = index === null ? one.near(at, nearMs / columnMs / 4) : one.near(index, 1);
    if (!found) return [none];
    const { unit } = this.look;
    const middle = (found[MIN] + found[MAX]) / 2;
    const text =
      found[COUNT] > 1 && found[MIN] !== found[MAX]
        ? `${value(found[MIN], unit)} – ${value(found[MAX], unit)}`
        : value(found[LAST], unit);
    const color = this.colors[stepOf(this.scale)(middle)] ?? 'transparent';
    return [{ color, name: row.name, text }];
  }

  destroy(): void {
    this.legend.destroy();
  }

  private get names(): string[] {
    return this.look.rows.map(({ name }) => name);
  }

  private get hasLegend(): boolean {
    return this.width >= LEGEND_WIDTH_PX_MIN;
  }

  private rowsIn(place: Pick<Place, 'top' | 'height'>): Rows {
    return rowsOf(this.look.rows.length, place);
  }

  private gaps(n: number): (after: number, until: number) => number | null {
    const { columnMs } = this.source.columns;
    const starts = this.gapStarts[n];
    return (after, until) => {
      const found = starts?.between(after * columnMs, until * columnMs) ?? null;
      return found === null ? null : found / columnMs;
    };
  }

  private scaleOf(seen: Seen): Scale {
    const { log, range } = this.look;
    if (range && (!log || range[0] > 0)) return { least: range[0], greatest: range[1], log };
    const { columns } = this.source;
    if (seen.whole) this.range.refit();
    const since = Math.max(seen.fromMs, seen.changed * columns.columnMs);
    const extent = (fromMs: number) => columns.extent(fromMs, seen.toMs, NOTHING_HIDDEN, log);
    const fresh = since < seen.toMs ? extent(since) : null;
    const [least, greatest] = this.range.at(seen.atMs, fresh, () => extent(seen.fromMs), log);
    return { least, greatest, log };
  }

  private showLegend(place: Place): void {
    if (!this.hasLegend) {
      this.legend.show(null);
      return;
    }
    const { least, greatest, log } = this.scale;
    const most = place.height / place.ratio / LEGEND_TICK_PX;
    // Powers of ten may be further apart than the ends of the range.
    const powers = log ? logTicks(least, greatest, most) : null;
    const isLog = powers !== null && powers.at.length >= LEGEND_TICKS_MIN;
    const ticks = isLog ? powers : valueTicks(least, greatest, most);
    const top = Math.max(...ticks.at.map(Math.abs), 0);
    const y = placer(this.scale, 0, 1);
    this.legend.show(
      ticks.at.map((n) => ({
        at: y(n),
        text: tick(n, this.look.unit, isLog ? n : ticks.step, isLog ? n : top),
      })),
    );
  }
}
