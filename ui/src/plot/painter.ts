// What a kind of panel draws over time. The plot moves the strip, draws what all kinds share (the
// grid, the gaps, the times), and asks its painter for the rest.

import type { Label } from './labels';
import type { Readout } from './readout';
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

export interface Painter {
  /** How much room is needed beside the plot, in CSS pixels. */
  readonly room: { left: number; right: number };
  /** How long a column is in a span shown this wide; `null`: one to a pixel. */
  columnMs(spanMs: number, widthPx: number): number | null;
  /** Makes up its mind how values are placed. `true` if otherwise than before. */
  fit(seen: Seen, place: Place): boolean;
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
  /** What is said of a moment, of samples no further away than `nearMs`. */
  readings(ms: number, nearMs: number): Parameters<Readout['show']>[2];
}
