// What becomes of fields that are brought to the board: which panels take them, and what is made
// for them where there is none. Knows no pointer and no keys.

import type { Panel } from '../generated/Panel';
import type { Trace } from '../generated/Trace';
import type { Unit } from '../generated/Unit';
import { count } from '../lib/format';
import { say, saysAnywhere } from '../words/say';
import { kindName } from './kind-words';
import { KINDS, type Kind, newPanel, showsTexts, tracesMax } from './kinds';
import { hasTraces, isTimeSeries, sameSeries, seriesName, unitOf } from './trace';

/** A field that is brought to the board. */
export interface Brought {
  feed: string;
  channel: string;
  path: string;
  unit: Unit;
  /** Whether its numbers stand for texts. */
  texts: boolean;
}

/** Series that a panel draws, also that to the right of which others are drawn. */
const drawn = (panel: Panel): Trace[] => {
  if (!hasTraces(panel)) return [];
  return panel.kind === 'xy' && panel.x ? [panel.x, ...panel.traces] : panel.traces;
};

const unseen = (panel: Panel, fields: readonly Brought[]): Brought[] =>
  fields.filter((field) => !drawn(panel).some((trace) => sameSeries(trace, field)));

/** Why a panel takes none of these; `null` if it takes them. */
export function refusal(panel: Panel, fields: readonly Brought[]): string | null {
  const kind = panel.kind as Kind;
  if (!KINDS.includes(kind)) return say('take_unknown');
  const max = tracesMax(kind);
  if (!hasTraces(panel) || max === 0) return say('take_none', { kind: kindName(kind) });
  const some = unseen(panel, fields);
  if (some.length === 0) return say('take_drawn');
  const text = some.find((field) => field.texts);
  if (text && !showsTexts(kind)) {
    return say('take_texts', { kind: kindName(kind), path: text.path });
  }
  const room = panel.kind === 'xy' && !panel.x ? max + 1 : max;
  if (drawn(panel).length + some.length > room) {
    return say('take_full', { kind: kindName(kind), count: max });
  }
  return null;
}

/** The panel with these; as it was if it does not take them. */
export function withFields(panel: Panel, fields: readonly Brought[]): Panel {
  if (!hasTraces(panel) || refusal(panel, fields) !== null) return panel;
  const some = unseen(panel, fields);
  let made: Panel = panel;
  if (drawn(panel).length === 0) {
    const title = saysAnywhere('panel_new', panel.title) ? titleOf(some) : panel.title;
    made = { ...panel, title };
    if ('unit' in made) made = { ...made, unit: some[0]?.unit ?? 'none' };
  }
  for (const field of some) made = withField(made, field);
  return made;
}

function withField(panel: Panel, { feed, channel, path, unit }: Brought): Panel {
  if (!hasTraces(panel)) return panel;
  const trace: Trace = { feed, channel, path, label: null, color: freeColor(drawn(panel)) };
  if (panel.kind === 'xy' && !panel.x) return { ...panel, x: trace };
  if (!isTimeSeries(panel) || unit === unitOf(panel)) {
    return { ...panel, traces: [...panel.traces, trace] } as Panel;
  }
  // What is measured in something else has an axis of its own, where that is free.
  const taken = panel.traces.some(({ axis }) => axis === 'right');
  if (taken && panel.right.unit !== unit) return { ...panel, traces: [...panel.traces, trace] };
  const right = { ...panel.right, unit };
  return { ...panel, right, traces: [...panel.traces, { ...trace, axis: 'right' }] };
}

/** New panels for fields: of the kind that shows what they are. */
export function panelsFor(fields: readonly Brought[]): Panel[] {
  const texts = fields.filter((field) => field.texts);
  const numbers = fields.filter((field) => !field.texts);
  const many = numbers.length > tracesMax('time-series');
  return [...panelOf(many ? 'table' : 'time-series', numbers), ...panelOf('states', texts)];
}

function panelOf(kind: Kind, fields: readonly Brought[]): Panel[] {
  const some = fields.slice(0, tracesMax(kind));
  if (some.length === 0) return [];
  return [withFields(newPanel(kind, say('panel_new'), 'none', []), some)];
}

// A title of more is no title.
const NAMES_MAX = 3;

/** What a panel of these is called: by their channels, or by themselves where those have no names. */
export function titleOf(fields: readonly Brought[]): string {
  const names = [...new Set(fields.map((field) => field.channel || seriesName(field)))];
  if (names.length <= NAMES_MAX) return names.join(', ');
  return say('take_title', {
    names: names.slice(0, NAMES_MAX - 1).join(', '),
    count: count(names.length - NAMES_MAX + 1),
  });
}

/** The first colour that none of these has. */
export function freeColor(traces: readonly Trace[]): number {
  const taken = new Set(traces.map((trace) => trace.color));
  let color = 0;
  while (taken.has(color)) color += 1;
  return color;
}
