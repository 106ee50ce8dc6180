import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { App } from '../app';
import type { Annotation } from '../generated/Annotation';
import { Annotations } from './annotations.svelte';

vi.mock('$host', () => ({}));
// The real one asks the page what is wanted.
vi.mock('../lib/theme', () => ({ seriesVariable: String }));

const one = (id: string, from_ms: number): Annotation => ({ id, from_ms, text: id, color: 0 });
const AT = {} as DOMRect;

let kept: Record<string, Annotation[]>;
let annotations: Annotations;
let shown: string;
const steps = vi.fn((_: string, to: (list: Annotation[]) => Annotation[]) => {
  kept[shown] = to(kept[shown] ?? []);
});

beforeEach(() => {
  kept = { x: [one('a', 1000), one('b', 2000)], y: [] };
  shown = 'x';
  steps.mockClear();
  const board = {
    get id() {
      return shown;
    },
    get annotations() {
      return kept[shown];
    },
    setAnnotations: steps,
  };
  annotations = new Annotations({
    board,
    measure: { on: false, a: 0, b: 0 },
    notices: { done() {} },
    undoable: async () => {},
  } as unknown as App);
});

const texts = (board: string) => kept[board]?.map(({ text }) => text);
const begin = (text: string) => {
  annotations.begin({ ms: 5000, at: AT });
  annotations.change({ text });
};

describe('what is being written', () => {
  it('stays when its own flag is pressed', () => {
    annotations.edit('a', AT);
    annotations.change({ text: 'more' });
    annotations.edit('a', AT);
    expect(annotations.edited?.annotation.text).toBe('more');
    begin('new');
    const id = annotations.edited?.annotation.id as string;
    annotations.edit(id, AT);
    expect(annotations.edited?.annotation.text).toBe('new');
  });

  it('is kept before another is begun or changed', () => {
    begin('new');
    annotations.edit('a', AT);
    expect(texts('x')).toEqual(['a', 'b', 'new']);
    annotations.change({ text: 'more' });
    begin('other');
    expect(texts('x')).toEqual(['more', 'b', 'new']);
    expect(annotations.edited?.annotation.text).toBe('other');
  });

  it('is nothing to keep if there is not a word of it, or none that is new', () => {
    begin('');
    annotations.edit('a', AT);
    annotations.edit('b', AT);
    annotations.finish();
    expect(texts('x')).toEqual(['a', 'b']);
    expect(steps).not.toHaveBeenCalled();
  });

  it('stays while another is removed', () => {
    begin('new');
    annotations.remove('a');
    expect(annotations.edited?.annotation.text).toBe('new');
    annotations.finish();
    annotations.edit('b', AT);
    annotations.remove('b');
    expect(annotations.edited).toBeNull();
    expect(texts('x')).toEqual(['new']);
  });

  it('is kept though what it was before is gone', () => {
    annotations.edit('a', AT);
    annotations.change({ text: 'more' });
    kept.x = [];
    annotations.finish();
    expect(texts('x')).toEqual(['more']);
  });

  it('is of its board, and waits there', () => {
    begin('of x');
    shown = 'y';
    expect(annotations.edited).toBeNull();
    expect(annotations.moments).toEqual([]);
    annotations.finish();
    begin('of y');
    annotations.finish();
    expect(texts('y')).toEqual(['of y']);
    shown = 'x';
    expect(annotations.edited?.annotation.text).toBe('of x');
    annotations.finish();
    expect(texts('x')).toEqual(['a', 'b', 'of x']);
  });
});

describe('a time as it is written', () => {
  beforeEach(() => {
    annotations.edit('a', AT);
    annotations.change({ text: 'more' });
    annotations.readTime('from', 'yesterday');
  });

  it('is not taken for another if it is none', () => {
    expect(annotations.finish()).toBe(false);
    annotations.edit('b', AT);
    begin('new');
    expect(annotations.edited).toMatchObject({ annotation: { id: 'a' }, wrong: ['from'] });
    // That the other one is good does not make this one so.
    annotations.readTime('to', '2026-11-21 13:00:00');
    expect(annotations.finish()).toBe(false);
    expect(texts('x')).toEqual(['a', 'b']);
  });

  it('can be mended, by hand or by a drag', () => {
    annotations.readTime('from', '2026-11-21 13:00:00');
    expect(annotations.finish()).toBe(true);
    annotations.edit('a', AT);
    annotations.readTime('from', '');
    annotations.readTime('to', '');
    expect(annotations.edited?.wrong).toEqual(['from']);
    annotations.moments.find(({ id }) => id === 'a')?.move?.(1234, 'all');
    expect(annotations.edited?.wrong).toEqual([]);
    annotations.finish();
    expect(kept.x?.[0]).toEqual({ ...one('a', 1234), text: 'more' });
  });
});
