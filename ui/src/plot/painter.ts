// What a kind of panel draws over time. The plot moves the strip, draws what all kinds share (the
// grid, the gaps, the times), and asks its painter for the rest.

import type { Columns } from '../live/columns';
import type { Lane } from './key-cursor';
import type { Label } from './labels';
import type { Readout } from './readout';
import type { Scale } from './scale';
import type { Canvas, Frame } from './strip';

/** Where values are drawn, in the canvas' pixels, `ratio` of which make one of CSS. */
export interface Place {
  top: number;
  height: number;
  ratio: number;
}

/** What there is to be seen now. */
export interface Seen {
  fromMs: number;
  toMs: number;
  /** The first column that looks different since it was last asked; infinity if none does. */
  changed: number;
  /** Nothing of what was drawn holds any more. */
  whole: boolean;
  /** On the clock of frames. */
  atMs: number;
}

/** Where things are in the plot, in CSS pixels. */
export interface Shown {
  /** Of the plot area. */
  left: number;
  width: number;
  top: number;
  height: number;
  /** How far the strip is moved to the left. */
  moved: number;
  /** The column at the strip's left edge, and how wide each is. */
  base: number;
  wide: number;
  /** From the plot's top, of what is at so many of the canvas' pixels. */
  y(at: number): number;
}

export interface Painter {
  /** How much room is needed beside the plot, in CSS pixels. */
  readonly room: { left: number; right: number };
  /** Its ink reaches to the present, and grows with it. */
  readonly lasts?: boolean;
  /** How long a column is in a span shown this wide; `null`: one to a pixel. */
  columnMs(spanMs: number, widthPx: number): number | null;
  /** Gets the element that covers all of the plot, for elements of its own. */
  attach?(over: HTMLElement): void;
  /** Hears how large the plot is, before it is asked for room. */
  setBox?(width: number, height: number): void;
  /** Makes up its mind how values are placed. `true` if otherwise than before. */
  fit(seen: Seen, place: Place): boolean;
  /** Of the values at a side, where there are any. */
  scaleAt?(side: 'left' | 'right'): Scale;
  /** Words beside the plot; `at` in the canvas' pixels. */
  labels(place: Place): { left: Label[]; right: Label[] };
  /** Where horizontal lines are, in the canvas' pixels. */
  rows(place: Place): number[];
  /** How far the ink of a column reaches beyond it, in the canvas' pixels. */
  reach(place: Place): number;
  /** The last column that has ink. */
  last(): number;
  /** Draws the columns of which a part lies in `from` to `to`. */
  paint(pen: Canvas, frame: Frame, from: number, to: number, ratio: number): void;
  /** Puts its elements where they belong, after each drawing. */
  settle?(shown: Shown): void;
  /**
   * What is said of a moment, of samples no further away than `nearMs`, where the pointer is `y` of
   * the canvas' pixels from the top of the plot area.
   */
  readings(ms: number, nearMs: number, y: number): Parameters<Readout['show']>[2];
  /** What a cursor goes along by keys, where that is not just the first trace. */
  lanes?(): readonly Lane[];
  /** Where it stops there, in columns, where that is not at each sample. */
  stops?(lane: Lane, from: number, to: number): Columns;
  /** What stands in a row of its table, where that is not what is said of its lanes. */
  table?(): { heads: readonly string[]; cells(ms: number): readonly string[] };
  destroy?(): void;
}
