// A small line of the course of a trace: what was least and greatest as a shade, the values as a
// line, and what is not there as nothing, or as a band where it is a gap. No canvas here.

import type { Gap } from '../generated/Gap';
import { type Columns, FIELDS, GAP, INDEX, LAST, MAX, MIN } from '../live/columns';
import { type Band, bands } from '../plot/bands';

export interface Point {
  x: number;
  y: number;
  top: number;
  bottom: number;
}

export interface Course {
  /** What is joined, run by run: never across a gap. */
  runs: Point[][];
  bands: Band[];
}

/** In pixels, of which there are `width` by `height`. */
export function course(
  columns: Columns | undefined,
  gaps: readonly Gap[],
  of: { feed: string; channel: string },
  time: { columnMs: number; fromMs: number; toMs: number },
  extent: [number, number] | null,
  width: number,
  height: number,
): Course {
  const { columnMs, fromMs, toMs } = time;
  const perMs = width / (toMs - fromMs);
  const own = gaps.filter(
    ({ feed, channel }) => feed === of.feed && (channel === null || channel === of.channel),
  );
  const found: Course = { runs: [], bands: bands(own, fromMs, toMs, width) };
  if (!columns || !extent) return found;
  const [least, greatest] = extent;
  const scale = greatest > least ? height / (greatest - least) : 0;
  const y = (value: number) => (scale > 0 ? height - (value - least) * scale : height / 2);
  const { data, end } = columns;
  let run: Point[] = [];
  let offset = columns.offsetAt(Math.floor(fromMs / columnMs + 1e-6));
  for (; offset < end; offset += FIELDS) {
    const ms = ((data[offset + INDEX] as number) + 0.5) * columnMs;
    if (ms - columnMs / 2 >= toMs) break;
    if (run.length === 0 || (data[offset + GAP] as number) !== 0) {
      run = [];
      found.runs.push(run);
    }
    run.push({
      // The newest column has only begun: its value is of now.
      x: Math.min(width, (ms - fromMs) * perMs),
      y: y(data[offset + LAST] as number),
      top: y(data[offset + MAX] as number),
      bottom: y(data[offset + MIN] as number),
    });
  }
  return found;
}
