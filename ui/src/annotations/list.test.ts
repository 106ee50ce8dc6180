import { describe, expect, it } from 'vitest';
import type { Annotation } from '../generated/Annotation';
import {
  ANNOTATIONS_MAX,
  dragged,
  found,
  merged,
  nearest,
  onlyOf,
  shownOf,
  withTimes,
} from './list';

const one = (id: string, from_ms: number, to_ms?: number): Annotation => ({
  id,
  from_ms,
  ...(to_ms !== undefined && { to_ms }),
  text: `the ${id}`,
  color: 0,
});

describe('annotations', () => {
  it('are dragged as a whole, or by an end that does not pass the other', () => {
    expect(dragged(one('a', 5), 9, 'to')).toEqual(one('a', 9));
    expect(dragged(one('a', 5, 7), 9, 'all')).toEqual(one('a', 9, 11));
    expect(dragged(one('a', 5, 7), 2, 'from')).toEqual(one('a', 2, 7));
    expect(dragged(one('a', 5, 7), 9, 'from').from_ms).toBeLessThan(7);
    expect(dragged(one('a', 5, 7), 1, 'to').to_ms).toBeGreaterThan(5);
  });

  it('are moments without an end, and spans the right way round', () => {
    expect(withTimes(one('a', 1, 2), 5, null)).toEqual(one('a', 5));
    expect(withTimes(one('a', 1), 5, 5)).toEqual(one('a', 5));
    expect(withTimes(one('a', 1), 5, 3)).toEqual(one('a', 3, 5));
  });

  it('are gone through from where one is', () => {
    const list = [one('a', 10), one('c', 40), one('b', 10, 30)];
    expect(nearest(list, 10, 'later')?.id).toBe('b');
    expect(nearest(list, 20, 'later')?.id).toBe('c');
    expect(nearest(list, 20, 'earlier')?.id).toBe('a');
    expect(nearest(list, 40, 'later')).toBeUndefined();
  });

  it('are seen with what is around them', () => {
    expect(shownOf(one('a', 10), 60)).toBe(60);
    expect(shownOf(one('a', 0, 100), 1000)).toBe(1000);
    expect(shownOf(one('a', 0, 100), 60)).toBe(200);
  });

  it('are found by all words of a search, the newest first', () => {
    const list = [one('early bird', 1), one('late Bird', 2), one('worm', 3)];
    expect(found(list, 'bird THE').map(({ from_ms }) => from_ms)).toEqual([2, 1]);
    expect(found(list, ' ').length).toBe(3);
  });

  it('from elsewhere are of what is here, or of all', () => {
    const from = { ...one('a', 1), panel: 'p', feed: 'f' };
    expect(onlyOf(from, new Set(['p', 'f']))).toEqual(from);
    expect(onlyOf(from, new Set(['f']))).toEqual({ ...one('a', 1), feed: 'f' });
    expect(onlyOf(one('a', 1), new Set())).toEqual(one('a', 1));
  });

  it('of a file come beside those that are there, as many as there is room for', () => {
    const { list, left } = merged([one('a', 1), one('b', 2)], [one('b', 3), one('c', 4)]);
    expect(list.map(({ id, from_ms }) => [id, from_ms])).toEqual([
      ['a', 1],
      ['b', 3],
      ['c', 4],
    ]);
    expect(left).toBe(0);
    const many = Array.from({ length: ANNOTATIONS_MAX }, (_, n) => one(`n${n}`, n));
    const full = merged(many, [one('x', 1)]);
    expect([full.list.length, full.left]).toEqual([ANNOTATIONS_MAX, 1]);
  });
});
