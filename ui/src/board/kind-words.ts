// What the kinds of panels are called, and what each is for.

import { type Key, say } from '../words/say';
import type { Kind } from './kinds';

const NAMES: Record<Kind, Key> = {
  'time-series': 'kind_time_series',
  number: 'kind_number',
  gauge: 'kind_gauge',
  table: 'kind_table',
  candles: 'kind_candles',
  states: 'kind_states',
  'heat-map': 'kind_heat_map',
  histogram: 'kind_histogram',
  xy: 'kind_xy',
  depth: 'kind_depth',
  inspector: 'kind_inspector',
  notes: 'kind_notes',
};

const HELPS: Record<Kind, Key> = {
  'time-series': 'kind_time_series_help',
  number: 'kind_number_help',
  gauge: 'kind_gauge_help',
  table: 'kind_table_help',
  candles: 'kind_candles_help',
  states: 'kind_states_help',
  'heat-map': 'kind_heat_map_help',
  histogram: 'kind_histogram_help',
  xy: 'kind_xy_help',
  depth: 'kind_depth_help',
  inspector: 'kind_inspector_help',
  notes: 'kind_notes_help',
};

export const kindName = (kind: Kind): string => say(NAMES[kind] as 'close');
export const kindHelp = (kind: Kind): string => say(HELPS[kind] as 'close');
