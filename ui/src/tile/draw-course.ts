// Draws the small line of the course of a trace, and the bands of its gaps as all charts have them.

import type { Gap } from '../generated/Gap';
import type { Trace } from '../generated/Trace';
import { seriesColor } from '../lib/theme';
import type { Columns } from '../live/columns';
import { drawBands, hatchPeriod } from '../plot/hatch';
import { course } from './course';
import type { Sheet } from './parts';
import type { Seen } from './seen';
import type { Moment, Tile } from './tile';

// Half a line and more, so that none is cut at the edge.
const ROOM_PX = 2;
// What is beside the line, quieter than it.
const SHADE = 0.22;
const LINE_PX = 1.5;

/** Draws that of the `n`th trace of a tile, anew. */
export function drawCourse(
  sheet: Sheet,
  tile: Tile,
  n: number,
  { min, max }: Seen,
  moment: Moment,
  trace: Trace,
): void {
  const { columns } = tile.source;
  const extent: [number, number] | null = min === null || max === null ? null : [min, max];
  const { columnMs, gaps } = columns;
  const time = { columnMs, fromMs: moment.fromMs, toMs: moment.toMs };
  inkCourse(sheet, columns.traces[n], gaps, trace, time, extent, seriesColor(trace.color));
}

/** Draws a course, anew. */
export function inkCourse(
  sheet: Sheet,
  columns: Columns | undefined,
  gaps: readonly Gap[],
  of: { feed: string; channel: string },
  time: { columnMs: number; fromMs: number; toMs: number },
  extent: [number, number] | null,
  color: string,
): void {
  const width = sheet.width - 2 * ROOM_PX;
  const height = sheet.height - 2 * ROOM_PX;
  if (width <= 0 || height <= 0) return;
  const found = course(columns, gaps, of, time, extent, width, height);
  sheet.draw((pen, ratio) => {
    // Hatches move with time, and never crawl through it.
    const gone = Math.round((time.fromMs / (time.toMs - time.fromMs)) * width * ratio);
    const area = {
      top: 0,
      height: sheet.height * ratio,
      ratio,
      origin: -(gone % hatchPeriod(ratio)),
    };
    drawBands(pen, found.bands, area, 0, sheet.width * ratio);
    pen.save();
    pen.setTransform(ratio, 0, 0, ratio, ROOM_PX * ratio, ROOM_PX * ratio);
    pen.fillStyle = color;
    pen.strokeStyle = pen.fillStyle;
    pen.lineWidth = LINE_PX;
    pen.lineJoin = 'round';
    for (const run of found.runs) {
      const [first] = run;
      if (!first) continue;
      if (run.some(({ top, bottom }) => bottom - top > 1)) {
        pen.globalAlpha = SHADE;
        pen.beginPath();
        for (const { x, top } of run) pen.lineTo(x, top);
        for (const { x, bottom } of [...run].reverse()) pen.lineTo(x, bottom);
        pen.fill();
      }
      pen.globalAlpha = 1;
      pen.beginPath();
      if (run.length === 1) pen.arc(first.x, first.y, LINE_PX, 0, 2 * Math.PI);
      for (const { x, y } of run) pen.lineTo(x, y);
      if (run.length === 1) pen.fill();
      else pen.stroke();
    }
    pen.restore();
  });
}
