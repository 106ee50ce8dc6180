// A distribution as it is drawn and said: edges, shares, and which bin lies where. No canvas here.

import type { Distribution } from '../generated/Distribution';
import type { TraceBins } from '../generated/TraceBins';
import type { Unit } from '../generated/Unit';
import { count, tick } from '../lib/format';
import type { Scale } from '../plot/scale';
import { say } from '../words/say';

/** The edges of the bins, one more than there are of them. */
export function edges({ least, greatest, log, traces }: Distribution): number[] {
  const bins = traces[0]?.counts.length ?? 0;
  const from = log ? Math.log10(least) : least;
  const to = log ? Math.log10(greatest) : greatest;
  return Array.from({ length: bins === 0 ? 0 : bins + 1 }, (_, n) => {
    const on = from * (1 - n / bins) + to * (n / bins);
    // What comes of rounding is no digit of an edge.
    return Number((log ? 10 ** on : on).toPrecision(12));
  });
}

/** The range of values that the bins cover. */
export const scaleOf = ({ least, greatest, log }: Distribution): Scale => ({
  least,
  greatest,
  log,
});

/** The share of a bin in all that was counted, in percent. */
export const share = ({ counts, counted }: TraceBins, bin: number): number =>
  counted === 0 ? 0 : ((counts[bin] ?? 0) / counted) * 100;

/** The largest share of any bin, in percent. */
export function greatestShare(traces: readonly TraceBins[], hidden: ReadonlySet<number>): number {
  let greatest = 0;
  traces.forEach((trace, n) => {
    if (hidden.has(n)) return;
    for (let bin = 0; bin < trace.counts.length; bin += 1) {
      greatest = Math.max(greatest, share(trace, bin));
    }
  });
  return greatest;
}

/** From where to where a bin is, with as many digits as tell it from the next. */
export function binText(edges: readonly number[], bin: number, unit: Unit): string {
  const from = edges[bin] ?? 0;
  const to = edges[bin + 1] ?? from;
  const step = to - from;
  const top = Math.max(Math.abs(from), Math.abs(to));
  return say('histogram_bin', { from: tick(from, unit, step, top), to: tick(to, unit, step, top) });
}

/** Of how many samples it is, and how many of them are in no bin. */
export function amountTexts(traces: readonly TraceBins[], log: boolean): string[] {
  const sum = (of: (trace: TraceBins) => number) => traces.reduce((all, one) => all + of(one), 0);
  const counted = sum((trace) => trace.counted);
  const total = sum((trace) => trace.total);
  if (total === 0) return [];
  const texts = [
    counted < total
      ? say('samples_some', { counted: count(counted), total: count(total) })
      : say('samples_all', { total: count(total) }),
  ];
  const beside = (n: number, text: (n: string) => string) => {
    if (n > 0) texts.push(text(count(n)));
  };
  const below = sum((trace) => trace.below);
  if (log) beside(below, (n) => say('histogram_not_positive', { n }));
  else beside(below, (n) => say('histogram_below', { n }));
  beside(
    sum((trace) => trace.above),
    (n) => say('histogram_above', { n }),
  );
  beside(
    sum((trace) => trace.not_finite),
    (n) => say('samples_not_finite', { n }),
  );
  return texts;
}
