// Candles over time, as a plot's painter: a column of a fixed length is one, from its first value
// to its last. Below them stands how many samples each was made of.

import type { Gap } from '../generated/Gap';
import type { Trace } from '../generated/Trace';
import type { Unit } from '../generated/Unit';
import { change, clock, count, day, NOTHING, tick } from '../lib/format';
import { theme } from '../lib/theme';
import { COUNT, type Column, FIELDS, FIRST, INDEX, LAST, MAX, MIN } from '../live/columns';
import type { Source } from '../live/source';
import { concerns } from '../plot/gap-starts';
import type { Label } from '../plot/labels';
import type { Painter, Place, Seen, Shown } from '../plot/painter';
import type { Reading } from '../plot/readout';
import { placer, type Scale, sameScale } from '../plot/scale';
import type { Canvas, Frame } from '../plot/strip';
import { niceStep, type Ticks, valueTicks } from '../plot/ticks';
import { ValueRange } from '../plot/value-range';
import { say } from '../words/say';
import { interval } from './interval';
import { LastLine } from './last-line';
import { shape } from './shape';
import { touchedBy } from './touched';

export interface CandlesLook {
  trace: Pick<Trace, 'feed' | 'channel'> | null;
  unit: Unit;
  /** How long a candle is; `null`: as the span has room for. */
  intervalMs: number | null;
}

const ROOM_PX = { left: 12, right: 72 };
const VALUE_TICK_PX = 28;
// Of the height, for the ticks, where there is enough of it.
const TICKS_SHARE = 0.14;
const TICKS_PLOT_PX_MIN = 96;
const TICKS_PX_MAX = 56;
const TICKS_AIR_PX = 10;
const TICKS_ALPHA = 0.32;
const TOUCHED_ALPHA = 0.55;
const MARK_PX = 3;
// How much finer than the height of all candles values are told.
const VALUE_STEPS = 1000;
// Numbers that change faster cannot be read.
const TOLD_MS = 250;
// Up to here there is room for all the digits.
const FULL_BELOW = 1e7;
const DAY_MS = 86_400_000;
const NO_SCALE: Scale = { least: 0, greatest: 1, log: false };
const NOTHING_HIDDEN: ReadonlySet<number> = new Set();

export class Candles implements Painter {
  readonly room = ROOM_PX;
  private readonly range = new ValueRange();
  private readonly most = new ValueRange();
  private scale = NO_SCALE;
  private ticksMost = 1;
  /** By column, the cause of a gap that is in it. */
  private touched = new Map<number, Gap['cause']>();
  private touchedOf = '';
  private readonly line = new LastLine();
  /** The last candle as it is told in numbers, wherever it is. */
  told: Column | null = null;
  private toldAt = Number.NEGATIVE_INFINITY;
  private place: Place = { top: 0, height: 1, ratio: 1 };

  constructor(
    private readonly source: Source,
    public look: CandlesLook,
  ) {}

  columnMs(spanMs: number, widthPx: number): number {
    return interval(spanMs, widthPx, this.look.intervalMs).ms;
  }

  attach(over: HTMLElement): void {
    this.line.attach(over);
  }

  /** The last candle in the view. */
  private lastIn({ fromMs, toMs }: { fromMs: number; toMs: number }): Column | null {
    const { columnMs, traces } = this.source.columns;
    const [only] = traces;
    if (!only) return null;
    const position = (only.offsetAt(Math.ceil(toMs / columnMs)) - only.start) / FIELDS - 1;
    const last = position >= 0 ? only.at(position) : null;
    return last && (last[INDEX] + 1) * columnMs > fromMs ? last : null;
  }

  fit(seen: Seen, place: Place): boolean {
    this.place = place;
    const { columns } = this.source;
    this.findTouched(seen);
    if (seen.whole) {
      this.range.refit();
      this.most.refit();
    }
    const since = Math.max(seen.fromMs, seen.changed * columns.columnMs);
    const extent = (fromMs: number) => columns.extent(fromMs, seen.toMs, NOTHING_HIDDEN);
    const fresh = since < seen.toMs ? extent(since) : null;
    const all = () => extent(seen.fromMs);
    const [least, greatest] = this.range.at(seen.atMs, fresh, all);
    const scale: Scale = { least, greatest, log: false };
    const freshMost: [number, number] = [0, this.mostTicks(since, seen.toMs)];
    const [, most] = this.most.at(seen.atMs, since < seen.toMs ? freshMost : null, () => [
      0,
      this.mostTicks(seen.fromMs, seen.toMs),
    ]);
    if (sameScale(scale, this.scale) && most === this.ticksMost) return false;
    this.scale = scale;
    this.ticksMost = most;
    return true;
  }

