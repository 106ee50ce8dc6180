// Which values lie where along an axis.

export interface Scale {
  least: number;
  greatest: number;
  /** Equal steps are equal factors. What is not above zero has no place then. */
  log: boolean;
}

export const sameScale = (a: Scale, b: Scale): boolean =>
  a.least === b.least && a.greatest === b.greatest && a.log === b.log;

/** Answers where a value is on a stretch that begins at `top`; what has no place lies far below. */
export function placer(scale: Scale, top: number, height: number): (value: number) => number {
  const { least, greatest, log } = scale;
  if (!log) {
    const perValue = height / (greatest - least);
    const zero = top + greatest * perValue;
    return (value) => zero - value * perValue;
  }
  const most = Math.log10(greatest);
  const perDecade = height / (most - Math.log10(least));
  const nowhere = top + 2 * height;
  return (value) => (value > 0 ? top + (most - Math.log10(value)) * perDecade : nowhere);
}

/** The value at a place: what `placer` makes a place of. */
export function valueAt(scale: Scale, top: number, height: number, y: number): number {
  const share = (y - top) / height;
  const { least, greatest, log } = scale;
  if (!log) return greatest - share * (greatest - least);
  const most = Math.log10(greatest);
  return 10 ** (most - share * (most - Math.log10(least)));
}
