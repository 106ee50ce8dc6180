import { describe, expect, it } from 'vitest';
import { defaultRows, fits } from './layout';

const leaf = (...views: string[]) => ({ type: 'leaf', data: { views, id: views[0] }, size: 100 });
const layout = (root: unknown, ids: string[]) => ({
  grid: { root, width: 100, height: 100, orientation: 'HORIZONTAL' },
  panels: Object.fromEntries(ids.map((id) => [id, { id }])),
});

describe('a saved layout', () => {
  const good = layout({ type: 'branch', data: [leaf('a'), leaf('b', 'c')] }, ['a', 'b', 'c']);

  it('is used where it places exactly the panels of the board', () => {
    expect(fits(good, ['c', 'a', 'b'])).toBe(true);
  });

  it('is not used where panels are missing, left over or doubled', () => {
    expect(fits(good, ['a', 'b'])).toBe(false);
    expect(fits(good, ['a', 'b', 'c', 'd'])).toBe(false);
    expect(fits(layout(leaf('a', 'a'), ['a']), ['a'])).toBe(false);
    expect(fits(layout(leaf('a'), ['b']), ['a'])).toBe(false);
  });

  it('that is nonsense is not used, and breaks nothing', () => {
    let deep: unknown = leaf('a');
    for (let n = 0; n < 10_000; n += 1) deep = { type: 'branch', data: [deep] };
    const nonsense = [
      null,
      undefined,
      7,
      'layout',
      [],
      {},
      { grid: 1, panels: [] },
      { grid: {}, panels: {} },
      layout(null, ['a']),
      layout({ type: 'leaf', data: { views: [1] } }, ['a']),
      layout({ type: 'branch', data: {} }, ['a']),
      layout({ ...leaf('a'), size: 'wide' }, ['a']),
      layout(deep, ['a']),
    ];
    for (const broken of nonsense) expect(fits(broken, ['a'])).toBe(false);
  });
});

describe('the default layout', () => {
  it('places every panel once, in rows of two, an odd one over the whole width', () => {
    expect(defaultRows([])).toEqual([]);
    expect(defaultRows(['a', 'b'])).toEqual([['a'], ['b']]);
    expect(defaultRows(['a', 'b', 'c', 'd'])).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ]);
    expect(defaultRows(['a', 'b', 'c', 'd', 'e'])).toEqual([['a'], ['b', 'c'], ['d', 'e']]);
  });
});
