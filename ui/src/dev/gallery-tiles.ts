// Numbers, gauges, tables and notes, each at several sizes and in several states, to be looked at:
// /gallery-tiles.html?show=number. Never shipped.

import '../language';
import '@fontsource-variable/inter/wght.css';
import '@fontsource-variable/jetbrains-mono/wght.css';
import '../tokens.css';
import '../base.css';
import { type Component, mount } from 'svelte';
import * as host from '$host';
import { App } from '../app';
import GaugePanel from '../gauge/gauge-panel.svelte';
import type { GaugeView } from '../gauge/view';
import type { Trace } from '../generated/Trace';
import NotesPanel from '../notes/notes-panel.svelte';
import type { NotesView } from '../notes/view';
import NumberPanel from '../number/number-panel.svelte';
import type { NumberView } from '../number/view';
import TablePanel from '../table/table-panel.svelte';
import type { TableView } from '../table/view';
import type { Mark } from '../tile/level';

type View = NumberView | GaugeView | TableView | NotesView;

const query = new URLSearchParams(location.search);

const trace = (channel: string, path: string, color = 0, feed = 'computer'): Trace => ({
  feed,
  channel,
  path,
  label: null,
  color,
});

const marks: Mark[] = [
  { value: 0, level: 'good', label: null },
  { value: 12, level: 'warn', label: null },
  { value: 20, level: 'bad', label: 'Too hot <b>' },
];
const cores = Array.from({ length: 8 }, (_, n) => trace('cpu', `core${n}`, n));
const memory = [trace('memory', 'used', 0), trace('memory', 'available', 1)];
const gone = trace('ticker', 'data.price', 2, 'nowhere');
const waiting = trace('ticker', 'data.price', 3, 'stream');

const number = (traces: Trace[], more: Partial<NumberView> = {}): NumberView => ({
  kind: 'number',
  traces,
  unit: 'none',
  digits: null,
  marks: [],
  ...more,
});
const gauge = (traces: Trace[], more: Partial<GaugeView> = {}): GaugeView => ({
  kind: 'gauge',
  traces,
  unit: 'none',
  range: null,
  marks: [],
  ...more,
});
const table = (traces: Trace[], unit: TableView['unit'] = 'none'): TableView => ({
  kind: 'table',
  traces,
  unit,
});

const NOTE = `# Feed of this room

Sensors send **ten times a second**; when one is ~~late~~ *silent*, look at [its page](https://example.com/sensors).

- [x] calibrated on 3 Nov
- [ ] replace the battery of \`core3\`
  1. switch off
  2. wait 10 s

| sensor | place | limit |
|:-------|:-----:|------:|
| core0  | door  | 12.5 |
| core1  | window | 20 |

> Anything above the limit is told to the one on call.

\`\`\`json
{"channel": "cpu", "core0": 12.5}
\`\`\`

<script>alert(1)</script> [not a link](javascript:alert(1)) ![a picture](https://example.com/a.png) &amp; &copy; done.
`;

const many = Array.from({ length: 250 }, (_, n) =>
  trace(`channel-${n % 100}`, `data.${Math.floor(n / 100)}.price`, n % 16, 'many'),
);

/** Width, height and what is shown, kind by kind. */
const SHOWN: Record<string, [number, number, View][]> = {
  number: [
    [220, 112, number([trace('load', 'one')])],
    [220, 112, number([trace('network', 'received', 1)], { unit: 'bytes-per-second' })],
    [220, 112, number([trace('cpu', 'core2', 2)], { unit: 'percent', marks })],
    [220, 112, number([gone])],
    [220, 112, number([waiting])],
    [220, 112, number([])],
    [460, 280, number([trace('cpu', 'core1', 1)], { unit: 'percent', marks })],
    [460, 280, number(memory, { unit: 'bytes' })],
    [460, 280, number(cores, { unit: 'percent', marks })],
    [920, 150, number(cores.slice(0, 4), { unit: 'percent', marks })],
    [460, 150, number([trace('other', 'a.long.path.of.a.price', 4)], { digits: 3 })],
    [220, 300, number(cores.slice(0, 4), { unit: 'percent' })],
  ],
  gauge: [
    [220, 112, gauge([trace('load', 'one')])],
    [220, 112, gauge([trace('cpu', 'core2', 2)], { unit: 'percent', marks })],
    [220, 112, gauge([gone])],
    [220, 112, gauge([waiting])],
    [220, 112, gauge([])],
    [220, 112, gauge([trace('load', 'five')], { range: [-2, 2] })],
    [460, 280, gauge([trace('cpu', 'core1', 1)], { unit: 'percent', marks, range: [0, 40] })],
    [460, 280, gauge(memory, { unit: 'bytes' })],
    [460, 280, gauge(cores, { unit: 'percent', marks })],
    [920, 150, gauge(cores.slice(0, 4), { unit: 'percent', marks, range: [5, 15] })],
    [460, 150, gauge([trace('other', 'a.long.path.of.a.price', 4)])],
    [220, 300, gauge(cores.slice(0, 2), { unit: 'percent' })],
  ],
  table: [
    [700, 320, table([...cores, trace('cpu', 'total', 8), gone, waiting], 'percent')],
    [
      660,
      320,
      table([...memory, trace('network', 'received', 2), trace('disk', 'read', 3)], 'bytes'),
    ],
    [220, 112, table(cores, 'percent')],
    [460, 112, table([])],
    [640, 112, table(cores, 'percent')],
    [1364, 300, table(many)],
  ],
  notes: [
    [460, 560, { kind: 'notes', text: NOTE }],
    [300, 560, { kind: 'notes', text: NOTE }],
    [220, 112, { kind: 'notes', text: NOTE }],
    [220, 112, { kind: 'notes', text: '' }],
    [220, 112, { kind: 'notes', text: 'A line, and [mail](mailto:a@example.com).' }],
  ],
};

const COMPONENTS = {
  number: NumberPanel,
  gauge: GaugePanel,
  table: TablePanel,
  notes: NotesPanel,
} as Record<string, unknown> as Record<string, Component<Record<string, unknown>>>;

const app = new App();
await app.start();
Object.defineProperty(window, 'gallery', { value: { app, host } });

const page = document.getElementById('app') as HTMLElement;
page.style.cssText =
  'display:flex;flex-wrap:wrap;align-content:flex-start;gap:4px;padding:4px;overflow:auto;background:var(--line)';
for (const [n, [width, height, view]] of (SHOWN[query.get('show') ?? 'number'] ?? []).entries()) {
  const target = document.createElement('div');
  target.style.cssText = `position:relative;width:${width}px;height:${height}px;background:var(--panel)`;
  page.append(target);
  const component = COMPONENTS[view.kind];
  if (!component) continue;
  mount(component, {
    target,
    props: {
      app,
      id: `${view.kind}-${n}`,
      visible: { now: true, onChange: () => {} },
      view,
      onchange: (text: string) => console.log(text),
    },
  });
}
