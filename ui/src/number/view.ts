import type { Trace } from '../generated/Trace';
import type { Unit } from '../generated/Unit';
import type { Mark } from '../tile/level';

/** What a panel of numbers shows. */
export interface NumberView {
  kind: 'number';
  traces: Trace[];
  unit: Unit;
  /** Decimal places; `null` for as many as it takes. */
  digits: number | null;
  /** From these values on up, what is shown has another level. */
  marks: Mark[];
}
