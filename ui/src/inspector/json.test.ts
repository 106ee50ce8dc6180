import { describe, expect, it } from 'vitest';
import { brief, type JsonNode, parseJson, pathOf, treeRows } from './json';

const plain = (node: JsonNode | null): unknown => {
  switch (node?.kind) {
    case 'object':
      return Object.fromEntries(node.children.map((child) => [child.key, plain(child)]));
    case 'array':
      return node.children.map(plain);
    case 'string':
      return node.text;
    default:
      return node === null ? undefined : JSON.parse(node?.text ?? '');
  }
};

const at = (root: JsonNode | null, ...keys: (string | number)[]): JsonNode => {
  let node = root as JsonNode;
  for (const key of keys) node = node.children.find((child) => child.key === key) as JsonNode;
  return node;
};

describe('a tree of JSON', () => {
  it('has what the text has', () => {
    for (const text of [
      '{"a":[1,-2.5e3,true,false,null],"b":{"":"x\\n\\u0041\\ud83d\\ude00"}}',
      ' [ ] ',
      '"text"',
      '0',
      '{}',
      '[[[]],{}]',
    ]) {
      expect(plain(parseJson(text)), text).toEqual(JSON.parse(text));
    }
  });

  it('is none of what is not JSON, as the page itself would say', () => {
    for (const text of [
      '',
      '{',
      '[1,]',
      '{"a"}',
      '{a:1}',
      '01',
      '1 2',
      '"\n"',
      'nul',
      '[1 2]',
      '{"a":1,}',
      "'a'",
      'NaN',
      '"\\x"',
      '//',
    ]) {
      expect(() => JSON.parse(text), text).toThrow();
      expect(parseJson(text), text).toBeNull();
    }
  });

  it('keeps the digits of numbers, and names that come twice', () => {
    const root = parseJson('{"n":12345678901234567890,"p":1.10,"n":2}');
    expect(root?.children.map((child) => [child.key, child.text])).toEqual([
      ['n', '12345678901234567890'],
      ['p', '1.10'],
      ['n', '2'],
    ]);
  });

  it('knows names that mean something elsewhere as names', () => {
    const root = parseJson('{"__proto__":{"polluted":1},"constructor":2}');
    expect(at(root, '__proto__', 'polluted').text).toBe('1');
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });

  it('says where something is, as the application does', () => {
    const root = parseJson('{"data":{"bids":[[1,2]]},"a.b":1,"":{"\\"":[3]},"é x":4}');
    expect(pathOf(at(root, 'data', 'bids', 0, 1))).toBe('data.bids[0][1]');
    expect(pathOf(at(root, 'a.b'))).toBe('["a.b"]');
    expect(pathOf(at(root, '', '"', 0))).toBe('[""]["\\""][0]');
    expect(pathOf(at(root, 'é x'))).toBe('é x');
    expect(pathOf(parseJson('[7]')?.children[0] as JsonNode)).toBe('[0]');
  });

  it('does not fall over depth and size', () => {
    const deep = '['.repeat(100_000) + ']'.repeat(100_000);
    expect(parseJson(deep)).toBeNull();
    const wide = parseJson(`[${'1,'.repeat(99_999)}1]`) as JsonNode;
    expect(wide.children.length).toBe(100_000);
    // Too many to be opened at once.
    expect(treeRows(wide, new Set()).length).toBe(1);
    expect(treeRows(wide, new Set([wide])).length).toBe(100_001);
  });

  it('is opened and closed by hand', () => {
    const root = parseJson('{"a":{"b":{"c":{"d":1}}},"e":[]}') as JsonNode;
    const rows = (turned: JsonNode[]) =>
      treeRows(root, new Set(turned)).map(({ node, depth, open }) => [node.key, depth, open]);
    expect(rows([])).toEqual([
      [null, 0, true],
      ['a', 1, true],
      ['b', 2, true],
      ['c', 3, false],
      ['e', 1, null],
    ]);
    expect(rows([at(root, 'a')])).toEqual([
      [null, 0, true],
      ['a', 1, false],
      ['e', 1, null],
    ]);
    expect(rows([at(root, 'a', 'b', 'c')]).length).toBe(6);
  });

  it('says in short what is in what is closed', () => {
    const root = parseJson('{"a":1,"b":"text","c":[1,2],"d":{}}') as JsonNode;
    expect(brief(root, 80)).toBe('{a: 1, b: "text", c: […], d: {}}');
    expect(brief(root, 6)).toBe('{a: 1, …}');
  });
});
