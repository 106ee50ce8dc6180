// States over time, as a plot's painter: a row for each trace, in which runs of one state are one
// rectangle with its name.

import type { Trace } from '../generated/Trace';
import { clock, duration, NOTHING } from '../lib/format';
import { type Theme, theme } from '../lib/theme';
import { Columns } from '../live/columns';
import type { Source } from '../live/source';
import { GapStarts } from '../plot/gap-starts';
import type { Lane } from '../plot/key-cursor';
import { type Label, measured, move, nameRoom } from '../plot/labels';
import type { Painter, Place, Seen, Shown } from '../plot/painter';
import type { Reading } from '../plot/readout';
import { type Rows, rowAt, rowLanes, rowNames, rowOf, rowsOf } from '../plot/rows';
import type { Canvas, Frame } from '../plot/strip';
import { say } from '../words/say';
import { Held } from './held';
import { type Run, runs } from './runs';
import type { State } from './texts';

export interface StateRow {
  name: string;
  trace: Pick<Trace, 'feed' | 'channel'>;
  stateOf(value: number): State;
}

const ROOM_RIGHT_PX = 12;
const BLOCK_PX_MAX = 36;
const ROW_AIR_PX = 4;
// In a row that is thinner no text can be read.
const TEXT_ROW_PX_MIN = 14;
const TEXT_AIR_PX = 7;
const TEXT_HEIGHT_PX = 16;
// No text is narrower.
const TEXT_RUN_PX_MIN = 18;
const TEXTS_MAX = 400;
// Texts that come faster cannot be read.
const TEXTS_MS = 100;
const EDGE_PX = 2;
const EDGE_RUN_PX_MIN = 5;
const FILL_ALPHA = 0.3;
const ON_ALPHA = 0.42;
const OFF_ALPHA = 0.13;
// Columns that this fill are told from all others by their hatch.
const SEVERAL_PX = 6;

/** A run that is wide enough for its text. */
interface Named {
  run: Run;
  row: number;
  text: string;
  wide: number;
}

export class States implements Painter {
  readonly lasts = true;
  private width = 0;
  private roomOf: readonly StateRow[] | null = null;
  private roomWidth = 0;
  private roomLeft = 0;
  private place: Place = { top: 0, height: 1, ratio: 1 };
  private gapStarts: GapStarts[] = [];
  private gapsOf = -1;
  private rowsOfGaps: readonly StateRow[] | null = null;
  private readonly box = document.createElement('div');
  private readonly mover = document.createElement('div');
  private named: Named[] = [];
  private namedAt = 0;
  private namedWide = 0;
  private stale = true;
  private readonly held: Held;
  /** The columns for which it was asked what was held. */
  private askedOf: readonly Columns[] = [];
  /** By row, the start of the last gap that was ever in view. */
  private lastGapMs: number[] = [];

  constructor(
    private readonly source: Source,
    public look: readonly StateRow[],
    redraw: () => void,
    onTrouble: (trouble: unknown) => void,
  ) {
    this.held = new Held(() => {
      this.stale = true;
      redraw();
    }, onTrouble);
  }

  get room(): { left: number; right: number } {
    // Measured once: what comes out must not change while the canvas does not.
    if (this.roomOf !== this.look || this.roomWidth !== this.width) {
      this.roomOf = this.look;
      this.roomWidth = this.width;
      const names = this.look.map(({ name }) => name);
      this.roomLeft = nameRoom(names, this.width);
    }
    return { left: this.roomLeft, right: ROOM_RIGHT_PX };
  }

  setBox(width: number): void {
    this.width = width;
  }

  attach(over: HTMLElement): void {
    this.box.className = 'states-texts';
    this.box.append(this.mover);
    over.append(this.box);
  }

  columnMs(): null {
    return null;
  }

