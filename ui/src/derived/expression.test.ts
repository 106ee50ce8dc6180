import { describe, expect, it } from 'vitest';
import functionsRs from '../../../crates/app/src/derived/functions.rs?raw';
import {
  beginning,
  begunAt,
  call,
  freeName,
  isName,
  namesIn,
  pieces,
  renamed,
  shownAt,
} from './expression';
import { EXAMPLES, FUNCTIONS } from './functions';

describe('names in an expression', () => {
  it('are words, in any script, and no units of time', () => {
    expect([...namesIn('ema(best_bid, 20s) - 1e9 * 买价2 + a')]).toEqual([
      'ema',
      'best_bid',
      '买价2',
      'a',
    ]);
    expect(['a', '_1', '价'].every(isName)).toBe(true);
    expect(['', '1a', 'a b', 'a.b'].some(isName)).toBe(false);
  });

  it('are renamed where they stand by themselves', () => {
    expect(renamed('a + ab * avg(a, 1a)', 'a', 'price')).toBe('price + ab * avg(price, 1a)');
  });

  it('of new fields are letters that none has', () => {
    expect(freeName([])).toBe('a');
    expect(freeName(['a', 'c'])).toBe('b');
    const all = Array.from({ length: 26 }, (_, n) => String.fromCharCode(97 + n));
    expect(freeName(all)).toBe('a1');
  });
});

describe('what may be meant', () => {
  it('is told by the word before the caret', () => {
    expect(begunAt('a + de * b', 6)).toEqual({ from: 4, to: 6, word: 'de' });
    expect(begunAt('a + de', 4)).toBeNull();
    expect(begunAt('avg(a, 20s', 10)).toBeNull();
  });

  it('begins so, in small letters or large ones, and is not there already', () => {
    const names = ['a', 'avg', 'abs', 'delta', 'derivative'];
    const of = (word: string) => beginning(word, names, (name) => name);
    expect(of('DE')).toEqual(['delta', 'derivative']);
    expect(of('a')).toEqual(['a', 'avg', 'abs']);
    expect(of('delta')).toEqual([]);
    expect(of('x')).toEqual([]);
  });

  it('is put in of the fields that there are, and what it is of is chosen', () => {
    expect(call('avg(x, 1m)', ['price'])).toEqual({
      text: 'avg(price, 1m)',
      chosen: { from: 4, to: 9 },
    });
    expect(call('resample(a, 1s) - resample(b, 1s)', ['p', 'q']).text).toBe(
      'resample(p, 1s) - resample(q, 1s)',
    );
    expect(call('sqrt(x)', ['a'], 'a - b')).toEqual({
      text: 'sqrt(a - b)',
      chosen: { from: 5, to: 10 },
    });
    expect(call('max(a, b)', []).text).toBe('max(a, b)');
  });
});

describe('the place of a mistake', () => {
  const wrong = (text: string, ...places: [number, number][]) =>
    pieces(
      text,
      places.map(([from, to]) => ({ from, to })),
    ).map((piece) => (piece.wrong ? `[${piece.text}]` : piece.text));

  it('is marked in the text, which is whole', () => {
    expect(wrong('a + cost * b', [4, 8])).toEqual(['a + ', '[cost]', ' * b']);
    expect(wrong('a')).toEqual(['a']);
    expect(wrong('')).toEqual([]);
    expect(wrong('cost + fee', [7, 10], [0, 4])).toEqual(['[cost]', ' + ', '[fee]']);
  });

  it('is marked once where mistakes lie in each other', () => {
    expect(wrong('f(g(x))', [0, 7], [2, 6])).toEqual(['[f(g(x))]']);
    expect(wrong('abcd', [0, 3], [2, 4])).toEqual(['[abc]', '[d]']);
  });

  it('between two letters is seen at one of them', () => {
    expect(shownAt({ from: 2, to: 2 }, 5)).toEqual({ from: 2, to: 3 });
    expect(shownAt({ from: 5, to: 5 }, 5)).toEqual({ from: 4, to: 5 });
    expect(shownAt({ from: 0, to: 0 }, 0)).toEqual({ from: 0, to: 0 });
    // The text has become shorter since.
    expect(shownAt({ from: 7, to: 9 }, 3)).toEqual({ from: 2, to: 3 });
  });
});

describe('the functions', () => {
  it('are those that the application knows, as it wants them written', () => {
    const known = [
      ...functionsRs.matchAll(
        /(?:unary|moving)\("(\w+)", "([^"]+)"|name: "(\w+)", usage: "([^"]+)"/g,
      ),
    ].map(([, a, b, c, d]) => `${a ?? c} ${b ?? d}`);
    expect(known.length).toBeGreaterThan(20);
    expect(FUNCTIONS.map(({ name, usage }) => `${name} ${usage}`)).toEqual(known);
  });

  it('are all that examples call', () => {
    const names = FUNCTIONS.map(({ name }) => name);
    for (const { usage } of EXAMPLES) {
      for (const name of namesIn(usage)) expect([...names, 'a', 'b']).toContain(name);
    }
  });
});
