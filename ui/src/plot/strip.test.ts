import { describe, expect, it } from 'vitest';
import { type Column, Columns, PanelColumns } from '../live/columns';
import { line } from '../time-series/line';
import { placer } from './scale';
import { type Canvas, type Scene, type Size, Strip } from './strip';

const SIZE: Size = { width: 90, seen: 60, top: 2, height: 100, whole: 104 };
const THICK = 1.5;

/**
 * A canvas that remembers, for every column of its pixels, what can be seen there: what was drawn
 * into it since it was last covered. Coordinates are told from the column's own left edge, so that
 * what was drawn at different times into different strips can be compared.
 */
class Recorder {
  fillStyle = '';
  strokeStyle = '';
  lineWidth = 1;
  lineJoin = 'miter' as CanvasLineJoin;
  ops = 0;
  private seen: string[][] = Array.from({ length: SIZE.width }, () => []);
  private clipped: [number, number] = [0, SIZE.width];
  private rectangle: [number, number] = [0, 0];
  private path: [number, number][][] = [];
  private dash: readonly number[] = [];

  save(): void {}
  restore(): void {
    this.clipped = [0, SIZE.width];
  }
  beginPath(): void {
    this.path = [];
  }
  rect(x: number, _y: number, width: number): void {
    this.rectangle = [x, x + width];
  }
  clip(): void {
    this.clipped = this.rectangle;
  }
  setLineDash(dash: readonly number[]): void {
    this.dash = dash;
  }

  fillRect(x: number, y: number, width: number, height: number): void {
    const covers = y <= 0 && y + height >= SIZE.whole;
    this.ink(x, x + width, (at) => {
      if (covers) (this.seen[at] as string[]).length = 0;
      // What is as wide as the clip looks the same in all of it.
      const where = covers || this.fillStyle === 'grid' ? '' : `${near(x - at)} ${near(width)}`;
      return `${this.fillStyle} ${where} ${near(y)} ${near(height)}`;
    });
  }

  moveTo(x: number, y: number): void {
    this.path.push([[x, y]]);
  }
  lineTo(x: number, y: number): void {
    this.path.at(-1)?.push([x, y]);
  }

  stroke(): void {
    const half = this.lineWidth / 2;
    for (const points of this.path) {
      for (let n = 0; n + 1 < points.length; n += 1) {
        const [x1, y1] = points[n] as [number, number];
        const [x2, y2] = points[n + 1] as [number, number];
        const first = this.dash.length > 0 && n === 0 ? 'dashes begin' : '';
        this.ink(Math.min(x1, x2) - half, Math.max(x1, x2) + half, (at) =>
          [this.strokeStyle, near(x1 - at), near(y1), near(x2 - at), near(y2), first].join(' '),
        );
      }
      // Where two parts of a line meet it is round, and where it ends it is not.
      points.forEach(([x, y], n) => {
        const joined = n > 0 && n + 1 < points.length;
        this.ink(x - half, x + half, (at) => `${joined} ${near(x - at)} ${near(y)}`);
      });
    }
  }

  private ink(from: number, to: number, what: (at: number) => string): void {
    this.ops += 1;
    const first = Math.max(this.clipped[0], Math.floor(from));
    const last = Math.min(this.clipped[1], Math.ceil(to));
    for (let at = Math.max(0, first); at < Math.min(SIZE.width, last); at += 1) {
      const said = what(at);
      this.seen[at]?.push(said);
    }
  }

  /** What is seen of the strip when it is moved by so much. */
  window(moved: number): string[] {
    return this.seen.slice(moved, moved + SIZE.seen).map((ops) => ops.join('\n'));
  }
}

const near = (n: number) => n.toFixed(6).replace(/^-(0\.0+)$/, '$1');

function scene(columns: PanelColumns, more: Partial<Scene> = {}, greatest = 100): Scene {
  return {
    hair: 1,
    reach: THICK,
    last: () =>
      Math.max(
        ...columns.traces.map((trace) => (trace.length > 0 ? trace.at(trace.length - 1)[0] : 0)),
      ),
    background: 'background',
    grid: 'grid',
    ink: (pen, frame, from, to) => {
      const y = placer({ least: 0, greatest, log: false }, frame.top, frame.height);
      const brush = {
        rect: (x: number, y: number, width: number, height: number) =>
          pen.fillRect(x, y, width, height),
      };
      pen.lineWidth = THICK;
      columns.traces.forEach((trace, n) => {
        const dashed = n === 2;
        const style = n === 1 ? 'steps' : 'line';
        pen.strokeStyle = `trace ${n}`;
        pen.fillStyle = `trace ${n}`;
        if (dashed) pen.setLineDash([5, 3]);
        pen.beginPath();
        line(trace, frame, { style, thick: THICK, dashed, y }, from, to, pen, brush);
        pen.stroke();
        if (dashed) pen.setLineDash([]);
      });
    },
    rows: [20, 50],
    marks: (from, to) => {
      const marks: number[] = [];
      for (let mark = Math.ceil(from / 25) * 25; mark <= to; mark += 25) marks.push(mark);
      return marks;
    },
    under: () => {},
    ...more,
  };
}

/** The same that was drawn step by step, drawn at once. */
function atOnce(from: number, wide: number, drawn: Scene): string[] {
  const pen = new Recorder();
  new Strip(pen as unknown as Canvas, SIZE).show(from, wide, Number.NEGATIVE_INFINITY, drawn);
  return pen.window(0);
}

/** Numbers that look like chance, and are the same each time. */
function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) | 0;
    return ((state ^ (state >>> 13)) >>> 0) / 2 ** 32;
  };
}

