// Where axis ticks stand. Only numbers: how they are written is in lib/format.

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const TIME_STEPS_MS = [
  1,
  2,
  5,
  10,
  20,
  50,
  100,
  200,
  500,
  ...[1, 2, 5, 10, 15, 30].map((n) => n * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * MINUTE),
  ...[1, 2, 3, 6, 12].map((n) => n * HOUR),
  ...[1, 2, 7, 14, 28].map((n) => n * DAY),
];

export interface Ticks {
  at: number[];
  step: number;
}

/** Ticks on round local times. `offsetMs` is how far the local clock is ahead of UTC. */
export function timeTicks(fromMs: number, toMs: number, ticksMax: number, offsetMs: number): Ticks {
  const span = toMs - fromMs;
  const wanted = span / Math.max(1, ticksMax);
  const step =
    TIME_STEPS_MS.find((candidate) => candidate >= wanted) ??
    Math.ceil(wanted / (28 * DAY)) * 28 * DAY;
  return { at: timesBetween(fromMs, toMs, step, offsetMs), step };
}

/** The multiples of `step` on the local clock, from one moment to another. */
export function timesBetween(
  fromMs: number,
  toMs: number,
  step: number,
  offsetMs: number,
): number[] {
  const at: number[] = [];
  let tick = Math.ceil((fromMs + offsetMs) / step) * step - offsetMs;
  for (; tick <= toMs; tick += step) at.push(tick);
  return at;
}

/** The least of 1, 2, 5, 10, 20 … that is not below `wanted`. */
export function niceStep(wanted: number): number {
  if (!(wanted > 0) || !Number.isFinite(wanted)) return 1;
  const power = 10 ** Math.floor(Math.log10(wanted));
  for (const factor of [1, 2, 5]) if (factor * power >= wanted * (1 - 1e-9)) return factor * power;
  return 10 * power;
}

/** Ticks on round values. */
export function valueTicks(from: number, to: number, ticksMax: number): Ticks {
  const step = niceStep((to - from) / Math.max(1, ticksMax));
  const at: number[] = [];
  // Counting whole steps keeps 0.1 + 0.2 from being 0.30000000000000004.
  const last = Math.floor(to / step + 1e-9);
  for (let n = Math.ceil(from / step - 1e-9); n <= last; n += 1) {
    at.push(Number((n * step).toPrecision(12)));
  }
  return { at, step };
}

/** A range that holds `extent` and ends on round values, so that it seldom changes. */
export function roundRange(extent: [number, number] | null): [number, number] {
  if (!extent) return [0, 1];
  let [least, greatest] = extent;
  // Nothing at all is no reason to show what is less than that.
  if (least === 0 && greatest === 0) return [0, 1];
  if (least === greatest) {
    const room = Math.abs(least) * 0.1;
    least -= room;
    greatest += room;
  }
  // A tenth of free height on either side keeps the line off the frame; values that are near
  // zero for their size start at it.
  const height = greatest - least;
  if (least >= 0 && least < height) least = 0;
  else least -= height * 0.05;
  if (greatest <= 0 && -greatest < height) greatest = 0;
  else greatest += height * 0.05;
  const step = niceStep((greatest - least) / 8);
  return [Math.floor(least / step) * step, Math.ceil(greatest / step) * step];
}

/** Ticks at powers of ten, and between them at twice and five times these where there is room. */
export function logTicks(from: number, to: number, ticksMax: number): Ticks {
  const first = Math.floor(Math.log10(from) + 1e-9);
  const last = Math.ceil(Math.log10(to) - 1e-9);
  const decades = last - first;
  const every = Math.max(1, Math.ceil(decades / Math.max(1, ticksMax)));
  const factors = decades * 3 <= ticksMax ? [1, 2, 5] : [1];
  const at: number[] = [];
  for (let power = first; power <= last; power += every) {
    for (const factor of factors) {
      const tick = Number((factor * 10 ** power).toPrecision(12));
      if (tick >= from * (1 - 1e-9) && tick <= to * (1 + 1e-9)) at.push(tick);
    }
  }
  return { at, step: from };
}

/** A range of factors that holds `extent`, and ends on 1, 2 or 5 times a power of ten. */
export function roundLogRange(extent: [number, number] | null): [number, number] {
  if (!extent || !(extent[1] > 0)) return [0.1, 10];
  const greatest = extent[1];
  const least = extent[0] > 0 ? extent[0] : greatest / 10;
  const power = 10 ** Math.floor(Math.log10(least) + 1e-9);
  const start = [5, 2, 1].map((n) => n * power).find((n) => n <= least * (1 + 1e-9)) ?? power;
  const end = niceStep(greatest);
  return start < end ? [start, end] : [start / 2, end * 2];
}
