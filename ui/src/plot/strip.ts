// The canvas of a plot: a strip that is longer than what is seen of it. While time goes on the
// strip is only moved, by whole pixels, and nothing but the columns that changed is drawn on it;
// it is drawn anew where it ends, and when anything but its columns changes. So a frame costs what
// is new in it, whatever the width of the plot and the number of its traces.

/** What a strip needs of a canvas' context. */
export type Canvas = Pick<
  CanvasRenderingContext2D,
  | 'beginPath'
  | 'clip'
  | 'closePath'
  | 'fill'
  | 'fillRect'
  | 'fillStyle'
  | 'globalAlpha'
  | 'lineJoin'
  | 'lineTo'
  | 'lineWidth'
  | 'moveTo'
  | 'rect'
  | 'restore'
  | 'save'
  | 'setLineDash'
  | 'stroke'
  | 'strokeStyle'
>;

/** Which columns lie where on a canvas. */
export interface Frame {
  /** The column at the left edge, or a part of one. */
  base: number;
  /** How wide a column is. */
  wide: number;
  top: number;
  height: number;
}

/** All that is on a strip but for where it is. */
export interface Scene {
  /** How thin the grid's lines are. */
  hair: number;
  background: string;
  grid: string;
  /** Where the values of horizontal lines are, from the top. */
  rows: readonly number[];
  /** How far the ink of a column reaches beyond it. */
  reach: number;
  /** The last column that has ink. */
  last(): number;
  /** The columns, or parts of them, at which vertical lines stand. */
  marks(from: number, to: number): number[];
  /** Draws what lies under the ink, at least where it is between `left` and `right`. */
  under(frame: Frame, left: number, right: number): void;
  /** Draws the columns of which a part lies in `from` to `to`. */
  ink(pen: Canvas, frame: Frame, from: number, to: number): void;
}

/** The size of a strip, in the canvas' pixels. */
export interface Size {
  /** Of the whole strip, and of what is seen of it. */
  width: number;
  seen: number;
  /** Where the plot area begins and how high it is; lines may bleed over its edges. */
  top: number;
  height: number;
  /** Of the canvas. */
  whole: number;
}

export class Strip {
  private frame: Frame = { base: 0, wide: 1, top: 0, height: 1 };
  private marks: number[] = [];
  /** Up to here there may be more than the grid. */
  private inked = 0;
  private fresh = true;

  constructor(
    private readonly pen: Canvas,
    private readonly size: Size,
  ) {}

  /** The column at the strip's left edge. */
  get base(): number {
    return this.frame.base;
  }

  /** What comes next is to be drawn as if nothing had been before. */
  renew(): void {
    this.fresh = true;
  }

  /** Whether the next `show` of these columns draws all anew. */
  ends(from: number, wide: number): boolean {
    const { base, wide: before } = this.frame;
    const { seen, width } = this.size;
    return this.fresh || wide !== before || from < base || (from - base) * wide + seen > width;
  }

  /**
   * Shows the columns from `from` on, each `wide` pixels; what is before `changed` looks as it did.
   * Answers with how far the strip has to be moved to the left.
   */
  show(from: number, wide: number, changed: number, scene: Scene): number {
    const { frame, size } = this;
    if (this.ends(from, wide)) {
      this.fresh = false;
      frame.base = from;
      frame.wide = wide;
      frame.top = size.top;
      frame.height = size.height;
      const end = from + size.width / wide;
      this.marks = scene.marks(from, end).map((mark) => Math.round((mark - from) * wide));
      this.inked = this.inkEnd(from, scene);
      this.paint(0, size.width, scene);
      return 0;
    }
    const inked = this.inkEnd(from, scene);
    if (changed < Number.POSITIVE_INFINITY) {
      const left = Math.max(0, Math.floor((changed - frame.base) * wide) - this.reach(scene));
      const right = Math.max(this.inked, inked);
      if (left < right) this.paint(left, right, scene);
    }
    this.inked = inked;
    return (from - frame.base) * wide;
  }

  /** How far the ink of a column reaches beyond its middle. */
  private reach(scene: Scene): number {
    return Math.ceil(this.frame.wide + scene.reach) + 2;
  }

  private inkEnd(from: number, scene: Scene): number {
    const { base, wide } = this.frame;
    const end = Math.max(from + this.size.seen / wide, scene.last());
    return Math.min(this.size.width, Math.ceil((end - base + 1) * wide) + this.reach(scene));
  }

  private paint(left: number, right: number, scene: Scene): void {
    const { frame, pen, size } = this;
    const { base, wide } = frame;
    const reach = this.reach(scene);
    pen.save();
    pen.beginPath();
    pen.rect(left, 0, right - left, size.whole);
    pen.clip();
    pen.fillStyle = scene.background;
    pen.fillRect(left, 0, right - left, size.whole);
    pen.fillStyle = scene.grid;
    for (const row of scene.rows) pen.fillRect(left, row, right - left, scene.hair);
    for (const mark of this.marks) {
      if (mark + scene.hair > left && mark < right) {
        pen.fillRect(mark, size.top, scene.hair, size.height);
      }
    }
    scene.under(frame, left, right);
    scene.ink(pen, frame, base + (left - reach) / wide, base + (right + reach) / wide);
    pen.restore();
  }
}
