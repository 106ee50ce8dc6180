// A state timeline, as the board's file has it.

import type { Trace } from '../generated/Trace';

export interface StatesView {
  kind: 'states';
  traces: Trace[];
}
