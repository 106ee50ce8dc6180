// Which rows of a table are kept on the page, and which of them can be seen.

/** As the design has them. */
export const ROW_PX = 28;
// More than these are not kept all at once.
const ROWS_WHOLE_MAX = 200;
// So that what scrolls into sight is there already.
const ROWS_SPARE = 8;

export interface Sight {
  from: number;
  to: number;
}

/** Which of so many rows are kept, and which of them can be seen. */
export function sights(
  count: number,
  scrolled: number,
  height: number,
): { kept: Sight; seen: Sight } {
  const from = Math.max(0, Math.min(count, Math.floor(scrolled / ROW_PX)));
  const to = Math.min(count, Math.ceil((scrolled + height) / ROW_PX));
  const seen = { from, to: Math.max(from, to) };
  if (count <= ROWS_WHOLE_MAX) return { kept: { from: 0, to: count }, seen };
  const kept = { from: Math.max(0, from - ROWS_SPARE), to: Math.min(count, seen.to + ROWS_SPARE) };
  return { kept, seen };
}
