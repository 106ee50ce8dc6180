// What is said at the pointer: the moment, each trace's value there, and the story of a gap.
// Plain DOM, as it follows the pointer and the data at the speed of the screen; above the whole
// window, as a small panel has no room for it.

export interface Reading {
  color: string;
  name: string;
  text: string;
  /** It is what a cursor stands at. */
  at?: boolean;
}

export interface Story {
  head: string;
  text: string;
  cause: string;
}

const GAP_PX = 12;
// More rows than this hide the chart they explain.
const ROWS_MAX = 16;

export class Readout {
  private readonly box = document.createElement('div');
  private readonly when = document.createElement('div');
  private readonly stories = document.createElement('div');
  private readonly rows = document.createElement('div');

  constructor() {
    this.box.className = 'readout';
    this.box.dataset.testid = 'readout';
    // What it has is said where the cursor is moved by keys.
    this.box.ariaHidden = 'true';
    this.box.hidden = true;
    this.when.className = 'readout-when';
    this.stories.className = 'readout-stories';
    this.rows.className = 'readout-rows';
    this.box.append(this.when, this.stories, this.rows);
    document.body.append(this.box);
  }

  /** In every frame in which nothing is pointed at. */
  hide(): void {
    if (!this.box.hidden) this.box.hidden = true;
  }

  show(
    when: string,
    stories: readonly Story[],
    readings: readonly Reading[],
    at: { x: number; y: number },
  ): void {
    write(this.when, when);
    resize(this.stories, stories.length, () => {
      const story = document.createElement('div');
      story.append(document.createElement('strong'), document.createElement('span'));
      return story;
    });
    stories.forEach((story, n) => {
      const element = this.stories.children[n] as HTMLElement;
      element.dataset.cause = story.cause;
      write(element.children[0] as HTMLElement, story.head);
      write(element.children[1] as HTMLElement, story.text);
    });
    const shown = readings.slice(0, ROWS_MAX);
    resize(this.rows, shown.length, () => {
      const row = document.createElement('div');
      row.append(
        document.createElement('i'),
        document.createElement('span'),
        document.createElement('b'),
      );
      return row;
    });
    shown.forEach((reading, n) => {
      const [swatch, name, text] = (this.rows.children[n] as HTMLElement).children;
      this.rows.children[n]?.classList.toggle('at', reading.at === true);
      (swatch as HTMLElement).style.background = reading.color;
      write(name as HTMLElement, reading.name);
      write(text as HTMLElement, reading.text);
    });
    this.box.hidden = false;
    const { offsetWidth: width, offsetHeight: height } = this.box;
    const flip = at.x + GAP_PX + width > innerWidth;
    const left = flip ? Math.max(0, at.x - GAP_PX - width) : at.x + GAP_PX;
    const top = Math.max(0, Math.min(at.y - height / 2, innerHeight - height));
    this.box.style.transform = `translate(${Math.round(left)}px, ${Math.round(top)}px)`;
  }

  destroy(): void {
    this.box.remove();
  }
}

function write(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

function resize(parent: HTMLElement, length: number, make: () => HTMLElement): void {
  while (parent.children.length > length) parent.lastElementChild?.remove();
  while (parent.children.length < length) parent.append(make());
}