  fit(seen: Seen, place: Place): boolean {
    this.place = place;
    const { columns, time, traces } = this.source;
    if (columns.gapsVersion !== this.gapsOf || this.rowsOfGaps !== this.look) {
      if (this.rowsOfGaps !== this.look) this.lastGapMs = [];
      this.gapsOf = columns.gapsVersion;
      this.rowsOfGaps = this.look;
      this.gapStarts = this.look.map(({ trace }) => new GapStarts(columns.gaps, trace));
      this.lastGapMs = this.gapStarts.map(({ last }, n) =>
        Math.max(last, this.lastGapMs[n] ?? Number.NEGATIVE_INFINITY),
      );
    }
    if (seen.whole || seen.changed < Number.POSITIVE_INFINITY) this.stale = true;
    // Each answer anew: updates only add to it.
    if (columns.traces !== this.askedOf && columns.traces.length > 0) {
      this.askedOf = columns.traces;
      const first = Math.floor(seen.fromMs / columns.columnMs);
      const late = columns.traces.some(
        (one) => one.length === 0 || (one.data[one.start] as number) > first,
      );
      if (late) this.held.ask(traces, time.axis, Math.floor(seen.fromMs));
    }
    return false;
  }

  labels(place: Place): { left: Label[]; right: Label[] } {
    const names = this.look.map(({ name }) => name);
    return { left: rowNames(this.rowsIn(place), names, place.ratio), right: [] };
  }

  rows(): number[] {
    return [];
  }

  reach({ ratio }: Place): number {
    return EDGE_PX * ratio;
  }

  last(): number {
    return Number.NEGATIVE_INFINITY;
  }

  paint(pen: Canvas, frame: Frame, from: number, to: number, ratio: number): void {
    const place = { top: frame.top, height: frame.height, ratio };
    const rows = this.rowsIn(place);
    const colors = theme();
    const period = Math.round(SEVERAL_PX * ratio);
    const origin = -(Math.round(frame.base * frame.wide) % period);
    const xOf = (column: number) => Math.round((column - frame.base) * frame.wide);
    const left = xOf(from);
    const right = xOf(to);
    this.look.forEach((row, n) => {
      const { top, height } = block(rows, n, ratio);
      for (const run of this.runsOf(n, from, to)) {
        const begins = xOf(run.start);
        const x = Math.max(left, begins);
        const wide = Math.min(right, xOf(run.end)) - x;
        if (run.value === null) {
          several(pen, colors, x, top, Math.max(1, wide), height, period, origin, ratio);
          continue;
        }
        if (wide <= 0) continue;
        const state = row.stateOf(run.value);
        const color = inkOf(state, colors);
        pen.fillStyle = color;
        pen.globalAlpha = alphaOf(state);
        pen.fillRect(x, top, wide, height);
        pen.globalAlpha = 1;
        // What is thinner would be all edge.
        if (!run.before && xOf(run.end) - begins >= EDGE_RUN_PX_MIN * ratio) {
          pen.fillRect(begins, top, Math.round(EDGE_PX * ratio), height);
        }
      }
    });
  }

  settle(shown: Shown): void {
    const { box, mover } = this;
    const rows = this.rowsIn(this.place);
    const { ratio } = this.place;
    const box_ = `translate(${shown.left}px, 0)`;
    if (box.style.transform !== box_) box.style.transform = box_;
    const width = `${shown.width}px`;
    if (box.style.width !== width) box.style.width = width;
    const now = performance.now();
    const first = shown.base + shown.moved / shown.wide;
    if (
      this.namedWide !== shown.wide ||
      (this.stale && (now - this.namedAt > TEXTS_MS || !this.source.time.following))
    ) {
      this.stale = false;
      this.namedAt = now;
      this.namedWide = shown.wide;
      this.named = this.findNamed(rows, first, first + shown.width / shown.wide, shown.wide);
    }
    move(mover, shown.moved);
    let used = 0;
    for (const { run, row, text, wide } of this.named) {
      const left = Math.max((run.start - shown.base) * shown.wide, shown.moved);
      const right = Math.min((run.end - shown.base) * shown.wide, shown.moved + shown.width);
      if (right - left < wide + 2 * TEXT_AIR_PX) continue;
      const { top, height } = block(rows, row, ratio);
      const y = Math.round(shown.y(top + height / 2) - TEXT_HEIGHT_PX / 2);
      const label = this.label(used);
      used += 1;
      if (label.textContent !== text) label.textContent = text;
      const transform = `translate(${Math.round(left) + TEXT_AIR_PX}px, ${y}px)`;
      if (label.style.transform !== transform) label.style.transform = transform;
    }
    while (mover.children.length > used) mover.lastElementChild?.remove();
  }

