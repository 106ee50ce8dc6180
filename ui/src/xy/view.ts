// What a panel of one value against another is asked to show.

import type { Trace } from '../generated/Trace';
import type { Unit } from '../generated/Unit';

export interface XyView {
  kind: 'xy';
  /** What the others are put against. */
  x: Trace | null;
  traces: Trace[];
  /** Of the traces, not of `x`. */
  unit: Unit;
  style: 'line' | 'points';
  range_x: [number, number] | null;
  range: [number, number] | null;
}
