// A client that reads and drops, with the `ws` package.
//
//   node node-ws-drop.mjs URL SECONDS
//
// Prints how many messages a second came, once it is warm, and how many nanoseconds of the
// processor each took.

import WebSocket from 'ws';

const WARM_UP_MS = 300;
// Looking at the clock takes time, too.
const LOOK_EVERY = 1024;

const [url, seconds] = process.argv.slice(2);
const opened = performance.now();
let count = 0;
let since;

const socket = new WebSocket(url, { perMessageDeflate: false });
socket.on('error', (error) => {
  console.error(error.message);
  process.exit(1);
});
socket.on('message', () => {
  count += 1;
  if (count % LOOK_EVERY !== 0) return;
  const now = performance.now();
  if (since === undefined) {
    if (now - opened > WARM_UP_MS) since = { at: now, count, cpu: process.cpuUsage() };
    return;
  }
  const elapsed = (now - since.at) / 1000;
  if (elapsed < Number(seconds)) return;
  const { user, system } = process.cpuUsage(since.cpu);
  const messages = count - since.count;
  console.log(`${messages / elapsed} ${((user + system) * 1000) / messages}`);
  process.exit(0);
});
