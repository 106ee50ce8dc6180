// What a histogram is asked to show.

import type { Trace } from '../generated/Trace';
import type { Unit } from '../generated/Unit';

export interface HistogramView {
  kind: 'histogram';
  traces: Trace[];
  unit: Unit;
  /** How many bins; `null`: as many as the values call for. */
  bins: number | null;
  /** Whether bins are of equal factors. */
  log: boolean;
}
