// How gaps look: a hatch of its own for every cause, so that colour is not needed to tell them
// apart; and how it looks where history begins.

import type { Cause } from '../generated/Cause';
import { type Theme, theme } from '../lib/theme';
import { type Band, bandLines } from './bands';
import type { Beginning } from './beginning';

// Even, so that diagonals meet at the tile's edges.
const TILE_PX = 8;

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

const LABEL_PX = 11;
const LABEL_ROOM_PX = 4;

/** Draws bands into a plot area, given in canvas pixels; `ratio` of them make a CSS pixel. */
export function drawBands(
  ctx: CanvasRenderingContext2D,
  found: readonly Band[],
  area: { left: number; top: number; height: number },
  ratio: number,
  nowMs: number,
): void {
  const colors = theme();
  ctx.save();
  ctx.translate(area.left, area.top);
  for (const band of found) {
    const left = band.left * ratio;
    const width = (band.right - band.left) * ratio;
    ctx.save();
    // From the band's own edge: the hatch moves with the band, and does not crawl through it.
    ctx.translate(left, 0);
    ctx.fillStyle = colors.gaps[band.cause];
    ctx.globalAlpha = 0.1;
    ctx.fillRect(0, 0, width, area.height);
    ctx.globalAlpha = 1;
    ctx.fillStyle = tile(ctx, band.cause, ratio) ?? colors.gaps[band.cause];
    ctx.fillRect(0, 0, width, area.height);
    ctx.fillStyle = colors.gaps[band.cause];
    ctx.globalAlpha = 0.7;
    ctx.fillRect(0, 0, ratio, area.height);
    ctx.fillRect(width - ratio, 0, ratio, area.height);
    ctx.restore();
  }
  let taken = Number.NEGATIVE_INFINITY;
  ctx.textAlign = 'center';
  ctx.textBaseline = 'middle';
  for (const band of found) {
    if (band.left < taken) continue;
    const [much, why] = bandLines(band, nowMs);
    ctx.font = `600 ${LABEL_PX * ratio}px ${colors.font}`;
    const wide = Math.max(ctx.measureText(much).width, ctx.measureText(why).width) / ratio;
    if (wide + 2 * LABEL_ROOM_PX > band.right - band.left) continue;
    taken = band.right;
    const x = ((band.left + band.right) / 2) * ratio;
    const y = Math.min(area.height / 2, 40 * ratio);
    // A plate behind the words, or the hatch would run through the letters.
    ctx.globalAlpha = 0.88;
    ctx.fillStyle = colors.panel;
    ctx.beginPath();
    ctx.roundRect(
      x - (wide / 2 + LABEL_ROOM_PX - 1) * ratio,
      y - 18 * ratio,
      (wide + 2 * LABEL_ROOM_PX - 2) * ratio,
      36 * ratio,
      3 * ratio,
    );
    ctx.fill();
    ctx.globalAlpha = 1;
    ctx.fillStyle = colors.text;
    ctx.fillText(much, x, y - 7 * ratio);
    ctx.font = `400 ${LABEL_PX * ratio}px ${colors.font}`;
    ctx.fillStyle = colors.gaps[band.cause];
    ctx.fillText(why, x, y + 8 * ratio);
  }
  ctx.restore();
}

const BEGINNING = 'history begins here';
const EDGE_ROOM_PX = 6;

/** Draws it into a plot area, given in canvas pixels; `ratio` of them make a CSS pixel. */
export function drawBeginning(
  ctx: CanvasRenderingContext2D,
  found: Beginning,
  area: { left: number; top: number; height: number },
  ratio: number,
): void {
  const colors = theme();
  ctx.save();
  ctx.translate(area.left, area.top);
  ctx.fillStyle = colors.text;
  ctx.globalAlpha = 0.05;
  ctx.fillRect(0, 0, found.shaded * ratio, area.height);
  ctx.fillStyle = colors.muted;
  ctx.globalAlpha = 0.6;
  for (const x of found.edges) ctx.fillRect(x * ratio - ratio, 0, ratio, area.height);
  ctx.globalAlpha = 1;
  ctx.font = `400 ${LABEL_PX * ratio}px ${colors.font}`;
  const wide = ctx.measureText(BEGINNING).width + 2 * EDGE_ROOM_PX * ratio;
  if (wide <= found.shaded * ratio) {
    ctx.textAlign = 'right';
    ctx.textBaseline = 'bottom';
    ctx.fillText(
      BEGINNING,
      (found.shaded - EDGE_ROOM_PX) * ratio,
      area.height - EDGE_ROOM_PX * ratio,
    );
  }
  ctx.restore();
}
