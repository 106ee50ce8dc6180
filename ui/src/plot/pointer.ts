// What a pointer does in a plot: points, drags time, zooms it by wheel or by a box, and follows it
// again.

import type { Drawing } from '../live/drawing';
import type { TimeWindow } from '../live/time-window';

const WHEEL_ZOOM = 1.0015;
// A line of wheel is 16 px in every browser that counts in lines.
const WHEEL_LINE_PX = 16;
// One turn of a fast wheel zooms by so much at most.
const WHEEL_PX_MAX = 240;
// A click that trembles is not a drag.
const DRAG_PX_MIN = 4;

interface Pointed {
  readonly id: string;
  readonly time: TimeWindow;
  readonly range: { fromMs: number; toMs: number };
  msAt(x: number): number;
}

export function listen(
  over: HTMLElement,
  plot: Pointed,
  drawing: Drawing,
  signal: AbortSignal,
): void {
  const { time } = plot;
  const msPerPx = () => {
    const { fromMs, toMs } = plot.range;
    return (toMs - fromMs) / Math.max(1, over.clientWidth);
  };
  let dragX: number | null = null;
  /** Where a box begins, in pixels from the left. */
  let boxX: number | null = null;
  // For the webview, two drags that begin at one place are a double click, too.
  let dragged = false;
  let clicks = 0;
  const box = document.createElement('div');
  box.className = 'plot-box';
  box.hidden = true;
  over.append(box);
  const within = (x: number) => Math.max(0, Math.min(over.clientWidth, x));
  const drawBox = (from: number, to: number) => {
    box.style.left = `${Math.min(from, to)}px`;
    box.style.width = `${Math.abs(to - from)}px`;
    box.hidden = false;
  };
  over.addEventListener(
    'pointerdown',
    (event) => {
      if (event.button !== 0) return;
      dragged = false;
      if (event.shiftKey) boxX = event.offsetX;
      else dragX = event.clientX;
      over.setPointerCapture(event.pointerId);
    },
    { signal },
  );
  over.addEventListener(
    'pointermove',
    (event) => {
      if (dragX !== null) {
        const moved = event.clientX - dragX;
        if (!over.classList.contains('dragging') && Math.abs(moved) < DRAG_PX_MIN) return;
        over.classList.add('dragging');
        dragged = true;
        time.pan(-moved * msPerPx());
        dragX = event.clientX;
      }
      // Who points at a flag reads that.
      if ((event.target as Element).closest('.plot-flags')) {
        drawing.setHover(null);
        return;
      }
      const { offsetX: x, offsetY: y } = event;
      if (boxX !== null) {
        dragged = true;
        drawBox(boxX, within(x));
      }
      drawing.setHover({ panel: plot.id, x, y, ms: () => plot.msAt(x) });
    },
    { signal },
  );
  const drop = () => {
    dragX = null;
    boxX = null;
    box.hidden = true;
    over.classList.remove('dragging');
  };
  over.addEventListener(
    'pointerup',
    (event) => {
      if (boxX !== null) {
        const [from, to] = [boxX, within(event.offsetX)].sort((a, b) => a - b) as [number, number];
        if (to - from >= DRAG_PX_MIN) time.show(plot.msAt(from), plot.msAt(to));
      }
      drop();
    },
    { signal },
  );
  over.addEventListener('pointercancel', drop, { signal });
  over.addEventListener('pointerleave', () => drawing.setHover(null), { signal });
  over.addEventListener(
    'click',
    (event) => {
      // How many came quickly at one place: the system says how quickly.
      clicks = dragged ? 0 : event.detail < 2 ? 1 : clicks + 1;
      if (clicks === 2) time.follow();
    },
    { signal },
  );
  over.addEventListener(
    'contextmenu',
    (event) => {
      event.preventDefault();
      const { clientX: x, clientY: y } = event;
      const ms = plot.msAt(x - over.getBoundingClientRect().left);
      drawing.onMenu?.({ panel: plot.id, ms, at: new DOMRect(x, y, 0, 0) });
    },
    { signal },
  );
  over.addEventListener(
    'wheel',
    (event) => {
      event.preventDefault();
      const by = event.deltaMode === 1 ? WHEEL_LINE_PX : 1;
      if (Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
        time.pan(event.deltaX * by * msPerPx());
      } else {
        const most = Math.max(-WHEEL_PX_MAX, Math.min(WHEEL_PX_MAX, event.deltaY * by));
        time.zoom(plot.msAt(event.offsetX), WHEEL_ZOOM ** most);
      }
    },
    { signal, passive: false },
  );
}
