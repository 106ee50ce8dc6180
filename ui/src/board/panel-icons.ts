// The icons of the kinds of panels.

import ChartCandlestick from '@lucide/svelte/icons/chart-candlestick';
import ChartColumn from '@lucide/svelte/icons/chart-column';
import ChartLine from '@lucide/svelte/icons/chart-line';
import ChartNoAxesCombined from '@lucide/svelte/icons/chart-no-axes-combined';
import ChartScatter from '@lucide/svelte/icons/chart-scatter';
import Gauge from '@lucide/svelte/icons/gauge';
import Grid3x3 from '@lucide/svelte/icons/grid-3x3';
import Hash from '@lucide/svelte/icons/hash';
import Rows3 from '@lucide/svelte/icons/rows-3';
import ScrollText from '@lucide/svelte/icons/scroll-text';
import StickyNote from '@lucide/svelte/icons/sticky-note';
import Table from '@lucide/svelte/icons/table';
import type { Component } from 'svelte';
import type { Kind } from './kinds';

export const ICONS: Record<Kind, Component> = {
  'time-series': ChartLine,
  number: Hash,
  gauge: Gauge,
  table: Table,
  candles: ChartCandlestick,
  states: Rows3,
  'heat-map': Grid3x3,
  histogram: ChartColumn,
  xy: ChartScatter,
  depth: ChartNoAxesCombined,
  inspector: ScrollText,
  notes: StickyNote,
};
