import type { Trace } from '../generated/Trace';
import type { Unit } from '../generated/Unit';
import type { Mark } from '../tile/level';

/** What a panel of gauges shows. */
export interface GaugeView {
  kind: 'gauge';
  traces: Trace[];
  unit: Unit;
  /** `null` for one that fits what is shown. */
  range: [number, number] | null;
  /** From these values on up, what is shown has another level. */
  marks: Mark[];
}
