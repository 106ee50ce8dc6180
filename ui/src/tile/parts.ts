// The parts of a cell that are written by hand: found by their names, and changed only where they
// say something else.

export function part(of: Element, name: string): HTMLElement {
  const found = of.querySelector<HTMLElement>(`[data-part="${name}"]`);
  if (!found) throw new Error(`a cell has no ${name}`);
  return found;
}

export function write(element: HTMLElement, text: string): void {
  const { firstChild } = element;
  // A text that is exchanged for another under a pressed button would swallow the click.
  if (firstChild instanceof Text) {
    if (firstChild.data !== text) firstChild.data = text;
  } else if (text !== '') element.textContent = text;
}

export function mark(element: HTMLElement, name: string, value: string | null): void {
  if ((element.dataset[name] ?? null) === value) return;
  if (value === null) delete element.dataset[name];
  else element.dataset[name] = value;
}

/** A canvas that fills the box it lies in, as fine as the screen is. */
export class Sheet {
  width = 0;
  height = 0;
  private readonly pen: CanvasRenderingContext2D | null;

  constructor(private readonly canvas: HTMLCanvasElement) {
    this.pen = canvas.getContext('2d');
  }

  /** In CSS pixels. `true` if it is another size than before: it is empty then. */
  setSize(width: number, height: number): boolean {
    const { canvas } = this;
    const ratio = devicePixelRatio;
    this.width = width;
    this.height = height;
    const [wide, high] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (canvas.width === wide && canvas.height === high) return false;
    canvas.width = wide;
    canvas.height = high;
    return true;
  }

  /** Draws anew, if there is room for anything. */
  draw(ink: (pen: CanvasRenderingContext2D, ratio: number) => void): void {
    const { canvas, pen } = this;
    if (!pen || canvas.width === 0 || canvas.height === 0) return;
    pen.clearRect(0, 0, canvas.width, canvas.height);
    ink(pen, canvas.width / this.width);
  }
}
