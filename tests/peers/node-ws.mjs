// A feed of numbers, served with the `ws` package.
//
//   node node-ws.mjs [--port 0] [--rate 10] [--fields 2] [--heartbeat 0] [--echo] [--binary]
//
// Its first line says where it listens. Each message is
// {"channel":"numbers","data":{"f0":17,"f1":0.5,…}}, in which f0 counts the messages from 1.
// What comes on its standard input is answered with a line of JSON, {"sent":17,"pings":0,
// "terminated":0}: `pause` (after which nothing is sent), `resume`, `count`. It ends when its
// standard input does. With a heartbeat, in milliseconds, each client is pinged that often, and
// terminated when it did not answer since the last time. With `echo`, clients are sent back what they
// send; with `binary`, each is sent all bytes from 0 to 255 first. Neither counts as sent.

import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { WebSocketServer } from 'ws';

const { values: options } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    rate: { type: 'string', default: '10' },
    fields: { type: 'string', default: '2' },
    heartbeat: { type: 'string', default: '0' },
    echo: { type: 'boolean', default: false },
    binary: { type: 'boolean', default: false },
  },
});
const rate = Number(options.rate);
const fields = Number(options.fields);
const heartbeat = Number(options.heartbeat);

// Finer timers than this drift; messages that fall due in between go together.
const TICK_MS = 2;

let sent = 0;
let pings = 0;
let terminated = 0;
let due = 0;
let running = true;
let before = performance.now();

const server = new WebSocketServer({ host: '127.0.0.1', port: Number(options.port) });
server.on('error', (error) => {
  console.error(error.message);
  process.exit(1);
});
server.on('listening', () => console.log(`ws://127.0.0.1:${server.address().port}/`));

function message(number) {
  const data = { f0: number };
  for (let field = 1; field < fields; field += 1) {
    data[`f${field}`] = Math.sin(number / 10 + field);
  }
  return JSON.stringify({ channel: 'numbers', data });
}

setInterval(() => {
  const now = performance.now();
  const listening = running && server.clients.size > 0;
  due = listening ? due + ((now - before) / 1000) * rate : 0;
  before = now;
  for (; due >= 1; due -= 1) {
    sent += 1;
    const text = message(sent);
    for (const client of server.clients) client.send(text);
  }
}, TICK_MS);

// As the package's own documentation has it.
server.on('connection', (client) => {
  client.isAlive = true;
  client.on('pong', () => {
    client.isAlive = true;
  });
  if (options.binary) client.send(Uint8Array.from({ length: 256 }, (_, byte) => byte));
  if (options.echo) {
    client.on('message', (message, isBinary) => client.send(message, { binary: isBinary }));
  }
});
if (heartbeat > 0) {
  setInterval(() => {
    for (const client of server.clients) {
      if (!client.isAlive) {
        terminated += 1;
        client.terminate();
        continue;
      }
      client.isAlive = false;
      pings += 1;
      client.ping();
    }
  }, heartbeat);
}

const commands = createInterface({ input: process.stdin });
commands.on('line', (command) => {
  if (command === 'pause') running = false;
  if (command === 'resume') running = true;
  console.log(JSON.stringify({ sent, pings, terminated }));
});
commands.on('close', () => {
  console.error(`${sent} messages sent`);
  process.exit(0);
});
