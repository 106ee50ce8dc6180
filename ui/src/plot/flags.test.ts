import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Moment } from '../live/moments';
import { Flags } from './flags';

/** As much of an element as a flag is made of. */
class FakeElement extends EventTarget {
  children: FakeElement[] = [];
  parent: FakeElement | null = null;
  dataset = {};
  style = { setProperty() {} };
  offsetWidth = 40;
  private readonly classes = new Set<string>();
  classList = {
    contains: (name: string) => this.classes.has(name),
    toggle: (name: string) => this.classes.delete(name) || this.classes.add(name),
  };

  append(...children: FakeElement[]) {
    for (const child of children) child.parent = this;
    this.children.push(...children);
  }

  remove() {
    if (this.parent) this.parent.children = this.parent.children.filter((one) => one !== this);
  }

  setPointerCapture() {}
  getBoundingClientRect = () => ({ left: 100, width: WIDTH });

  /** Told of by the browser only while it is there. */
  tell(type: string, clientX: number) {
    this.dispatchEvent(Object.assign(new Event(type), { clientX, button: 0, pointerId: 1 }));
  }
}

const WIDTH = 200;
let flags: Flags;
let list: Moment[];
let kept: number | null;
let from: number;
const show = () => flags.show(list, [], from, 1, WIDTH);
const shown = () => (flags.element as unknown as FakeElement).children;
const label = () => shown()[0]?.children.at(-1) as FakeElement;

beforeEach(() => {
  vi.stubGlobal('document', { createElement: () => new FakeElement() });
  from = 1000;
  flags = new Flags('p', (x) => from + x);
  kept = null;
  const at = (ms: number): Moment => ({
    id: 'a',
    ms,
    kind: 'note',
    text: 'a',
    move: (ms) => {
      list = [at(ms)];
      show();
    },
    put: () => {
      kept = list[0]?.ms ?? null;
    },
  });
  list = [at(1050)];
  show();
});

describe('a flag that is dragged', () => {
  it('goes no further than to the edges of the plot, and is kept there', () => {
    for (const [clientX, ms] of [
      [999, 1200],
      [-999, 1000],
    ] as const) {
      const by = label();
      by.tell('pointerdown', 150);
      by.tell('pointermove', clientX);
      expect(list[0]?.ms).toBe(ms);
      expect(label()).toBe(by);
      by.tell('pointerup', clientX);
      expect(kept).toBe(ms);
    }
  });

  it('stays while time goes on without it, until it is let go', () => {
    const by = label();
    by.tell('pointerdown', 150);
    by.tell('pointermove', 160);
    from = 2000;
    show();
    expect(label()).toBe(by);
    by.tell('pointerup', 160);
    expect(kept).toBe(1060);
    show();
    expect(shown()).toEqual([]);
  });
});
