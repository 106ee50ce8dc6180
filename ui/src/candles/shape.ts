// The shape of a candle in whole pixels: a body between open and close, hollow where it rose and
// filled where it fell, and wicks to high and low. No canvas here.

export interface Shape {
  /** The wick's left edge; it is a hair wide. */
  wick: number;
  /** Where the wick begins and ends. */
  high: number;
  low: number;
  left: number;
  width: number;
  top: number;
  height: number;
  hollow: boolean;
}

// Of its place, so that neighbours are told apart.
const AIR = 0.25;
const BODY_PX_MAX = 40;

/**
 * What stands from `left` to `right`. The values are pixels from the top: what is greater is
 * further down. `hair` is the thinnest line.
 */
export function shape(
  left: number,
  right: number,
  open: number,
  high: number,
  low: number,
  close: number,
  rose: boolean,
  hair: number,
): Shape {
  const place = right - left;
  let width = Math.max(hair, place - Math.max(hair, Math.round(place * AIR)));
  width = Math.min(width, BODY_PX_MAX * hair);
  // With the wick in its very middle.
  if ((width - hair) % 2 !== 0) width = Math.max(hair, width - 1);
  const wick = left + Math.floor((place - hair) / 2);
  const top = Math.min(open, close);
  const height = Math.max(hair, Math.max(open, close) - top);
  return {
    wick,
    high: Math.min(high, top),
    low: Math.max(low, top + height),
    left: wick - (width - hair) / 2,
    width,
    top,
    height,
    // What has no inside cannot be hollow.
    hollow: rose && width >= 3 * hair && height >= 3 * hair,
  };
}
