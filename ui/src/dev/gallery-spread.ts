// The panels of samples at several sizes and in several states, to be looked at while they are
// developed. Never shipped.

import '../language';
import '@fontsource-variable/inter/wght.css';
import '@fontsource-variable/jetbrains-mono/wght.css';
import '../tokens.css';
import '../base.css';
import { type Component, mount } from 'svelte';
import { App } from '../app';
import type { Visible } from '../board/dock';
import type { Trace } from '../generated/Trace';
import ValuesPanel from '../heat-map/values-panel.svelte';
import HistogramPanel from '../histogram/histogram-panel.svelte';
import XyPanel from '../xy/xy-panel.svelte';

const app = new App();
const query = new URLSearchParams(location.search);
const trace = (channel: string, path: string, color: number, feed = 'computer'): Trace => ({
  feed,
  channel,
  path,
  label: null,
  color,
});
const cores = [0, 1, 2].map((n) => trace('cpu', `core${n}`, n));
const total = trace('cpu', 'total', 0);
const histogram = { kind: 'histogram', traces: [total], unit: 'percent', bins: null, log: false };
const heat = { kind: 'heat-map', traces: [total], unit: 'percent', by: 'values', range: null };
const xy = {
  kind: 'xy',
  x: trace('cpu', 'core1', 1),
  traces: [total],
  unit: 'percent',
  style: 'line',
  range_x: null,
  range: null,
};
const received = trace('network', 'received', 4);

type Tile = [component: unknown, view: object, width: number, height: number];
const tiles: Tile[] = [
  [HistogramPanel, histogram, 520, 300],
  [HistogramPanel, { ...histogram, traces: cores }, 520, 300],
  [
    HistogramPanel,
    { ...histogram, traces: [received], unit: 'bytes-per-second', log: true },
    360,
    300,
  ],
  [ValuesPanel, heat, 700, 300],
  [ValuesPanel, { ...heat, traces: [received], unit: 'bytes-per-second' }, 700, 300],
  [XyPanel, xy, 340, 340],
  [XyPanel, { ...xy, traces: cores.slice(1), x: total, style: 'points' }, 340, 340],
  [XyPanel, { ...xy, x: null }, 340, 340],
  [HistogramPanel, { ...histogram, traces: [trace('c', 'p', 0, 'stream')] }, 340, 340],
  [HistogramPanel, histogram, 220, 112],
  [ValuesPanel, heat, 220, 112],
  [XyPanel, xy, 220, 112],
  [HistogramPanel, { ...histogram, traces: [] }, 220, 112],
];

const root = document.getElementById('app');
if (root) {
  root.style.cssText = 'display:flex;flex-wrap:wrap;gap:1px;align-content:start;overflow:auto';
  const only = query.get('only')?.split(',').map(Number);
  await app.start();
  app.drawing.time.setSpan(Number(query.get('span') ?? 60) * 1000);
  if (query.has('pause')) app.drawing.time.pause();
  tiles.forEach(([component, view, width, height], n) => {
    if (only && !only.includes(n)) return;
    const target = document.createElement('div');
    const [wide, high] = query.get('size')?.split('x') ?? [width, height];
    target.style.cssText = `position:relative;width:${wide}px;height:${high}px;outline:1px solid var(--line)`;
    root.append(target);
    const visible: Visible = { now: true, onChange: () => {} };
    const props = { app, id: `tile-${n}`, visible, view };
    mount(component as Component<typeof props>, { target, props });
  });
  // For those who drive this page from outside.
  Object.assign(window, { app });
}
