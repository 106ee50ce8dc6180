// A trace as two paths. Samples that have a column to themselves are joined by a line; columns of
// many samples are bars from least to greatest, a pixel wide, since stroking a zigzag through all
// of them costs eight times as much where no GPU helps. Either way the cost is that of the columns
// in view, whatever number of samples they stand for, and nothing is drawn across a gap.

import { COUNT, type Columns, FIELDS, FIRST, GAP, LAST, MAX, MIN } from '../live/columns';
import type { Frame } from '../plot/strip';

/** How a trace is drawn: samples joined straight, in steps, or not at all. */
export type Style = 'line' | 'steps' | 'points';

export interface Look {
  style: Style;
  /** How thick lines are. */
  thick: number;
  dashed: boolean;
  /** Where a value is, from the top. */
  y(value: number): number;
}

/** Dashes begin anew at every so many columns, and so lie the same wherever drawing begins. */
export const DASH_COLUMNS = 64;

/** Anything that takes a line: a `Path2D`, or a test. */
export interface Pen {
  moveTo(x: number, y: number): void;
  lineTo(x: number, y: number): void;
}

/** Anything that takes bars. */
export interface Brush {
  rect(x: number, y: number, width: number, height: number): void;
}

/** Draws the columns `from` to `to`; where it is dashed, each run of dashes is a stroke of its own. */
export function line(
  columns: Columns,
  frame: Frame,
  look: Look,
  from: number,
  to: number,
  pen: Pen,
  brush: Brush,
): void {
  const { data } = columns;
  const { base, wide } = frame;
  const { dashed, style, thick, y } = look;
  // What is not joined must be seen by itself.
  const dot = style === 'points' ? 2 * thick : thick;

  // One column beyond either edge, so that lines run out of the picture instead of ending in it.
  const first = dashed ? Math.floor(from / DASH_COLUMNS) * DASH_COLUMNS : Math.floor(from);
  let offset = columns.offsetAt(first);
  if (offset > columns.start) offset -= FIELDS;

  let began = false;
  let lastIndex = 0;
  let lastX = 0;
  let lastY = 0;
  /** Whether the pen stands where the last column ended. */
  let penThere = false;
  /** A sample that nothing leads to: it needs ink of its own if nothing leads on either. */
  let lonely = false;
  const bar = (x: number, top: number, bottom: number) =>
    brush.rect(x - wide / 2, top - thick / 2, wide, bottom - top + thick);
  const end = () => {
    if (lonely) brush.rect(lastX - dot / 2, lastY - dot / 2, dot, dot);
    lonely = false;
    began = false;
  };

  for (; offset < columns.end; offset += FIELDS) {
    const index = data[offset] as number;
    const x = (index - base + 0.5) * wide;
    const enters = y(data[offset + FIRST] as number);
    const last = y(data[offset + LAST] as number);
    let top = y(data[offset + MAX] as number);
    let bottom = y(data[offset + MIN] as number);
    // What differs by less than a line is thick is on the line already.
    const many = (data[offset + COUNT] as number) > 1 && bottom - top > thick;
    if ((data[offset + GAP] as number) !== 0 || style === 'points') end();
    if (dashed && Math.floor(index / DASH_COLUMNS) !== Math.floor(lastIndex / DASH_COLUMNS)) {
      penThere = false;
    }

    const touching = began && index === lastIndex + 1;
    if (began && !(many && touching)) {
      if (!penThere) pen.moveTo(lastX, lastY);
      if (style === 'steps') pen.lineTo(x, lastY);
      pen.lineTo(x, enters);
      if (!many && last !== enters) pen.lineTo(x, last);
    }
    if (many) {
      if (touching) {
        top = Math.min(top, lastY);
        bottom = Math.max(bottom, lastY);
      }
      bar(x, top, bottom);
    }
    lastY = last;
    lonely = !many && !began;
    penThere = !many && began;
    began = true;
    lastX = x;
    lastIndex = index;
    if (index > to) break;
  }
  end();
}
