import { describe, expect, it } from 'vitest';
import { changeOf, comesToTheSame, defaultRows, fits, rowsHigh } from './layout';

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

describe('a change of the layout', () => {
  const sized = (size: number, ...views: string[]) => ({ ...leaf(...views), size });
  const of = (...leaves: ReturnType<typeof leaf>[]) => {
    const ids = leaves.flatMap(({ data }) => data.views);
    return layout({ type: 'branch', data: leaves }, ids);
  };
  const before = of(sized(50, 'a'), sized(50, 'b', 'c'));

  it('is by hand where panels were moved or resized', () => {
    expect(changeOf(before, of(sized(60, 'a'), sized(40, 'b', 'c')))).toBe('moved');
    expect(changeOf(before, of(sized(50, 'b'), sized(50, 'a', 'c')))).toBe('moved');
  });

  it('is none of its own where panels came or went, or another is in front', () => {
    expect(changeOf(before, of(sized(100, 'a')))).toBe('followed');
    expect(changeOf(before, of(sized(50, 'a'), sized(50, 'b', 'd')))).toBe('followed');
    expect(changeOf(before, { ...before, activeGroup: '2' })).toBe('followed');
    expect(changeOf(null, before)).toBe('followed');
  });

  it('is the window where all has another size', () => {
    const wide = of(sized(100, 'a'), sized(100, 'b', 'c'));
    expect(changeOf(before, { ...wide, grid: { ...wide.grid, width: 200 } })).toBe('resized');
  });

  it('that comes to the same in one window is none to look at', () => {
    const wide = of(sized(100.5, 'a'), sized(99.5, 'b', 'c'));
    const elsewhere = { ...wide, grid: { ...wide.grid, width: 200 } };
    expect(comesToTheSame(before, elsewhere)).toBe(true);
    expect(comesToTheSame(before, of(sized(60, 'a'), sized(40, 'b', 'c')))).toBe(false);
    expect(comesToTheSame(before, of(sized(50, 'b', 'c'), sized(50, 'a')))).toBe(false);
    expect(comesToTheSame(before, null)).toBe(false);
  });

  it('is none where nothing differs, or it is no layout', () => {
    expect(changeOf(before, structuredClone(before))).toBe('none');
    expect(changeOf(before, { grid: 7 })).toBe('none');
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

describe('how high a board is', () => {
  const column = (...data: unknown[]) => ({ type: 'branch', data });
  const grid = (root: unknown, orientation: string) => ({
    grid: { root, width: 1, height: 1, orientation },
    panels: {},
  });

  it('is the most panels that are above each other, tabs as one', () => {
    const root = column(leaf('a'), column(leaf('b'), leaf('c')), leaf('d', 'e'));
    expect(rowsHigh(grid(root, 'VERTICAL'))).toBe(3);
    expect(rowsHigh(grid(root, 'HORIZONTAL'))).toBe(2);
    expect(rowsHigh(grid(leaf('a'), 'VERTICAL'))).toBe(1);
    expect(rowsHigh('nonsense')).toBe(0);
    const away = { ...leaf('a'), visible: false };
    expect(rowsHigh(grid(column(away, leaf('b')), 'VERTICAL')), 'that is elsewhere').toBe(1);
  });
});

describe('panels that float', () => {
  const float = (left: number, ...views: string[]) => ({
    data: { views, id: views[0] },
    position: { left, top: 10, width: 300, height: 200 },
  });
  const of = (...floatingGroups: unknown[]) => ({
    ...layout({ type: 'branch', data: [leaf('a')] }, ['a', 'b']),
    floatingGroups,
  });

  it('are placed as others are', () => {
    expect(fits(of(float(5, 'b')), ['a', 'b'])).toBe(true);
    expect(fits(of({ ...float(5), data: undefined, grid: { root: leaf('b') } }), ['a', 'b'])).toBe(
      true,
    );
    expect(fits(of(float(5, 'a')), ['a', 'b'])).toBe(false);
    expect(fits(of(), ['a', 'b'])).toBe(false);
  });

  it('that are nonsense are not used', () => {
    for (const nonsense of [7, null, {}, { data: { views: ['b'] } }, { position: {} }]) {
      expect(fits(of(nonsense), ['a', 'b'])).toBe(false);
    }
    const { data } = float(0, 'b');
    expect(fits(of({ data, position: { left: 'far' } }), ['a', 'b'])).toBe(false);
    expect(fits({ ...of(), floatingGroups: {} }, ['a', 'b'])).toBe(false);
  });

  it('are moved by hand', () => {
    expect(changeOf(of(float(5, 'b')), of(float(5, 'b')))).toBe('none');
    expect(changeOf(of(float(5, 'b')), of(float(9, 'b')))).toBe('moved');
    expect(comesToTheSame(of(float(5, 'b')), of(float(5.2, 'b')))).toBe(true);
    expect(comesToTheSame(of(float(5, 'b')), of(float(9, 'b')))).toBe(false);
  });
});