  lanes(): Lane[] {
    return rowLanes(this.rowsIn(this.place));
  }

  readings(ms: number, _nearMs: number, y: number): Reading[] {
    const rows = this.rowsIn(this.place);
    const n = rowOf(rows, y);
    const row = this.look[n];
    if (!row) return [];
    const { columns } = this.source;
    const { columnMs } = columns;
    const at = Math.min(ms / columnMs, this.until() - 1e-6);
    const none = { color: 'transparent', name: row.name, text: NOTHING };
    if (ms / columnMs > this.until() + 1) return [none];
    const run = this.runsOf(n, at, at).find(({ start, end }) => start <= at && at < end);
    if (!run) return [none];
    if (run.value === null) {
      const count = columns.traces[n]?.near(at, 1)?.[1] ?? 0;
      const many = say('states_several_count', { count });
      return [
        { color: theme().muted, name: row.name, text: say('states_several') },
        { color: 'transparent', name: many, text: '' },
      ];
    }
    const state = row.stateOf(run.value);
    const times = this.timesOf(run);
    return [
      { color: inkOf(state, theme()), name: row.name, text: state.text },
      { color: 'transparent', name: say('states_since'), text: times.since },
      { color: 'transparent', name: say('states_for'), text: times.long },
    ];
  }

  /** Where states begin, and not each sample of them. */
  stops({ trace }: Lane, from: number, to: number): Columns {
    const stops = new Columns();
    for (const { start } of this.runsOf(trace, from, to)) {
      stops.push([Math.floor(Math.max(start, from)), 1, 0, 0, 0, 0, 0]);
    }
    return stops;
  }

  /** What a row is at a moment, in words; `null` where that is not known. */
  stateAt(n: number, ms: number): { text: string; since: string } | null {
    const row = this.look[n];
    const at = Math.min(ms / this.source.columns.columnMs, this.until()) - 1e-6;
    const run = row && this.runsOf(n, at, at).find(({ start, end }) => start <= at && at < end);
    if (!run) return null;
    const text = run.value === null ? say('states_several') : row.stateOf(run.value).text;
    return { text, since: this.timesOf(run).since };
  }

  destroy(): void {
    this.box.remove();
  }

  private timesOf({ start, end, before }: Run): { since: string; long: string } {
    const { columnMs } = this.source.columns;
    const since = clock(start * columnMs, Math.min(1000, columnMs * 10));
    const long = duration((end - start) * columnMs);
    return before
      ? {
          since: say('states_since_before', { time: since }),
          long: say('states_for_more', { time: long }),
        }
      : { since, long };
  }

  private rowsIn(place: Place): Rows {
    return rowsOf(this.look.length, place);
  }

  /** Until when the last state holds, in columns. */
  private until(): number {
    const { columns, range, time } = this.source;
    const until = time.following ? range.toMs : Math.min(range.toMs, time.nowMs());
    return until / columns.columnMs;
  }

