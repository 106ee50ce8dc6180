// What a trace is called, when two traces are of one series, and what of a panel draws series.

import { derivedName, derivedOf } from '../derived/known.svelte';
import { feedName } from '../feeds/known.svelte';
import type { Panel } from '../generated/Panel';
import type { Trace } from '../generated/Trace';
import type { Unit } from '../generated/Unit';
import { builtinLabel } from './builtin';

type Series = Pick<Trace, 'feed' | 'channel' | 'path'>;

export type TimeSeriesPanel = Extract<Panel, { kind: 'time-series' }>;
/** A panel that draws series. */
export type TracesPanel = Extract<Panel, { traces: Trace[] }>;

export const isTimeSeries = (panel: Panel | undefined): panel is TimeSeriesPanel =>
  panel?.kind === 'time-series';

/** A board's file may hold panels of kinds that are not known here. */
export const hasTraces = (panel: Panel | undefined): panel is TracesPanel =>
  panel !== undefined && 'traces' in panel && Array.isArray(panel.traces);

export const tracesOf = (panel: Panel | undefined): readonly Trace[] =>
  hasTraces(panel) ? panel.traces : [];

/** The panel with other traces, if it has any. */
export const withTraces = (panel: Panel, to: (traces: Trace[]) => Trace[]): Panel =>
  hasTraces(panel) ? { ...panel, traces: to(panel.traces) } : panel;

/** How the values of a panel are written. */
export const unitOf = (panel: Panel | undefined): Unit =>
  panel && 'unit' in panel ? panel.unit : 'none';

/** How the values of a trace in it are written: there can be two axes. */
export const unitOfTrace = (panel: Panel | undefined, trace: Trace | undefined): Unit =>
  isTimeSeries(panel) && trace?.axis === 'right' ? panel.right.unit : unitOf(panel);

/** What a series is called where nobody has named it. */
export function seriesName(series: Series): string {
  const derived = derivedOf(series);
  return derived ? derivedName(derived) : series.path;
}

const plainLabel = (trace: Trace): string => builtinLabel(trace) ?? seriesName(trace);

/** What a trace is called beside others: `price` of two markets is called by its market, too. */
export function traceLabel(trace: Trace, among: readonly Trace[] = []): string {
  const label = plainLabel(trace);
  const alike = among.filter((other) => !sameSeries(other, trace) && plainLabel(other) === label);
  if (alike.length === 0 || derivedOf(trace)) return label;
  const ofOneFeed = alike.every(({ feed }) => feed === trace.feed);
  const ofOneChannel = alike.every(({ channel }) => channel === trace.channel);
  const whose = [
    ...(ofOneFeed ? [] : [feedName(trace.feed)]),
    ...(ofOneChannel || trace.channel === '' ? [] : [trace.channel]),
  ];
  return [...whose, label].join(' ');
}

export const traceLabels = (traces: readonly Trace[]): string[] =>
  traces.map((trace) => traceLabel(trace, traces));

/** What a trace is of, for who points at its name. */
export const traceTitle = (trace: Trace): string =>
  derivedOf(trace)?.expression ?? `${trace.channel} ${trace.path}`;

export const sameSeries = (a: Series, b: Series): boolean =>
  a.feed === b.feed && a.channel === b.channel && a.path === b.path;
