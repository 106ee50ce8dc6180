// The feed as Perspective draws it: its engine in a worker, its viewer with the chart of lines.
//
// Messages are gathered in columns and handed over once an animation frame, and not before the
// last ones are taken. The table is limited to about what the span holds.

import './node_modules/@perspective-dev/viewer/dist/cdn/perspective-viewer.js';
import './node_modules/@perspective-dev/viewer-d3fc/dist/cdn/perspective-viewer-d3fc.js';
import perspective from './node_modules/@perspective-dev/client/dist/cdn/perspective.js';
import { counts, frame, wanted } from './report.js';

/** A limit cannot be changed later: this is the span at the rate that is expected. */
const ROWS_MAX = (wanted.spanMs / 1000) * wanted.rate;

const viewer = document.querySelector('perspective-viewer');
viewer.style.width = `${wanted.width}px`;
viewer.style.height = `${wanted.height}px`;

const worker = await perspective.worker();
const schema = { time: 'datetime', price: 'float', size: 'float' };
const table = await worker.table(schema, { name: 'feed', limit: ROWS_MAX });
await viewer.load(worker);
// Otherwise it would draw the oldest rows alone, and say so.
for (const plugin of await viewer.getAllPlugins()) {
  plugin.max_cells = 2 * ROWS_MAX;
  plugin.max_columns = 2 * ROWS_MAX;
}
await viewer.restore({
  table: 'feed',
  plugin: 'Y Line',
  group_by: ['time'],
  columns: ['price', 'size'],
  settings: false,
});

const plugin = await viewer.getPlugin();

// The viewer calls these whenever the table has changed, and not before the last call is done.
for (const name of ['draw', 'update']) {
  const draw = plugin[name];
  plugin[name] = async function (...given) {
    const done = await draw.apply(this, given);
    frame(newestMs);
    return done;
  };
}

const none = () => ({ time: [], price: [], size: [] });
let columns = none();
let newestMs = 0;

const socket = new WebSocket(wanted.feed);
socket.onmessage = ({ data }) => {
  const message = JSON.parse(data);
  columns.time.push(message.time);
  columns.price.push(message.price);
  columns.size.push(message.size);
};

async function handOver() {
  const taken = columns;
  if (taken.time.length > 0) {
    columns = none();
    await table.update(taken);
    counts.handled += taken.time.length;
    newestMs = taken.time.at(-1);
  }
  requestAnimationFrame(handOver);
}
handOver();
