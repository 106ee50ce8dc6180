// Annotations in a list: which are found, which comes next, and what dragging makes of one. Knows
// no window.

import type { Annotation } from '../generated/Annotation';
import { closest, type Direction } from '../lib/closest';
import type { Part } from '../live/moments';

/** As many as a board has at most. */
export const ANNOTATIONS_MAX = 10_000;
/** As many characters as one has at most. */
export const TEXT_MAX = 2_000;

/** One of the times of an annotation. */
export type End = 'from' | 'to';

export const endOf = ({ from_ms, to_ms }: Annotation, end: End): number | undefined =>
  end === 'from' ? from_ms : to_ms;

/** A span has an end after its beginning; what has none is a moment. */
export function withTimes(one: Annotation, fromMs: number, toMs: number | null): Annotation {
  const { to_ms, ...rest } = one;
  if (toMs === null || toMs === fromMs) return { ...rest, from_ms: fromMs };
  return { ...rest, from_ms: Math.min(fromMs, toMs), to_ms: Math.max(fromMs, toMs) };
}

/** With an end, or all of it, where it was dragged. One end does not pass the other. */
export function dragged(one: Annotation, ms: number, part: Part): Annotation {
  const { from_ms, to_ms } = one;
  if (to_ms === undefined) return { ...one, from_ms: ms };
  if (part === 'all') return { ...one, from_ms: ms, to_ms: ms + (to_ms - from_ms) };
  if (part === 'from') return { ...one, from_ms: Math.min(ms, to_ms - 1) };
  return { ...one, to_ms: Math.max(ms, from_ms + 1) };
}

export const middleOf = ({ from_ms, to_ms }: Annotation): number =>
  (from_ms + (to_ms ?? from_ms)) / 2;

/** How much time to show of one, while so much is shown: a span is seen with what is around it. */
export function shownOf({ from_ms, to_ms }: Annotation, shownMs: number): number {
  const length = (to_ms ?? from_ms) - from_ms;
  return shownMs >= 1.25 * length ? shownMs : 2 * length;
}

/** The closest one before or after a moment. */
export const nearest = (
  list: readonly Annotation[],
  ms: number,
  direction: Direction,
): Annotation | undefined => closest(list, middleOf, ms, direction);

/** Those that have all that is searched for in their text, the newest first. */
export function found(list: readonly Annotation[], search: string): Annotation[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const has = (text: string) => words.every((word) => text.includes(word));
  return list.filter(({ text }) => has(text.toLowerCase())).sort((a, b) => b.from_ms - a.from_ms);
}

/** Of a panel or a feed alone only if that is there; or else of the whole board. */
export function onlyOf(one: Annotation, known: ReadonlySet<string>): Annotation {
  const { feed, panel, ...rest } = one;
  return {
    ...rest,
    ...(feed !== undefined && known.has(feed) && { feed }),
    ...(panel !== undefined && known.has(panel) && { panel }),
  };
}

/** Those of a file beside those that there are; what is there under its id is replaced. */
export function merged(
  list: readonly Annotation[],
  read: readonly Annotation[],
): { list: Annotation[]; left: number } {
  const ids = new Set(read.map(({ id }) => id));
  const all = [...list.filter(({ id }) => !ids.has(id)), ...read];
  return { list: all.slice(0, ANNOTATIONS_MAX), left: Math.max(0, all.length - ANNOTATIONS_MAX) };
}