  private runsOf(n: number, from: number, to: number): Run[] {
    const { columns } = this.source;
    const one = columns.traces[n];
    if (!one) return [];
    const { columnMs } = columns;
    const starts = this.gapStarts[n];
    return runs(one, {
      from,
      to,
      until: this.until(),
      before: this.beforeOf(n, one),
      gapBetween: (after, until) => {
        const found = starts?.between(after * columnMs, until * columnMs);
        return found === null || found === undefined ? null : found / columnMs;
      },
    });
  }

  /** What is known of the time before the first column. */
  private beforeOf(n: number, one: Columns): { index: number; value: number } | null {
    const { columns, range } = this.source;
    const { columnMs } = columns;
    const isDropped = Number.isFinite(one.droppedIndex);
    const index = isDropped ? one.droppedIndex : this.held.edgeMs / columnMs;
    const value = isDropped ? one.droppedLast : this.held.values[n];
    if (value === null || value === undefined) return null;
    if (one.length > 0 && (one.data[one.start] as number) < index) return null;
    // A gap that has left the view parts it from what is in the view all the same.
    const gapMs = this.lastGapMs[n] ?? Number.NEGATIVE_INFINITY;
    return gapMs >= index * columnMs && gapMs < range.fromMs ? null : { index, value };
  }

  private findNamed(rows: Rows, from: number, to: number, wide: number): Named[] {
    const named: Named[] = [];
    if (block(rows, 0, this.place.ratio).height < TEXT_ROW_PX_MIN * this.place.ratio) return named;
    this.look.forEach(({ stateOf }, row) => {
      for (const run of this.runsOf(row, from, to)) {
        if ((run.end - run.start) * wide < TEXT_RUN_PX_MIN || named.length >= TEXTS_MAX) continue;
        const text = run.value === null ? say('states_several') : stateOf(run.value).text;
        // While time goes on the last run does too, and is not found anew for that.
        const lasting = this.source.time.following && run.end >= this.until() - 1;
        const shown = lasting ? { ...run, end: Number.POSITIVE_INFINITY } : run;
        named.push({ run: shown, row, text, wide: measured(text, 500) });
      }
    });
    return named;
  }

  private label(n: number): HTMLElement {
    const known = this.mover.children[n];
    if (known) return known as HTMLElement;
    const label = document.createElement('span');
    this.mover.append(label);
    return label;
  }
}

/** Where the rectangles of a row are. */
function block(rows: Rows, n: number, ratio: number): { top: number; height: number } {
  const { top, height } = rowAt(rows, n);
  const air = height >= 3 * ROW_AIR_PX * ratio ? ROW_AIR_PX * ratio : Math.min(1, height - 1);
  const high = Math.round(Math.min(BLOCK_PX_MAX * ratio, height - air));
  return { top: Math.round(top + (height - high) / 2), height: Math.max(1, high) };
}

function inkOf({ on, color }: State, colors: Theme): string {
  if (on !== null) return on ? colors.levels.good : colors.muted;
  return colors.series[color] ?? colors.text;
}

const alphaOf = ({ on }: State): number => (on === null ? FILL_ALPHA : on ? ON_ALPHA : OFF_ALPHA);

/** Hatches what stands for several states. */
function several(
  pen: Canvas,
  colors: Theme,
  x: number,
  top: number,
  wide: number,
  height: number,
  period: number,
  origin: number,
  ratio: number,
): void {
  pen.fillStyle = colors.muted;
  pen.globalAlpha = 0.22;
  pen.fillRect(x, top, wide, height);
  pen.globalAlpha = 0.9;
  pen.strokeStyle = colors.muted;
  pen.lineWidth = ratio;
  pen.save();
  pen.beginPath();
  pen.rect(x, top, wide, height);
  pen.clip();
  pen.beginPath();
  // Counted from the origin, so that all of them are one hatch.
  const first = origin + Math.floor((x - origin - height) / period) * period;
  for (let at = first; at < x + wide; at += period) {
    pen.moveTo(at, top + height);
    pen.lineTo(at + height, top);
  }
  pen.stroke();
  pen.restore();
  pen.globalAlpha = 1;
}
