// The kinds of panels: what each is made of when it is new, and how many traces it takes.

import type { Panel } from '../generated/Panel';
import type { Trace } from '../generated/Trace';
import type { Unit } from '../generated/Unit';

export type Kind = Panel['kind'];

/** In the order in which they are offered. */
export const KINDS: readonly Kind[] = [
  'time-series',
  'number',
  'gauge',
  'table',
  'candles',
  'states',
  'heat-map',
  'histogram',
  'xy',
  'depth',
  'inspector',
  'notes',
];

// More lines than this in one chart cannot be told apart; more rows are no table.
const TRACES_MAX: Partial<Record<Kind, number>> = {
  'time-series': 16,
  number: 12,
  gauge: 8,
  table: 1_000,
  candles: 1,
  states: 64,
  'heat-map': 64,
  histogram: 8,
  xy: 8,
};

/** How many traces a panel of this kind takes; none at all for some. */
export const tracesMax = (kind: string): number => TRACES_MAX[kind as Kind] ?? 0;

/** Whether panels of this kind show a time. */
export const showsTime = (kind: string): boolean => tracesMax(kind) > 0;

/** Whether panels of this kind show texts as what they are; others draw numbers alone. */
export const showsTexts = (kind: string): boolean =>
  tracesMax(kind) === 0 || ['states', 'table', 'number'].includes(kind);

const CHARTS: readonly string[] = [
  'time-series',
  'candles',
  'states',
  'heat-map',
  'histogram',
  'xy',
  'depth',
];

/** Whether panels of this kind draw what could be a table, too. */
export const isChart = (kind: string): boolean => CHARTS.includes(kind);

/** What only a kind has, as it is in a new panel. */
function view(kind: Kind, unit: Unit, traces: Trace[]) {
  const some = { unit, traces: traces.slice(0, tracesMax(kind)) };
  switch (kind) {
    case 'time-series': {
      const right = { unit: 'none' as const, range: null, log: false };
      return { kind, ...some, range: null, log: false, right, marks: [] };
    }
    case 'number':
      return { kind, ...some, digits: null, marks: [] };
    case 'gauge':
      return { kind, ...some, range: null, marks: [] };
    case 'table':
      return { kind, ...some };
    case 'candles':
      return { kind, ...some, interval_ms: null };
    case 'states':
      return { kind, traces: some.traces };
    case 'heat-map': {
      const by = traces.length > 1 ? ('series' as const) : ('values' as const);
      return { kind, ...some, by, range: null };
    }
    case 'histogram':
      return { kind, ...some, bins: null, log: false };
    case 'xy': {
      // Of two, the first is to the right, and the second above it.
      const [x, ...others] = traces;
      const rest = { range_x: null, range: null, style: 'line' as const };
      return others.length > 0 && x
        ? { kind, unit, x, traces: others.slice(0, tracesMax(kind)), ...rest }
        : { kind, ...some, x: null, ...rest };
    }
    case 'depth': {
      const rest = { key: null, levels: null, range_percent: null };
      return { kind, feed: traces[0]?.feed ?? null, channel: null, ...rest };
    }
    case 'inspector':
      return { kind, feed: traces[0]?.feed ?? null };
    case 'notes':
      return { kind, text: '' };
  }
}

export function newPanel<K extends Kind>(kind: K, title: string, unit: Unit, traces: Trace[]) {
  const made: Panel = { id: crypto.randomUUID(), title, ...view(kind, unit, traces) };
  return made as Extract<Panel, { kind: K }>;
}

/** The panel as one of another kind, which keeps all that both have. */
export function asKind(panel: Panel, kind: Kind): Panel {
  const traces = 'traces' in panel ? panel.traces : [];
  const all = panel.kind === 'xy' && panel.x ? [panel.x, ...traces] : traces;
  const unit = 'unit' in panel ? panel.unit : 'none';
  const made: Panel = newPanel(kind, panel.title, unit, all);
  const kept = Object.entries(panel).filter(
    ([key]) => key in made && !['kind', 'traces', 'x', 'by'].includes(key),
  );
  return { ...made, ...(panel.time && { time: panel.time }), ...Object.fromEntries(kept) } as Panel;
}
