// What a trace is called, and when two traces are of one series.

import type { Trace } from '../generated/Trace';
import { builtinLabel } from './builtin';

type Series = Pick<Trace, 'feed' | 'channel' | 'path'>;

export const traceLabel = (trace: Trace): string => builtinLabel(trace) ?? trace.path;

export const sameSeries = (a: Series, b: Series): boolean =>
  a.feed === b.feed && a.channel === b.channel && a.path === b.path;
