// Where gaps of one series begin: that is where what was last known of it ends.

import type { Gap } from '../generated/Gap';
import type { Trace } from '../generated/Trace';

/** Whether a gap is one of this series. */
export const concerns = (gap: Gap, { feed, channel }: Pick<Trace, 'feed' | 'channel'>): boolean =>
  gap.feed === feed && (gap.channel === null || gap.channel === channel);

export class GapStarts {
  private starts: number[] = [];

  constructor(gaps: readonly Gap[], trace: Pick<Trace, 'feed' | 'channel'>) {
    this.starts = gaps
      .filter((gap) => concerns(gap, trace))
      .map((gap) => gap.start_ms)
      .sort((a, b) => a - b);
  }

  get last(): number {
    return this.starts.at(-1) ?? Number.NEGATIVE_INFINITY;
  }

  /** The first from `afterMs` on, if it is before `beforeMs`. */
  between(afterMs: number, beforeMs: number): number | null {
    let low = 0;
    let high = this.starts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.starts[middle] as number) < afterMs) low = middle + 1;
      else high = middle;
    }
    const found = this.starts[low];
    return found !== undefined && found < beforeMs ? found : null;
  }
}
