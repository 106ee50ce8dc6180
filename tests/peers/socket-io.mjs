// A feed of numbers, served with the `socket.io` package.
//
//   node socket-io.mjs [--port 0] [--rate 10] [--fields 2] [--heartbeat 25000]
//
// Its first line says where it listens. Each message is an event `numbers` with the argument
// {"data":{"f0":17,"f1":0.5,…}}, in which f0 counts the messages from 1. What comes on its standard
// input is answered with a line of JSON, {"sent":17}: `pause` (after which nothing is sent),
// `resume`, `count`. It ends when its standard input does. Each client is pinged as often as the
// heartbeat says, in milliseconds, and let go when it does not answer.

import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { Server } from 'socket.io';

const { values: options } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    rate: { type: 'string', default: '10' },
    fields: { type: 'string', default: '2' },
    heartbeat: { type: 'string', default: '25000' },
  },
});
const rate = Number(options.rate);
const fields = Number(options.fields);

// Finer timers than this drift; messages that fall due in between go together.
const TICK_MS = 2;

let sent = 0;
let due = 0;
let running = true;
let before = performance.now();

const http = createServer();
const server = new Server(http, { pingInterval: Number(options.heartbeat), pingTimeout: 1500 });
http.on('error', (error) => {
  console.error(error.message);
  process.exit(1);
});
http.listen(Number(options.port), '127.0.0.1', () => {
  const { port } = http.address();
  console.log(`ws://127.0.0.1:${port}/socket.io/?EIO=4&transport=websocket`);
});

setInterval(() => {
  const now = performance.now();
  const listening = running && server.of('/').sockets.size > 0;
  due = listening ? due + ((now - before) / 1000) * rate : 0;
  before = now;
  for (; due >= 1; due -= 1) {
    sent += 1;
    const data = { f0: sent };
    for (let field = 1; field < fields; field += 1) {
      data[`f${field}`] = Math.sin(sent / 10 + field);
    }
    server.emit('numbers', { data });
  }
}, TICK_MS);

const commands = createInterface({ input: process.stdin });
commands.on('line', (command) => {
  if (command === 'pause') running = false;
  if (command === 'resume') running = true;
  console.log(JSON.stringify({ sent }));
});
commands.on('close', () => {
  console.error(`${sent} messages sent`);
  process.exit(0);
});
