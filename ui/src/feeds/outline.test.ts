import { describe, expect, it } from 'vitest';
import type { Feed } from '../generated/Feed';
import type { Status } from '../generated/Status';
import { Feeds } from './feeds.svelte';
import { keyOf, Outline } from './outline.svelte';

const feed = (id: string, fields: [channel: string, path: string][]): Feed => ({
  id,
  name: id.toUpperCase(),
  url: `ws://${id}`,
  builtin: false,
  has_books: false,
  fields: fields.map(([channel, path], number) => ({ channel, path, number, texts: null })),
  transitions: [],
  status: { feed: id, state: 'live', fields_unlisted: 0 } as Status,
});

/** Feed `a`: trade (price, size), book (bid); feed `b`, folded: trade (price). */
function outline(): Outline {
  const feeds = new Feeds();
  const faults = { silent: false, delay_ms: 0, duplicate: 0, reorder: 0, lose: 0 };
  const a: [string, string][] = [
    ['trade', 'price'],
    ['trade', 'size'],
    ['book', 'bid'],
  ];
  feeds.start([feed('a', a), feed('b', [['trade', 'price']])], faults);
  feeds.show([
    { id: 'a', name: 'A' },
    { id: 'b', name: 'B' },
  ]);
  return new Outline(feeds, () => 'none');
}

const names = (of: Outline) =>
  Array.from({ length: of.count }, (_, n) => {
    const item = of.at(n);
    if (!item?.row) return item?.feed.id;
    if (item.row.kind === 'channel') return `# ${item.row.channel}`;
    return item.row.kind === 'field' ? item.row.field.path : item.row.note;
  });
const keyAt = (of: Outline, n: number) => {
  const item = of.at(n);
  if (!item) throw new Error(`no row ${n}`);
  return keyOf(item);
};
const meant = (of: Outline, n: number) =>
  of.meant(keyAt(of, n)).map(({ feed, path }) => `${feed}.${path}`);

describe('the list of feeds as one tree', () => {
  it('has all rows in their order, and finds each by its key', () => {
    const tree = outline();
    expect(names(tree)).toEqual(['a', '# trade', 'price', 'size', '# book', 'bid', 'b']);
    for (let n = 0; n < tree.count; n += 1) expect(tree.indexOf(keyAt(tree, n))).toBe(n);
    expect(tree.at(7)).toBe(null);
    expect(tree.at(-1)).toBe(null);
    expect(tree.indexOf(null)).toBe(-1);
    expect([2, 1, 0].map((n) => tree.parentOf(n))).toEqual([1, 0, -1]);
    expect(tree.topOf(6)).toBe(48 + 5 * 28);
  });

  it('shows what is looked for, also in what is folded, and counts it', () => {
    const tree = outline();
    tree.search = 'price';
    expect(names(tree)).toEqual(['a', '# trade', 'price', 'b', '# trade', 'price']);
    expect(tree.foundCount).toBe(2);
    tree.search = 'b bid';
    expect(names(tree)).toEqual(['a', '# book', 'bid']);
  });

  it('chooses one, one more, all from one to another, and all of a channel', () => {
    const tree = outline();
    tree.go(2);
    expect(meant(tree, 2)).toEqual(['a.price']);
    tree.toggle(keyAt(tree, 5));
    expect(meant(tree, 5)).toEqual(['a.price', 'a.bid']);
    tree.toggle(keyAt(tree, 2));
    expect(meant(tree, 5)).toEqual(['a.bid']);
    // From where it was clicked last, with the channel between them left out.
    tree.go(5, { many: true });
    expect(meant(tree, 2)).toEqual(['a.price', 'a.size', 'a.bid']);
    tree.go(3);
    tree.chooseChannel();
    expect(meant(tree, 2)).toEqual(['a.price', 'a.size']);
    tree.go(0);
    expect(tree.chosen.size).toBe(0);
  });

  it('means by a row what is chosen, if it is one of it, and by a channel all its fields', () => {
    const tree = outline();
    tree.go(2);
    expect(meant(tree, 5)).toEqual(['a.bid']);
    expect(meant(tree, 1)).toEqual(['a.price', 'a.size']);
    expect(meant(tree, 0)).toEqual([]);
  });

  it('folds and unfolds, and says whether anything came of it', () => {
    const tree = outline();
    const row = (n: number) => {
      const item = tree.at(n);
      if (!item) throw new Error(`no row ${n}`);
      return item;
    };
    expect(tree.fold(row(1), false)).toBe(true);
    expect(names(tree)).toEqual(['a', '# trade', '# book', 'bid', 'b']);
    expect(tree.fold(row(1), false)).toBe(false);
    expect(tree.fold(row(4), true)).toBe(true);
    expect(names(tree).slice(-3)).toEqual(['b', '# trade', 'price']);
    expect(tree.fold(row(3), true)).toBe(false);
  });

  it('goes to what is typed, and on to the next that begins so', () => {
    const tree = outline();
    tree.go(0);
    tree.goToTyped('b');
    expect(names(tree)[tree.indexOf(tree.active)]).toBe('# book');
    tree.goToTyped('b');
    expect(names(tree)[tree.indexOf(tree.active)]).toBe('bid');
    tree.goToTyped('bi');
    expect(names(tree)[tree.indexOf(tree.active)]).toBe('bid');
  });
});