  labels(place: Place): { left: Label[]; right: Label[] } {
    const ticks = this.ticks(place);
    const y = this.y(place);
    const greatest = ticks.at.reduce((most, n) => Math.max(most, Math.abs(n)), 0);
    // A price is read in full, as the last one stands among them.
    const top = this.look.unit === 'none' && greatest < FULL_BELOW ? 0 : greatest;
    const right = ticks.at.map((n) => ({
      at: y(n),
      text: tick(n, this.look.unit, ticks.step, top),
    }));
    const bars = this.barsHeight(place);
    if (bars > 0) {
      const at = place.top + place.height - bars / 2;
      right.push({ at, text: say('candles_ticks_most', { count: this.ticksMost }) });
    }
    return { left: [], right };
  }

  rows(place: Place): number[] {
    return this.ticks(place).at.map(this.y(place));
  }

  reach({ ratio }: Place): number {
    return MARK_PX * 2 * ratio;
  }

  last(): number {
    const [only] = this.source.columns.traces;
    if (!only || only.length === 0) return Number.NEGATIVE_INFINITY;
    return only.data[only.end - FIELDS] as number;
  }

  paint(pen: Canvas, frame: Frame, from: number, to: number, ratio: number): void {
    const [only] = this.source.columns.traces;
    if (!only) return;
    const { data, end } = only;
    const { base, wide, top, height } = frame;
    const hair = Math.max(1, Math.round(ratio));
    const place = { top, height, ratio };
    const y = this.y(place);
    const bars = this.barsHeight(place);
    const floor = top + height;
    const colors = theme();
    for (let offset = only.offsetAt(Math.floor(from)); offset < end; offset += FIELDS) {
      const index = data[offset + INDEX] as number;
      if (index > to) break;
      const open = data[offset + FIRST] as number;
      const close = data[offset + LAST] as number;
      const candle = shape(
        Math.round((index - base) * wide),
        Math.round((index + 1 - base) * wide),
        y(open),
        y(data[offset + MAX] as number),
        y(data[offset + MIN] as number),
        y(close),
        close >= open,
        hair,
      );
      const cause = this.touched.get(index);
      if (bars > 0) {
        const share = (data[offset + COUNT] as number) / this.ticksMost;
        const high = Math.max(hair, Math.round(Math.min(1, share) * bars));
        pen.globalAlpha = TICKS_ALPHA;
        pen.fillStyle = colors.muted;
        pen.fillRect(candle.left, floor - high, candle.width, high);
      }
      pen.globalAlpha = cause ? TOUCHED_ALPHA : 1;
      pen.fillStyle = close >= open ? colors.up : colors.down;
      const { left, width, wick } = candle;
      const bottom = candle.top + candle.height;
      pen.fillRect(wick, candle.high, hair, candle.top - candle.high);
      pen.fillRect(wick, bottom, hair, candle.low - bottom);
      if (candle.hollow) {
        pen.fillRect(left, candle.top, width, hair);
        pen.fillRect(left, bottom - hair, width, hair);
        pen.fillRect(left, candle.top, hair, candle.height);
        pen.fillRect(left + width - hair, candle.top, hair, candle.height);
      } else pen.fillRect(left, candle.top, width, candle.height);
      pen.globalAlpha = 1;
      if (cause) {
        // Below it, or above where there is no room below.
        const size = MARK_PX * ratio;
        const below = candle.low + 2 * size;
        const at = below + size < floor - bars ? below : candle.high - 2 * size;
        const middle = wick + hair / 2;
        pen.fillStyle = colors.gaps[cause];
        pen.beginPath();
        pen.moveTo(middle, at - size);
        pen.lineTo(middle + size, at);
        pen.lineTo(middle, at + size);
        pen.lineTo(middle - size, at);
        pen.closePath();
        pen.fill();
      }
    }
  }

  settle(shown: Shown): void {
    const { range, time } = this.source;
    const last = this.lastIn(range);
    const now = performance.now();
    // What stands still is drawn no more, and has to be told at once.
    if (!time.following || now - this.toldAt >= TOLD_MS || !last) {
      this.toldAt = now;
      this.told = last;
    }
    if (!last || !this.told) {
      this.line.hide();
      return;
    }
    const at = shown.y(this.y(this.place)(last[LAST]));
    this.line.show(shown, at, this.value(this.told[LAST]), this.told[LAST] >= this.told[FIRST]);
  }

