// How a feed does, as series: what they are called, and what they come to over a span.

import type { Ledger } from '../generated/Ledger';
import type { Statistics } from '../generated/Statistics';
import type { Trace } from '../generated/Trace';

/** The channel of each feed that tells of the feed itself. */
export const CHANNEL = 'feedscope:health';

/** Drawn over time. */
export const COURSES = [
  'messages_per_second',
  'bytes_per_second',
  'arrival_ms',
  'arrival_max_ms',
  'drawn_ms',
  'drawn_max_ms',
] as const;

/** How many there were from one second to the next, as the ledger has them. */
const COUNTS = [
  'received',
  'delivered',
  'control',
  'duplicate',
  'late',
  'undecodable',
  'held',
  'overflow',
] as const satisfies readonly (keyof Ledger)[];

/** Reckoned over a span. */
export const FIGURES = [
  'messages_per_second',
  'arrival_ms',
  'arrival_max_ms',
  'drawn_ms',
  'drawn_max_ms',
  'missing',
  ...COUNTS,
] as const;

export const healthTraces = (feed: string, paths: readonly string[]): Trace[] =>
  paths.map((path) => ({ feed, channel: CHANNEL, path, label: null, color: 0 }));

/** How many there were in all. Counts are whole numbers, whatever became of them on the way. */
export const sum = (of: Statistics | undefined): number =>
  of?.mean === null || of === undefined ? 0 : Math.round(of.mean * of.count);

/** What came of the messages of a span. */
export function ledgerOf(figures: Partial<Record<string, Statistics>>): Ledger {
  const entries = COUNTS.map((name) => [name, sum(figures[name])] as const);
  return Object.fromEntries(entries) as unknown as Ledger;
}

/** Percentiles of a span, and the longest of all; `null` where nothing was measured. */
export function took(
  of: Statistics | undefined,
  longest: Statistics | undefined,
): { p50: number; p99: number; max: number } | null {
  if (!of || of.p50 === null || of.p99 === null) return null;
  const max = Math.max(of.max ?? of.p99, longest?.max ?? Number.NEGATIVE_INFINITY);
  // They are within a percent of themselves; the longest is exact.
  return { p50: Math.min(of.p50, max), p99: Math.min(of.p99, max), max };
}
