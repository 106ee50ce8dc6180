// Colours for values: from the theme's few, which are even to the eye, as many as can be told apart.

import type { Scale } from '../plot/scale';

export const RAMP_STEPS = 128;

/** Colours from the least to the greatest, between those that are given as #rrggbb. */
export function rampOf(stops: readonly string[], steps = RAMP_STEPS): string[] {
  const parsed = stops.map((stop) =>
    [1, 3, 5].map((at) => Number.parseInt(stop.slice(at, at + 2), 16)),
  );
  const last = parsed.length - 1;
  return Array.from({ length: steps }, (_, step) => {
    const at = (step / (steps - 1)) * last;
    const below = Math.min(last - 1, Math.floor(at));
    const [from, to] = [parsed[below] ?? [], parsed[below + 1] ?? []];
    const mixed = from.map((part, n) => Math.round(part + ((to[n] ?? 0) - part) * (at - below)));
    return `rgb(${mixed.join(' ')})`;
  });
}

/** Which of the colours a value has; what is beyond the range has that of its end. -1: none. */
export function stepOf(scale: Scale): (value: number) => number {
  const { greatest, least, log } = scale;
  const place = log ? Math.log : (value: number) => value;
  const from = place(least);
  const per = (RAMP_STEPS - 1) / (place(greatest) - from);
  return (value) => {
    const step = Math.round((place(value) - from) * per);
    // Neither what is no number nor, by factors, what is not above zero.
    if (Number.isNaN(step) || (log && !(value > 0))) return -1;
    return Math.max(0, Math.min(RAMP_STEPS - 1, step));
  };
}
