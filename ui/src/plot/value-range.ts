// The range of values that a plot shows, where nobody has fixed one. It grows at once when values
// leave it, and shrinks late: each change means to draw everything anew.

import { roundLogRange, roundRange } from './ticks';

type Extent = [number, number] | null;

// How often it is looked whether less would do.
const LOOK_MS = 500;
// A range is left for one that is smaller by this much, not for one that is merely rounder.
const SHRINK = 0.8;

export class ValueRange {
  private range: [number, number] = [0, 1];
  private fitted = false;
  private lookedAt = 0;

  /** The next range fits exactly. */
  refit(): void {
    this.fitted = false;
  }

  /**
   * The range to show now. `changed` is the extent of what is new, `all` finds that of all that is
   * in view.
   */
  at(nowMs: number, changed: Extent, all: () => Extent, log = false): [number, number] {
    const [least, greatest] = this.range;
    const grown = changed !== null && (changed[0] < least || changed[1] > greatest);
    if (this.fitted && !grown && nowMs - this.lookedAt < LOOK_MS) return this.range;
    this.lookedAt = nowMs;
    const extent = all();
    // While there is nothing, what was there may come back.
    if (!extent && this.fitted) return this.range;
    const wanted = log ? roundLogRange(extent) : roundRange(extent);
    const held = extent !== null && extent[0] >= least && extent[1] <= greatest;
    const smaller = log
      ? Math.log(wanted[1] / wanted[0]) <= Math.log(greatest / least) * SHRINK
      : wanted[1] - wanted[0] <= (greatest - least) * SHRINK;
    if (!this.fitted || !held || smaller) {
      if (wanted[0] !== least || wanted[1] !== greatest) this.range = wanted;
      this.fitted = extent !== null;
    }
    return this.range;
  }
}
