// How gaps look: a hatch of its own for every cause, so that colour is not needed to tell them
// apart; and how it looks where history begins.

import type { Cause } from '../generated/Cause';
import { type Theme, theme } from '../lib/theme';
import { say } from '../words/say';
import type { Band } from './bands';
import type { Beginning } from './beginning';
import type { LateMark } from './late';

// Even, so that diagonals meet at the tile's edges.
const TILE_PX = 8;
// How high the mark of what came late is, and how long its dashes.
const LATE_PX = 3;

function strokes(ctx: CanvasRenderingContext2D, cause: Cause): void {
  const t = TILE_PX;
  const diagonal = (rising: boolean) => {
    for (const shift of [-t, 0, t]) {
      ctx.moveTo(shift, rising ? t : 0);
      ctx.lineTo(shift + t, rising ? 0 : t);
    }
  };
  switch (cause) {
    case 'outage':
      diagonal(true);
      break;
    case 'silence':
      ctx.moveTo(0, t / 2);
      ctx.lineTo(t / 2, t / 2);
      break;
    case 'missing':
      diagonal(false);
      break;
    case 'undecodable':
      diagonal(true);
      diagonal(false);
      break;
    case 'overflow':
      ctx.moveTo(t / 2, 0);
      ctx.lineTo(t / 2, t);
      break;
    case 'closed':
      ctx.moveTo(t / 2, 0);
      ctx.lineTo(t / 2, t);
      ctx.moveTo(0, t / 2);
      ctx.lineTo(t, t / 2);
      break;
  }
}

const tiles = new Map<string, CanvasPattern | null>();
let tilesTheme: Theme | null = null;

function tile(ctx: CanvasRenderingContext2D, cause: Cause, ratio: number): CanvasPattern | null {
  if (tilesTheme !== theme()) {
    tiles.clear();
    tilesTheme = theme();
  }
  const key = `${cause} ${ratio}`;
  const known = tiles.get(key);
  if (known !== undefined) return known;
  const canvas = document.createElement('canvas');
  canvas.width = Math.round(TILE_PX * ratio);
  canvas.height = canvas.width;
  const pen = canvas.getContext('2d');
  if (!pen) return null;
  pen.scale(canvas.width / TILE_PX, canvas.height / TILE_PX);
  pen.strokeStyle = theme().gaps[cause];
  pen.globalAlpha = 0.5;
  pen.lineWidth = 1;
  pen.beginPath();
  strokes(pen, cause);
  pen.stroke();
  const pattern = ctx.createPattern(canvas, 'repeat');
  tiles.set(key, pattern);
  return pattern;
}

/** Where bands are drawn: a plot area, in canvas pixels, `ratio` of which make a CSS pixel. */
export interface Area {
  top: number;
  height: number;
  ratio: number;
  /** The place from which hatches are counted: they move with time, and never crawl through it. */
  origin: number;
}

/** Draws those bands that have a part between `from` and `to`. */
export function drawBands(
  ctx: CanvasRenderingContext2D,
  found: readonly Band[],
  { top, height, ratio, origin }: Area,
  from: number,
  to: number,
): void {
  const colors = theme();
  ctx.save();
  for (const band of found) {
    const left = band.left * ratio;
    const right = band.right * ratio;
    if (right <= from || left >= to) continue;
    ctx.fillStyle = colors.gaps[band.cause];
    ctx.globalAlpha = 0.1;
    ctx.fillRect(left, top, right - left, height);
    ctx.globalAlpha = 1;
    ctx.fillStyle = tile(ctx, band.cause, ratio) ?? colors.gaps[band.cause];
    ctx.translate(origin, top);
    ctx.fillRect(left - origin, 0, right - left, height);
    ctx.translate(-origin, -top);
    ctx.fillStyle = colors.gaps[band.cause];
    ctx.globalAlpha = 0.7;
    ctx.fillRect(left, top, ratio, height);
    ctx.fillRect(right - ratio, top, ratio, height);
  }
  ctx.restore();
}

/** How many canvas pixels after which all hatches repeat. */
export const hatchPeriod = (ratio: number): number => Math.round(TILE_PX * ratio);

const LABEL_PX = 11;
const EDGE_ROOM_PX = 6;

/** Draws what of it has a part right of `from`. */
export function drawBeginning(
  ctx: CanvasRenderingContext2D,
  found: Beginning,
  { top, height, ratio }: Area,
  from: number,
): void {
  const last = found.edges.at(-1) ?? 0;
  if (Math.max(last, found.shaded) * ratio <= from) return;
  const colors = theme();
  ctx.save();
  ctx.translate(0, top);
  ctx.fillStyle = colors.text;
  ctx.globalAlpha = 0.05;
  ctx.fillRect(0, 0, found.shaded * ratio, height);
  ctx.fillStyle = colors.muted;
  ctx.globalAlpha = 0.6;
  for (const x of found.edges) ctx.fillRect(x * ratio - ratio, 0, ratio, height);
  ctx.globalAlpha = 1;
  ctx.font = `400 ${LABEL_PX * ratio}px ${colors.font}`;
  const label = say('history_begins_here');
  const wide = ctx.measureText(label).width + 2 * EDGE_ROOM_PX * ratio;
  if (wide <= found.shaded * ratio) {
    ctx.textAlign = 'right';
    ctx.textBaseline = 'bottom';
    const room = EDGE_ROOM_PX * ratio;
    ctx.fillText(label, found.shaded * ratio - room, height - room);
  }
  ctx.restore();
}

/** Draws those between two of the canvas' pixels: what was sent again as a line, what was late as
 * dashes. */
export function drawLate(
  pen: CanvasRenderingContext2D,
  marks: readonly LateMark[],
  foot: number,
  ratio: number,
  from: number,
  to: number,
): void {
  pen.save();
  pen.strokeStyle = theme().muted;
  pen.lineWidth = LATE_PX * ratio;
  const y = foot - (LATE_PX * ratio) / 2;
  for (const { left, right, spans } of marks) {
    if (right * ratio < from || left * ratio > to) continue;
    pen.setLineDash(spans[0]?.replayed ? [] : [LATE_PX * ratio, LATE_PX * ratio]);
    pen.beginPath();
    pen.moveTo(left * ratio, y);
    pen.lineTo(right * ratio, y);
    pen.stroke();
  }
  pen.restore();
}
