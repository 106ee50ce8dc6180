// A panel of candles, as the board's file has it.

import type { Trace } from '../generated/Trace';
import type { Unit } from '../generated/Unit';

export interface CandlesView {
  kind: 'candles';
  /** The first is drawn. */
  traces: Trace[];
  unit: Unit;
  /** How long a candle is; `null`: as the span has room for. */
  interval_ms: number | null;
}
