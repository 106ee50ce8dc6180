// The small lines of the last minute in the list of feeds: of the rows that are in sight, asked for
// once a second in one question, and drawn in the frames in which all else is. Plain memory that
// nothing reactive watches.

import * as host from '$host';
import type { Gap } from '../generated/Gap';
import type { Trace } from '../generated/Trace';
import { theme } from '../lib/theme';
import { Asking } from '../live/asking';
import { type Columns, decode } from '../live/columns';
import type { Beside, Drawing } from '../live/drawing';
import { inkCourse } from '../tile/draw-course';
import { mark, Sheet } from '../tile/parts';
import { COLUMN_MS, extentOf, isSilent, MINUTE_MS } from './minute';

const COLUMNS = MINUTE_MS / COLUMN_MS;
// A column is a second: more often there is nothing new to see.
const PACE_MS = 1000;
// What scrolls by is not worth a question.
const REST_MS = 120;
// More rows than any screen has.
const ROWS_MAX = 128;

export interface Series {
  feed: string;
  channel: string;
  path: string;
  /** What the feed counts it as. */
  number: number;
}

interface Spark {
  series: Series;
  sheet: Sheet;
  color: () => string | null;
  columns: Columns | undefined;
}

export class Sparks implements Beside {
  private readonly sparks = new Map<HTMLCanvasElement, Spark>();
  private gaps: readonly Gap[] = [];
  /** Of each; `null` before it is measured, which costs a layout. */
  private size: { width: number; height: number } | null = null;
  private toMs = 0;
  private dirty = false;
  private timer = 0;
  private readonly asking: Asking;

  constructor(
    private readonly drawing: Drawing,
    readonly onTrouble: (trouble: unknown) => void,
    /** The latest value of a field, as far as it was asked for. */
    private readonly onLatest: (series: Series, value: number) => void,
  ) {
    this.asking = new Asking(
      () => this.fetch(),
      () => this.sparks.size > 0,
      onTrouble,
      PACE_MS,
    );
    drawing.beside.add(this);
    document.addEventListener('visibilitychange', this.returned);
  }

  /** Draws a series there, until what this answers with is called. */
  add(canvas: HTMLCanvasElement, series: Series, color: () => string | null): () => void {
    this.sparks.set(canvas, { series, sheet: new Sheet(canvas), color, columns: undefined });
    this.ask();
    return () => {
      this.sparks.delete(canvas);
    };
  }

  /** Colours or sizes are others. */
  redraw(): void {
    this.size = null;
    this.change();
  }

  /** A colour is another. */
  change(): void {
    this.dirty = true;
    this.drawing.requestFrame();
  }

  destroy(): void {
    clearTimeout(this.timer);
    this.asking.destroy();
    this.drawing.beside.delete(this);
    document.removeEventListener('visibilitychange', this.returned);
  }

  private readonly returned = () => {
    if (!document.hidden) this.asking.now();
  };

  private ask(): void {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.asking.now(), REST_MS);
  }

  private async fetch(): Promise<void> {
    const asked = [...this.sparks.values()].slice(0, ROWS_MAX);
    if (asked.length === 0) return;
    const to = Math.floor(this.drawing.time.nowMs() / COLUMN_MS) + 1;
    const bytes = await host.view({
      traces: asked.map(({ series: { feed, channel, path } }): Trace => {
        return { feed, channel, path, label: null, color: 0 };
      }),
      // When something came is what tells whether it is silent, whatever its clock says.
      axis: 'arrival',
      from_ms: (to - COLUMNS) * COLUMN_MS,
      to_ms: to * COLUMN_MS,
      columns: COLUMNS,
    });
    const { facts, traces } = decode(bytes);
    asked.forEach((spark, n) => {
      spark.columns = traces[n];
      const latest = facts.latest[n];
      if (latest !== null && latest !== undefined) this.onLatest(spark.series, latest);
    });
    this.gaps = facts.gaps;
    this.toMs = to * COLUMN_MS;
    this.change();
  }

  draw(): void {
    if (!this.dirty) return;
    this.dirty = false;
    const { toMs } = this;
    const time = { columnMs: COLUMN_MS, fromMs: toMs - MINUTE_MS, toMs };
    const plain = theme().muted;
    const { width, height } = this.measured();
    for (const [canvas, { series, sheet, color, columns }] of this.sparks) {
      const row = canvas.parentElement;
      if (row) mark(row, 'old', isSilent(columns, toMs, COLUMN_MS) ? '' : null);
      if (width === 0) continue;
      sheet.setSize(width, height);
      const ink = color() ?? plain;
      inkCourse(sheet, columns, this.gaps, series, time, extentOf(columns), ink);
    }
  }

  private measured(): { width: number; height: number } {
    if (this.size) return this.size;
    const [canvas] = this.sparks.keys();
    if (!canvas) return { width: 0, height: 0 };
    this.size = { width: canvas.offsetWidth, height: canvas.offsetHeight };
    return this.size;
  }
}
