import { describe, expect, it } from 'vitest';
import { inOrder, nextOrder, type Row, toTsv } from './columns';

const row = (trace: number, name: string, more: Partial<Row> = {}): Row => ({
  trace,
  name,
  latest: null,
  text: null,
  change: null,
  min: null,
  max: null,
  mean: null,
  rate: null,
  age: null,
  ...more,
});

const names = (rows: Row[]) => rows.map(({ name }) => name);

describe('the order of a table', () => {
  const rows = [
    row(0, 'core10', { latest: 5 }),
    row(1, 'core2'),
    row(2, 'Core1', { latest: -3 }),
    row(3, 'b', { latest: 5 }),
    row(4, 'a', { latest: 700 }),
  ];

  it('is by number where names have one', () => {
    expect(names(inOrder(rows, { by: 'name', down: false }))).toEqual([
      'a',
      'b',
      'Core1',
      'core2',
      'core10',
    ]);
  });

  it('has what is not known last, whichever way, and what is equal as it was given', () => {
    expect(names(inOrder(rows, { by: 'latest', down: true }))).toEqual([
      'a',
      'core10',
      'b',
      'Core1',
      'core2',
    ]);
    expect(names(inOrder(rows, { by: 'latest', down: false }))).toEqual([
      'Core1',
      'core10',
      'b',
      'a',
      'core2',
    ]);
  });

  it('is by the text where that is the latest', () => {
    const mixed = [
      row(0, 'unknown'),
      row(1, 'running', { latest: 4, text: 'running' }),
      row(2, 'seven', { latest: 7 }),
      row(3, 'idle', { latest: 5, text: 'idle' }),
      row(4, 'two', { latest: 2 }),
    ];
    const by = (down: boolean) => names(inOrder(mixed, { by: 'latest', down }));
    expect(by(false)).toEqual(['two', 'seven', 'idle', 'running', 'unknown']);
    expect(by(true)).toEqual(['seven', 'two', 'running', 'idle', 'unknown']);
  });

  it('is as given where nobody chose one', () => {
    expect(inOrder(rows, null)).toEqual(rows);
  });

  it('goes from the largest to the smallest, back, and to none', () => {
    const first = nextOrder(null, 'max');
    const second = nextOrder(first, 'max');
    expect([first, second, nextOrder(second, 'max')]).toEqual([
      { by: 'max', down: true },
      { by: 'max', down: false },
      null,
    ]);
    expect(nextOrder(second, 'name')).toEqual({ by: 'name', down: false });
  });
});

describe('a copied table', () => {
  it('has all figures, and nothing where nothing is known', () => {
    const [head, first] = toTsv([
      row(0, 'one', { latest: 0.1 + 0.2, min: -1, max: Number.NaN, age: 1500 }),
    ]).split('\n');
    expect(head?.split('\t')).toEqual([
      'Name',
      'Latest',
      'Age (s)',
      'Change',
      'Min',
      'Max',
      'Mean',
      'Rate',
    ]);
    expect(first?.split('\t')).toEqual(['one', '0.30000000000000004', '1.5', '', '-1', '', '', '']);
  });

  it('has the text, and nothing that would be run', () => {
    const line = toTsv([row(0, 'a', { latest: 4, text: '=1+1\t2' })]).split('\n')[1];
    expect(line?.split('\t').slice(0, 2)).toEqual(['a', "'=1+1 2"]);
  });

  it('is as many lines and cells as there are, whatever a feed calls things', () => {
    const lines = toTsv([row(0, 'a\tb\r\nc'), row(1, '=cmd|calc'), row(2, '@x')]).split('\n');
    expect(lines.map((line) => line.split('\t').length)).toEqual([8, 8, 8, 8]);
    expect(lines.slice(1).map((line) => line.split('\t')[0])).toEqual([
      'a b c',
      "'=cmd|calc",
      "'@x",
    ]);
  });
});
