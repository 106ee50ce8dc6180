// What a trace is called, when two traces are of one series, and what of a panel draws series.

import type { Panel } from '../generated/Panel';
import type { Trace } from '../generated/Trace';
import { builtinLabel } from './builtin';

type Series = Pick<Trace, 'feed' | 'channel' | 'path'>;

export type TimeSeriesPanel = Extract<Panel, { kind: 'time-series' }>;

/** A board's file may hold panels of kinds that are not known here. */
export const isTimeSeries = (panel: Panel | undefined): panel is TimeSeriesPanel =>
  panel?.kind === 'time-series';

export const tracesOf = (panel: Panel | undefined): readonly Trace[] =>
  isTimeSeries(panel) ? panel.traces : [];

export const traceLabel = (trace: Trace): string => builtinLabel(trace) ?? trace.path;

export const sameSeries = (a: Series, b: Series): boolean =>
  a.feed === b.feed && a.channel === b.channel && a.path === b.path;
