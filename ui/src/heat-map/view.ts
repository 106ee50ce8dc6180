// What a heat map is asked to show.

import type { Trace } from '../generated/Trace';
import type { Unit } from '../generated/Unit';

export interface HeatMapView {
  kind: 'heat-map';
  traces: Trace[];
  unit: Unit;
  /** How the values of the first trace are distributed, or how high those of each trace are. */
  by: 'values' | 'series';
  range: [number, number] | null;
}
