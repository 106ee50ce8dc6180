// How several traces share a tile: in as many columns as leave each the most room.

export interface Grid {
  columns: number;
  rows: number;
}

/** `aspect`: how much wider than high one is best. Where not all fit at their least, one scrolls. */
export function gridOf(
  count: number,
  width: number,
  height: number,
  aspect: number,
  widthMin: number,
  heightMin: number,
): Grid {
  let best: Grid = { columns: 1, rows: Math.max(1, count) };
  let most = -1;
  for (let columns = 1; columns <= count; columns += 1) {
    if (columns > 1 && width / columns < widthMin) break;
    const rows = Math.ceil(count / columns);
    if (columns > 1 && Math.ceil(count / rows) < columns) continue;
    const high = Math.max(heightMin, height / rows);
    const room = Math.min(width / columns, high * aspect);
    // What is cut off below has to be scrolled to: better smaller than out of sight.
    const sight = height / (high * rows);
    const worth = sight < 1 - 1e-9 ? (room * sight) / 2 : room;
    if (worth > most + 1e-9) {
      most = worth;
      best = { columns, rows };
    }
  }
  return best;
}

// Half an em and a little: as wide as Inter's figures are, at the weight they are written in.
const FIGURE_EM = 0.64;
const SIZES_PX = [96, 72, 56, 40, 32, 24, 16];

/** The size at which so many characters fit, of few: a number that grows by a digit jumps seldom. */
export function sizeFor(characters: number, width: number, height: number): number {
  const fits = (size: number) => size * FIGURE_EM * characters <= width && size * 1.15 <= height;
  return SIZES_PX.find(fits) ?? (SIZES_PX.at(-1) as number);
}
