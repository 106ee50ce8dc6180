// What states were at the left edge of a view in which they have not changed since: a state that
// is sent once an hour holds all the hour. It is asked for, as columns begin with the view.

import * as host from '$host';
import type { Axis } from '../generated/Axis';
import type { Gap } from '../generated/Gap';
import type { Trace } from '../generated/Trace';
import { OneAtATime } from '../lib/one-at-a-time';
import { decode, INDEX, LAST } from '../live/columns';
import { concerns } from '../plot/gap-starts';

interface Wanted {
  traces: readonly Trace[];
  axis: Axis;
  edgeMs: number;
}

export class Held {
  /** By trace, what it was at `edgeMs`; `null` where that is not known. */
  values: (number | null)[] = [];
  edgeMs = 0;
  private wanted: Wanted | null = null;
  private found: Wanted | null = null;
  private readonly asker = new OneAtATime(() => this.fetch());

  constructor(
    private readonly onAnswer: () => void,
    private readonly onTrouble: (trouble: unknown) => void,
  ) {}

  /** Wants to know what the traces were then, if that has not been asked for. */
  ask(traces: readonly Trace[], axis: Axis, edgeMs: number): void {
    const { wanted } = this;
    if (wanted?.traces === traces && wanted.axis === axis && wanted.edgeMs === edgeMs) return;
    if (wanted?.traces !== traces) this.values = [];
    this.wanted = { traces, axis, edgeMs };
    this.asker.ask();
  }

  private async fetch(): Promise<void> {
    const { wanted } = this;
    if (!wanted || wanted === this.found || wanted.edgeMs <= 0) return;
    const { traces, axis, edgeMs } = wanted;
    try {
      // One column, of all that was before.
      const view = { traces: [...traces], axis, from_ms: 0, to_ms: edgeMs, columns: 1 };
      const { facts, traces: columns } = decode(await host.view(view));
      const last = columns.map((one) =>
        one.length > 0 && one.at(0)[INDEX] === 0 ? one.at(0)[LAST] : null,
      );
      const values = await this.sinceGaps(wanted, last, facts.gaps);
      if (this.wanted !== wanted) return;
      this.found = wanted;
      this.values = values;
      this.edgeMs = edgeMs;
      this.onAnswer();
    } catch (trouble) {
      this.onTrouble(trouble);
    }
  }

  /** Without those that a gap parts from the edge. */
  private async sinceGaps(
    { traces, axis, edgeMs }: Wanted,
    last: (number | null)[],
    gaps: readonly Gap[],
  ): Promise<(number | null)[]> {
    const ends = traces.map((trace) => lastEnd(gaps, trace, edgeMs));
    const values = last.map((value, n) => ((ends[n] as number) >= edgeMs ? null : value));
    // Many traces are of one feed, and have the same gaps.
    for (const end of new Set(ends)) {
      const those = traces.filter((_, n) => ends[n] === end && values[n] !== null);
      if (end === Number.NEGATIVE_INFINITY || those.length === 0) continue;
      const span = { traces: those, axis, from_ms: end, to_ms: edgeMs };
      const found = await host.statistics(span);
      those.forEach((trace, n) => {
        if ((found[n]?.count ?? 0) === 0) values[traces.indexOf(trace)] = null;
      });
    }
    return values;
  }
}

/** When the last gap of a trace that began before `edgeMs` ended. */
function lastEnd(gaps: readonly Gap[], trace: Trace, edgeMs: number): number {
  return gaps
    .filter((gap) => gap.start_ms < edgeMs && concerns(gap, trace))
    .reduce(
      (last, gap) => Math.max(last, gap.end_ms ?? Number.POSITIVE_INFINITY),
      Number.NEGATIVE_INFINITY,
    );
}
