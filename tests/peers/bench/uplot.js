// The feed as a page draws it: the browser's WebSocket, JSON.parse, and uPlot.
//
// Each message is appended to typed arrays that have room for more than the span; one redraw an
// animation frame, of a view into them: nothing is copied but when the arrays are full.

import uPlot from './node_modules/uplot/dist/uPlot.esm.js';
import { counts, frame, wanted } from './report.js';

/** More than anyone's ten seconds; what is older than the span makes room when it is reached. */
const ROOM = 1 << 23;

const times = new Float64Array(ROOM);
const prices = new Float64Array(ROOM);
const sizes = new Float64Array(ROOM);
let start = 0;
let end = 0;
let drawnTo = 0;

const plot = new uPlot(
  {
    width: wanted.width,
    height: wanted.height,
    ms: 1,
    cursor: { show: false },
    legend: { show: false },
    scales: { x: { range: () => [Date.now() - wanted.spanMs, Date.now()] } },
    series: [
      {},
      { label: 'price', stroke: '#3987e5', width: 1.5, points: { show: false } },
      { label: 'size', stroke: '#199e70', width: 1.5, points: { show: false } },
    ],
  },
  [[], [], []],
  document.body,
);

function makeRoom() {
  for (const array of [times, prices, sizes]) array.copyWithin(0, start, end);
  end -= start;
  drawnTo -= start;
  start = 0;
}

const socket = new WebSocket(wanted.feed);
socket.onmessage = ({ data }) => {
  const message = JSON.parse(data);
  if (end === ROOM) makeRoom();
  times[end] = message.time;
  prices[end] = message.price;
  sizes[end] = message.size;
  end += 1;
  counts.handled += 1;
};

function draw() {
  requestAnimationFrame(draw);
  if (end === 0) return;
  const fromMs = Date.now() - wanted.spanMs;
  while (start < end && times[start] < fromMs) start += 1;
  const view = [times, prices, sizes].map((array) => array.subarray(start, end));
  plot.setData(view);
  // A frame counts when it shows something new.
  if (end !== drawnTo) frame(times[end - 1]);
  drawnTo = end;
}
draw();
