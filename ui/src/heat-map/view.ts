// A heat map, as the board's file has it.

import type { Trace } from '../generated/Trace';
import type { Unit } from '../generated/Unit';

export interface HeatMapView {
  kind: 'heat-map';
  traces: Trace[];
  unit: Unit;
  /** What the rows are: one for each trace, or ranges of the values of one. */
  by: 'values' | 'series';
  /** A fixed range of what colours stand for; `null` fits what is in view. */
  range: [number, number] | null;
}
