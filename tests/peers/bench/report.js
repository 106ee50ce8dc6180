// What a page says of itself: how many frames it has drawn, and how many messages it has handled.

const REPORT_EVERY_MS = 250;

const parameters = new URLSearchParams(location.search);

/** What the page is to do: the feed's URL and about its rate, the chart's size, and its span. */
export const wanted = {
  feed: parameters.get('feed'),
  width: Number(parameters.get('width')),
  height: Number(parameters.get('height')),
  spanMs: Number(parameters.get('span')),
  rate: Number(parameters.get('rate')),
};

export const counts = { frames: 0, handled: 0 };

let drawn = [];
const frameDone = new MessageChannel();
frameDone.port1.onmessage = ({ data }) => drawn.push([Date.now(), data]);

/** To be called in the animation frame that draws everything up to the message due at `dueMs`. */
export function frame(dueMs) {
  counts.frames += 1;
  // Heard when the frame is done.
  frameDone.port2.postMessage(dueMs);
}

setInterval(() => {
  const report = { at_ms: Date.now(), ...counts, drawn };
  drawn = [];
  fetch('/report', { method: 'POST', body: JSON.stringify(report) }).catch(() => {});
}, REPORT_EVERY_MS);