  readings(ms: number): Reading[] {
    const { columns } = this.source;
    const found = columns.traces[0]?.near(ms / columns.columnMs, 1) ?? null;
    if (!found) return [{ color: 'transparent', name: say('candle_close'), text: NOTHING }];
    const colors = theme();
    const color = found[LAST] >= found[FIRST] ? colors.up : colors.down;
    const startMs = found[INDEX] * columns.columnMs;
    const part = (name: string, text: string): Reading => ({ color: 'transparent', name, text });
    const readings = [
      part(say('candle'), spanText(startMs, columns.columnMs)),
      part(say('candle_open'), this.value(found[FIRST])),
      part(say('candle_high'), this.value(found[MAX])),
      part(say('candle_low'), this.value(found[MIN])),
      { color, name: say('candle_close'), text: this.value(found[LAST]) },
      part(say('candle_change'), change(found[FIRST], found[LAST])),
      part(say('candle_ticks'), count(found[COUNT])),
    ];
    const cause = this.touched.get(found[INDEX]);
    if (cause) {
      readings.push({ color: colors.gaps[cause], name: say('candle_gap'), text: '' });
    }
    return readings;
  }

  table() {
    const heads = [
      say('candle_open'),
      say('candle_high'),
      say('candle_low'),
      say('candle_close'),
      say('candle_change'),
      say('candle_ticks'),
    ];
    return {
      heads,
      cells: (ms: number) => {
        const [, ...found] = this.readings(ms);
        return heads.map((_, n) => found[n]?.text ?? NOTHING);
      },
    };
  }

  /** A value, as finely as the candles in view differ. */
  value(n: number): string {
    const { least, greatest } = this.scale;
    return tick(n, this.look.unit, niceStep((greatest - least) / VALUE_STEPS), Math.abs(n));
  }

  destroy(): void {
    this.line.destroy();
  }

  private barsHeight({ height, ratio }: Place): number {
    if (height / ratio < TICKS_PLOT_PX_MIN) return 0;
    return Math.round(Math.min(height * TICKS_SHARE, TICKS_PX_MAX * ratio));
  }

  /** How high the candles are, above the ticks. */
  private valuesHeight(place: Place): number {
    const bars = this.barsHeight(place);
    return bars > 0 ? place.height - bars - TICKS_AIR_PX * place.ratio : place.height;
  }

  private y(place: Place): (value: number) => number {
    const at = placer(this.scale, place.top, this.valuesHeight(place));
    return (value) => Math.round(at(value));
  }

  private ticks(place: Place): Ticks {
    const { least, greatest } = this.scale;
    return valueTicks(least, greatest, this.valuesHeight(place) / place.ratio / VALUE_TICK_PX);
  }

  private mostTicks(fromMs: number, toMs: number): number {
    const { columnMs, traces } = this.source.columns;
    const [only] = traces;
    let most = 0;
    if (!only) return most;
    const to = toMs / columnMs;
    let offset = only.offsetAt(Math.floor(fromMs / columnMs));
    for (; offset < only.end && (only.data[offset] as number) < to; offset += FIELDS) {
      most = Math.max(most, only.data[offset + COUNT] as number);
    }
    return most;
  }

  private findTouched({ fromMs, toMs }: Seen): void {
    const { columnMs, gaps, gapsVersion } = this.source.columns;
    const { trace } = this.look;
    const first = Math.floor(fromMs / columnMs);
    const end = Math.ceil(toMs / columnMs);
    const now = this.source.time.nowMs();
    const lasts = gaps.some((gap) => gap.end_ms === null) ? Math.floor(now / columnMs) : '';
    const of = `${gapsVersion} ${columnMs} ${first} ${end} ${lasts}`;
    if (of === this.touchedOf) return;
    this.touchedOf = of;
    this.touched = touchedBy(trace ? gaps.filter((gap) => concerns(gap, trace)) : [], {
      columnMs,
      first,
      end,
      now,
    });
  }
}

/** From when to when a candle is. */
function spanText(startMs: number, lengthMs: number): string {
  if (lengthMs >= DAY_MS) return day(startMs);
  return `${clock(startMs, lengthMs)} – ${clock(startMs + lengthMs, lengthMs)}`;
}
