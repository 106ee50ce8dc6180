import { describe, expect, it } from 'vitest';
import { type Moment, Moments, momentsOf, momentsWithin } from './moments';

const at = (id: string, ms: number): Moment => ({ id, ms, kind: 'note', text: id });

describe('moments', () => {
  it('are those of all groups, and a change of one leaves the others', () => {
    let changes = 0;
    const moments = new Moments(() => {
      changes += 1;
    });
    moments.set('notes', [at('n', 1)]);
    moments.set('alerts', [at('x', 2)]);
    const before = moments.list;
    moments.set('notes', []);
    expect(moments.list.map(({ id }) => id)).toEqual(['x']);
    expect(moments.list).not.toBe(before);
    moments.set('notes', []);
    expect(changes).toBe(3);
  });

  it('are marked where they belong', () => {
    const list: Moment[] = [
      at('late', 9),
      { ...at('mine', 1), panel: 'p' },
      { ...at('other', 2), panel: 'q' },
      { ...at('drawn', 3), feed: 'f' },
      { ...at('elsewhere', 4), feed: 'g' },
    ];
    const found = momentsOf(list, 'p', [{ feed: 'f' }]);
    expect(found.map(({ id }) => id)).toEqual(['mine', 'drawn', 'late']);
  });

  it('are seen if any of them lies in what is shown', () => {
    const list = [{ ...at('long', 0), toMs: 50 }, at('gone', 10), at('in', 40), at('next', 90)];
    expect(momentsWithin(list, 30, 80, 9).map(({ id }) => id)).toEqual(['long', 'in']);
    // One that is held goes on being there, wherever it is dragged to.
    const held = (id: string) => momentsWithin(list, 30, 80, 1, id).map(({ id }) => id);
    expect(held('gone')).toEqual(['long', 'gone']);
    expect(held('next')).toEqual(['long', 'next']);
    expect(held('long')).toEqual(['long']);
    expect(held('removed')).toEqual(['long']);
    expect(momentsWithin(list, 30, 80, 1).map(({ id }) => id)).toEqual(['long']);
  });
});
