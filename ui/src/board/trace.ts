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

/** By what the series that are called the same can be told apart. */
interface Alike {
  feeds: Set<string>;
  channels: Set<string>;
  /** As text: how many there are. */
  series: Set<string>;
}

/** What traces are called beside each other: `price` of two markets is called by its market, too. A
 * table has a thousand of them, often of one name. */
export function traceLabels(traces: readonly Trace[]): string[] {
  const all = new Map<string, Alike>();
  const plain = traces.map(plainLabel);
  traces.forEach((trace, n) => {
    const label = plain[n] as string;
    const alike = all.get(label) ?? { feeds: new Set(), channels: new Set(), series: new Set() };
    all.set(label, alike);
    alike.feeds.add(trace.feed);
    alike.channels.add(trace.channel);
    alike.series.add(JSON.stringify([trace.feed, trace.channel, trace.path]));
  });
  return traces.map((trace, n) => {
    const label = plain[n] as string;
    const { feeds, channels, series } = all.get(label) as Alike;
    if (series.size === 1 || derivedOf(trace)) return label;
    const whose = [
      ...(feeds.size === 1 ? [] : [feedName(trace.feed)]),
      ...(channels.size === 1 || trace.channel === '' ? [] : [trace.channel]),
    ];
    return [...whose, label].join(' ');
  });
}

/** What one is called beside others. */
export function traceLabel(trace: Trace, among: readonly Trace[] = []): string {
  const label = plainLabel(trace);
  const alike = among.filter((other) => plainLabel(other) === label);
  return traceLabels([trace, ...alike])[0] as string;
}

/** What a trace is of, for who points at its name. */
export const traceTitle = (trace: Trace): string =>
  derivedOf(trace)?.expression ?? `${trace.channel} ${trace.path}`;

export const sameSeries = (a: Series, b: Series): boolean =>
  a.feed === b.feed && a.channel === b.channel && a.path === b.path;
