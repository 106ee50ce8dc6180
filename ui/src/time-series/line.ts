// A trace as a path: one stretch of vertices a column, so that its cost is that of the columns in
// view, whatever number of samples they stand for. Never across a gap.

import { COUNT, type Columns, FIELDS, FIRST, GAP, LAST, MAX, MIN } from './columns';

export interface Frame {
  left: number;
  top: number;
  width: number;
  height: number;
  fromMs: number;
  toMs: number;
  least: number;
  greatest: number;
  columnMs: number;
}

/** Anything that takes vertices: a `Path2D`, or a test. */
export interface Pen {
  moveTo(x: number, y: number): void;
  lineTo(x: number, y: number): void;
}

export function line(columns: Columns, frame: Frame, pen: Pen): void {
  const { data } = columns;
  const perMs = frame.width / (frame.toMs - frame.fromMs);
  const perValue = frame.height / (frame.greatest - frame.least);
  const x0 = frame.left - frame.fromMs * perMs;
  const y0 = frame.top + frame.greatest * perValue;
  // One column beyond either edge, so that lines run out of the picture instead of ending in it.
  let offset = columns.offsetAt(Math.floor(frame.fromMs / frame.columnMs));
  if (offset > columns.start) offset -= FIELDS;
  const toIndex = frame.toMs / frame.columnMs;
  let vertices = 0;
  let lastX = 0;
  let lastY = 0;
  // A stretch of a single vertex would have no length, and so no ink.
  const endStretch = () => {
    if (vertices === 1) pen.lineTo(lastX + 1, lastY);
    vertices = 0;
  };
  for (; offset < columns.end; offset += FIELDS) {
    const index = data[offset] as number;
    const x = x0 + (index + 0.5) * frame.columnMs * perMs;
    const first = y0 - (data[offset + FIRST] as number) * perValue;
    if ((data[offset + GAP] as number) !== 0) endStretch();
    if (vertices === 0) pen.moveTo(x, first);
    else pen.lineTo(x, first);
    vertices += 1;
    lastY = first;
    lastX = x;
    if ((data[offset + COUNT] as number) > 1) {
      const min = y0 - (data[offset + MIN] as number) * perValue;
      const max = y0 - (data[offset + MAX] as number) * perValue;
      lastY = y0 - (data[offset + LAST] as number) * perValue;
      if (min !== max) {
        pen.lineTo(x, min);
        pen.lineTo(x, max);
        pen.lineTo(x, lastY);
        vertices += 3;
      }
    }
    if (index > toIndex) break;
  }
  endStretch();
}
