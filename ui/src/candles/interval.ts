// How long a candle is. Intervals are counted from the Unix epoch, and so begin with the minutes,
// hours and days of UTC.

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** What can be chosen, and what is chosen from automatically: each divides the day. */
export const CANDLE_INTERVALS_MS: readonly number[] = [
  ...[1, 2, 5, 10, 15, 30].map((n) => n * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * MINUTE),
  ...[1, 2, 4, 6, 12].map((n) => n * HOUR),
  DAY,
];

// Thinner than this, a hollow body cannot be told from a filled one.
const CANDLE_PX_AUTOMATIC = 5;
// Thinner than this, candles are no candles.
const CANDLE_PX_MIN = 3;

export interface Interval {
  ms: number;
  /** The one that was chosen is too fine for the span: this is a multiple of it. */
  coarser: boolean;
}

/** How long a candle is in a span that is shown so wide. */
export function interval(spanMs: number, widthPx: number, chosenMs: number | null): Interval {
  const pxOf = (ms: number) => (ms / spanMs) * Math.max(1, widthPx);
  if (chosenMs === null || !(chosenMs >= 1)) {
    const ms = CANDLE_INTERVALS_MS.find((ms) => pxOf(ms) >= CANDLE_PX_AUTOMATIC) ?? DAY;
    return { ms, coarser: false };
  }
  if (pxOf(chosenMs) >= CANDLE_PX_MIN) return { ms: chosenMs, coarser: false };
  const multiple = CANDLE_INTERVALS_MS.find(
    (ms) => ms > chosenMs && ms % chosenMs === 0 && pxOf(ms) >= CANDLE_PX_MIN,
  );
  if (multiple) return { ms: multiple, coarser: true };
  const times = Math.ceil((CANDLE_PX_MIN * spanMs) / Math.max(1, widthPx) / chosenMs);
  return { ms: chosenMs * times, coarser: true };
}