function panel(traces: number): PanelColumns {
  const columns = new PanelColumns();
  columns.columnMs = 1;
  columns.traces = Array.from({ length: traces }, () => new Columns());
  columns.takeChanged();
  return columns;
}

const update = (from: number, traces: Column[][]) => ({
  panel: 'p',
  from,
  column_ms: 1,
  behind: false,
  traces,
  latest: traces.map(() => 1),
  gaps: null,
  late: null,
  begins_ms: null,
});

describe('a strip that is drawn step by step looks like one that is drawn at once', () => {
  for (const wide of [1, 2]) {
    for (let seed = 1; seed <= 12; seed += 1) {
      it(`with columns of ${wide} pixels, seed ${seed}`, () => {
        const random = dice(seed);
        const below = (n: number) => Math.floor(random() * n);
        const density = [0.05, 0.3, 0.95][below(3)] as number;
        const columns = panel(3);
        const pen = new Recorder();
        const strip = new Strip(pen as unknown as Canvas, SIZE);
        const known: Map<number, Column>[] = [new Map(), new Map(), new Map()];
        let drawn = scene(columns);
        let now = 5_000;
        for (let step = 0; step < 60; step += 1) {
          const goneOn = below(4);
          now += goneOn;
          // Late now and then, and sometimes ahead of time.
          const from = now - goneOn - (below(10) === 0 ? below(70) : below(3));
          const traces = known.map((series) => {
            for (let index = from; index < now + below(6); index += 1) {
              if (random() > density) continue;
              const low = below(90);
              const high = low + below(10);
              const count = random() < 0.5 ? 1 : 9;
              const first = count === 1 ? low : high;
              series.set(index, [index, count, first, low, count === 1 ? low : high, low, gap()]);
            }
            return [...series.values()].filter(([index]) => index >= from).sort(byIndex);
          });
          function gap(): number {
            return random() < 0.1 ? 1 : 0;
          }
          columns.apply(update(from, traces));
          const left = now - SIZE.seen / wide;
          columns.dropBefore(left - 65);
          if (below(25) === 0) {
            drawn = scene(columns, {}, 100 + below(3) * 50);
            strip.renew();
          }
          const moved = strip.show(left, wide, columns.takeChanged(), drawn);
          expect(pen.window(moved)).toEqual(atOnce(left, wide, drawn));
        }
      });
    }
  }

  it('with a band that grows at its end', () => {
    const columns = panel(1);
    const pen = new Recorder();
    const strip = new Strip(pen as unknown as Canvas, SIZE);
    let now = 1_000;
    const band = (canvas: Recorder) =>
      scene(columns, {
        under: ({ base }, from, to) => {
          const [left, right] = [970 - base, now - base];
          if (right <= from || left >= to) return;
          canvas.fillStyle = 'band';
          canvas.fillRect(left, 2, right - left, 100);
          canvas.fillStyle = 'edge';
          canvas.fillRect(right - 1, 2, 1, 100);
        },
      });
    // A rectangle that grows is not the same one: what is compared is where it is.
    const shape = (pixels: string[]) => pixels.map((ops) => ops.replace(/band .*/g, 'band'));
    for (let before = now; now < 1_080; before = now, now += 3) {
      const moved = strip.show(now - 60, 1, before - 3, band(pen));
      const other = new Recorder();
      new Strip(other as unknown as Canvas, SIZE).show(now - 60, 1, 0, band(other));
      expect(shape(pen.window(moved))).toEqual(shape(other.window(0)));
    }
  });
});

describe('a strip', () => {
  const filled = (traces: number, until: number): PanelColumns => {
    const columns = panel(traces);
    for (const trace of columns.traces) {
      for (let index = 0; index < until; index += 1) trace.push([index, 9, 10, 10, 60, 20, 0]);
    }
    columns.takeChanged();
    return columns;
  };

  it('draws nothing while time only goes on', () => {
    const columns = filled(1, 100);
    const pen = new Recorder();
    const strip = new Strip(pen as unknown as Canvas, SIZE);
    strip.show(40, 1, 0, scene(columns));
    const before = pen.ops;
    expect(strip.show(47, 1, Number.POSITIVE_INFINITY, scene(columns))).toBe(7);
    expect(pen.ops).toBe(before);
  });

  it('draws a new column at the same cost, however many there are', () => {
    const cost = (until: number): number => {
      const columns = filled(1, until);
      const pen = new Recorder();
      const strip = new Strip(pen as unknown as Canvas, SIZE);
      strip.show(until - 60, 1, 0, scene(columns));
      const before = pen.ops;
      columns.apply(update(until, [[[until, 9, 10, 10, 60, 20, 0]]]));
      strip.show(until - 59, 1, columns.takeChanged(), scene(columns));
      return pen.ops - before;
    };
    expect(cost(60)).toBeLessThan(30);
    expect(cost(5_010)).toBe(cost(60));
  });

  it('draws all anew where it ends, where its columns are others, and when it is told to', () => {
    const columns = filled(1, 500);
    const strip = new Strip(new Recorder() as unknown as Canvas, SIZE);
    const drawn = scene(columns);
    expect(strip.ends(100, 1)).toBe(true);
    strip.show(100, 1, 0, drawn);
    expect(strip.ends(130, 1)).toBe(false);
    for (const [from, wide] of [
      [131, 1],
      [99, 1],
      [110, 2],
    ] as const) {
      expect(strip.ends(from, wide), `${from} ${wide}`).toBe(true);
    }
    strip.renew();
    expect(strip.ends(110, 1)).toBe(true);
    expect(strip.show(131, 1, Number.POSITIVE_INFINITY, drawn)).toBe(0);
    expect(strip.base).toBe(131);
  });
});

const byIndex = (a: Column, b: Column) => a[0] - b[0];
