import type { Trace } from '../generated/Trace';
import type { Unit } from '../generated/Unit';

/** What a table of traces shows. */
export interface TableView {
  kind: 'table';
  traces: Trace[];
  unit: Unit;
}
