// Which rows of a long list are on the screen, and where a key leads in it.

export interface Window {
  /** The first row that is drawn, and the one after the last. */
  from: number;
  to: number;
}

/** Drawn beside those that are in sight, so that scrolling finds something. */
const BESIDE = 8;

/** The rows in sight of `count`, from `top` pixels on, of a box of that height. */
export function inSight(top: number, height: number, row: number, count: number): Window {
  const first = Math.floor(Math.max(0, top) / row);
  const last = Math.ceil((Math.max(0, top) + Math.max(0, height)) / row);
  const to = Math.min(count, last + BESIDE);
  return { from: Math.max(0, Math.min(first - BESIDE, to)), to };
}

/** Where the box is to be scrolled to, so that a row is whole in sight; as it is, if it is. */
export function topFor(row: number, top: number, height: number, rowPx: number): number {
  const start = row * rowPx;
  if (start < top) return start;
  return start + rowPx > top + height ? start + rowPx - height : top;
}

/** Whether the box is at the end of what it shows, or nearly. */
export const isAtEnd = (top: number, height: number, whole: number, rowPx: number): boolean =>
  top + height >= whole - rowPx;

/** Where each key leads to, from a row or from none. */
const STEPS: Record<string, (from: number | null, last: number, page: number) => number> = {
  ArrowDown: (from) => (from === null ? 0 : from + 1),
  ArrowUp: (from, last) => (from === null ? last : from - 1),
  PageDown: (from, _, page) => (from ?? 0) + page,
  PageUp: (from, last, page) => (from === null ? last : from - page),
  Home: () => 0,
  End: (_, last) => last,
};

/** The row that a key leads to from another one, or from none; `null` for keys of other meaning. */
export function stepTo(
  key: string,
  from: number | null,
  count: number,
  page: number,
): number | null {
  const step = Object.hasOwn(STEPS, key) ? STEPS[key] : undefined;
  if (count === 0 || !step) return null;
  const last = count - 1;
  // A line of the last page stays in sight.
  return Math.max(0, Math.min(last, step(from, last, Math.max(1, page - 1))));
}
