// All panels over time at several sizes, for looking at them while they are made: candles, states,
// heat maps. Answered by the pretended host; never shipped.

import '../language';
import '@fontsource-variable/inter/wght.css';
import '@fontsource-variable/jetbrains-mono/wght.css';
import '../tokens.css';
import '../base.css';
import { mount } from 'svelte';
import * as host from '$host';
import { App } from '../app';
import CandlesPanel from '../candles/candles-panel.svelte';
import type { Trace } from '../generated/Trace';
import HeatMapPanel from '../heat-map/series-panel.svelte';
import StatesPanel from '../states/states-panel.svelte';
import TimeSeriesPanel from '../time-series/time-series-panel.svelte';
import { moreTexts } from './pretended';

const query = new URLSearchParams(location.search);
const only = query.get('only');

const trace = (
  channel: string,
  path: string,
  feed = 'computer',
  label: string | null = null,
): Trace => ({
  feed,
  channel,
  path,
  label,
  color: 0,
});
const racks = (count: number) =>
  Array.from({ length: count }, (_, n) =>
    trace('rack', `node${String((n % 24) + 1).padStart(2, '0')}.temperature`),
  );
const machine = ['state', 'door', 'mode', 'code'].map((path) => trace('machine', path));
const market = [trace('market', 'price', 'computer', 'BTC-USD')];

const candles = (interval_ms: number | null, traces = market) => ({
  component: CandlesPanel,
  view: { kind: 'candles', traces, unit: 'none', interval_ms },
});
const states = (traces = machine) => ({ component: StatesPanel, view: { kind: 'states', traces } });
const heat = (traces: Trace[], range: [number, number] | null = null, log = false) => ({
  component: HeatMapPanel,
  view: { kind: 'heat-map', traces, unit: 'none', by: 'series', range },
  log,
});

// What is shown, and how large.
const SHOWN: Record<
  string,
  { component: unknown; view: unknown; log?: boolean; size: [number, number] }[]
> = {
  candles: [
    { ...candles(null), size: [880, 340] },
    { ...candles(1000), size: [440, 340] },
    { ...candles(10_000), size: [440, 200] },
    { ...candles(100), size: [440, 200] },
    { ...candles(null), size: [220, 112] },
    { ...candles(null, []), size: [220, 112] },
  ],
  states: [
    { ...states(), size: [880, 220] },
    { ...states([...machine, ...machine, ...machine]), size: [440, 220] },
    { ...states(machine.slice(0, 1)), size: [440, 112] },
    { ...states(), size: [220, 112] },
    { ...states([trace('machine', 'nothing')]), size: [440, 112] },
    { ...states([trace('other', 'state', 'gone')]), size: [220, 112] },
  ],
  heat: [
    { ...heat(racks(24)), size: [880, 300] },
    { ...heat(racks(64)), size: [440, 300] },
    { ...heat(racks(8), [30, 60], true), size: [440, 200] },
    { ...heat(racks(3)), size: [440, 112] },
    { ...heat(racks(6)), size: [220, 112] },
  ],
  many: Array.from({ length: 12 }, (_, n) => ({
    ...[candles(null), states(), heat(racks(12))][n % 3],
    size: [440, 220] as [number, number],
  })) as never,
  lines: Array.from({ length: 12 }, () => ({
    component: TimeSeriesPanel,
    view: {},
    size: [440, 220] as [number, number],
  })),
};

const app = new App();
Object.assign(app.feeds, {
  textOf: (_: string, channel: string, path: string, n: number) => moreTexts(channel, path, n),
});
Object.assign(window, { app, host });
document.documentElement.style.overflow = 'auto';
document.body.style.overflow = 'auto';
const target = document.getElementById('app') as HTMLElement;
target.style.cssText =
  'display:flex;flex-wrap:wrap;align-content:flex-start;gap:1px;background:var(--line);height:auto;overflow:visible';

await app.start();
for (const [kind, list] of Object.entries(SHOWN)) {
  if (only ? only !== kind : kind === 'many' || kind === 'lines') continue;
  list.forEach(({ component, view, log, size: [width, height] }, n) => {
    const box = document.createElement('div');
    box.style.cssText = `position:relative;background:var(--background);width:${width}px;height:${height}px`;
    if (query.has('full')) box.style.cssText += ';width:100%;height:100vh';
    target.append(box);
    mount(component as typeof CandlesPanel, {
      target: box,
      props: {
        app,
        id: kind === 'lines' ? 'memory' : `${kind}-${n}`,
        visible: { now: true, onChange: () => {} },
        view,
        ...(log ? { log } : {}),
      } as never,
    });
  });
}
