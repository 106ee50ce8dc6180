import { describe, expect, it } from 'vitest';
import type { Field } from '../generated/Field';
import {
  type Branch,
  beginning,
  inSight,
  Knowns,
  marked,
  ROW_PX,
  type Row,
  rows,
  searchWords,
} from './tree';

const field = (channel: string, path: string, number = 0): Field => ({
  channel,
  path,
  number,
  texts: null,
});
const branch = (fields: Field[], more: Partial<Branch> = {}): Branch => ({
  name: 'Market',
  open: true,
  fields,
  closedChannels: new Set(),
  unlisted: 0,
  ...more,
});
const said = (list: Row[]) =>
  list.map((row) =>
    row.kind === 'channel' ? `# ${row.channel}` : row.kind === 'field' ? row.field.path : row.note,
  );
const found = (of: Branch, search: string) =>
  said(rows(of, searchWords(search), new Knowns().of(of.fields)));

describe('the tree of fields', () => {
  const fields = [field('trade', 'price'), field('book', 'bid'), field('trade', 'data.size')];

  it('groups fields by channel, in order of appearance', () => {
    expect(found(branch(fields), '')).toEqual(['# trade', 'price', 'data.size', '# book', 'bid']);
  });

  it('shows nothing of a folded feed, and no fields of a folded channel', () => {
    expect(found(branch(fields, { open: false }), '')).toEqual([]);
    expect(found(branch(fields, { closedChannels: new Set(['trade']) }), '')).toEqual([
      '# trade',
      '# book',
      'bid',
    ]);
  });

  it('finds by all words, in feed, channel and path, also in what is folded', () => {
    const folded = branch(fields, { open: false, closedChannels: new Set(['trade']) });
    expect(found(folded, 'TRADE size')).toEqual(['# trade', 'data.size']);
    expect(found(folded, 'market bid')).toEqual(['# book', 'bid']);
    expect(found(folded, 'mark')).toHaveLength(5);
    expect(found(folded, 'nowhere')).toEqual([]);
    expect(found(branch(fields), '  ')).toHaveLength(5);
  });

  it('says when there are no fields yet, and when some are not listed', () => {
    expect(found(branch([]), '')).toEqual(['no-fields']);
    expect(found(branch([]), 'x')).toEqual([]);
    expect(found(branch(fields, { unlisted: 5 }), '').at(-1)).toBe('unlisted');
  });

  it('knows what fields are called that come later', () => {
    const knowns = new Knowns();
    const names = (of: Field[]) => knowns.of(of).map(({ name }) => name);
    expect(names(fields.slice(0, 1))).toEqual(['trade price']);
    expect(names(fields)).toEqual(['trade price', 'book bid', 'trade data.size']);
  });

  it('puts on the screen what is in sight, of however many rows', () => {
    expect(inSight(10_000, -100, 500)).toEqual([0, Math.ceil(500 / ROW_PX)]);
    expect(inSight(10_000, 28_000, 28_280)).toEqual([1000, 1010]);
    expect(inSight(10_000, 1e9, 2e9)).toEqual([10_000, 10_000]);
    expect(inSight(0, -500, 500)).toEqual([0, 0]);
    expect(inSight(5, -900, -300)).toEqual([0, 0]);
  });
});

describe('what was looked for', () => {
  const parts = (text: string, search: string) =>
    marked(text, searchWords(search)).map(({ text, found }) => (found ? `[${text}]` : text));

  it('is marked where it stands', () => {
    expect(parts('data.price', 'PRI')).toEqual(['data.', '[pri]', 'ce']);
    expect(parts('price', '')).toEqual(['price']);
    expect(parts('price', 'x')).toEqual(['price']);
    expect(parts('aXbXc', 'x')).toEqual(['a', '[X]', 'b', '[X]', 'c']);
  });

  it('is marked once, where words touch or overlap', () => {
    expect(parts('abcdef', 'bcd cde')).toEqual(['a', '[bcde]', 'f']);
    expect(parts('abcd', 'ab cd')).toEqual(['[abcd]']);
    expect(parts('aaaa', 'aa a')).toEqual(['[aaaa]']);
  });

  it('never changes the text, whatever becomes of its letters', () => {
    for (const text of ['İstanbul', '\u202egnp.exe', '<img src=x>', '']) {
      expect(marked(text, ['s']).map((part) => part.text)).toEqual(
        expect.arrayContaining([expect.any(String)].slice(0, text ? 1 : 0)),
      );
      expect(
        marked(text, ['s'])
          .map((part) => part.text)
          .join(''),
      ).toBe(text);
    }
  });
});

describe('typing ahead', () => {
  const names = ['alpha', 'beta', 'Album', 'gamma'];
  const from = (at: number, typed: string) => beginning(4, at, typed, (n) => names[n] as string);

  it('finds the next that begins so, round about', () => {
    expect(from(0, 'al')).toBe(0);
    expect(from(1, 'al')).toBe(2);
    expect(from(3, 'b')).toBe(1);
    expect(from(0, 'x')).toBe(-1);
    expect(beginning(0, 0, 'a', () => '')).toBe(-1);
  });
});
