// An expression as a text: which names are in it, what may be meant by a word that is begun, and
// where mistakes are. What it means, the application says.

import type { Mistake } from '../generated/Mistake';

/** A stretch of the text. `to` is exclusive. */
export interface Place {
  from: number;
  to: number;
}

// Not in the middle of a word, nor after the digits of a time: in 20s there is no name.
const NAME = /(?<![\p{L}\p{N}_])[\p{L}_][\p{L}\p{N}_]*/gu;
const WHOLE_NAME = /^[\p{L}_][\p{L}\p{N}_]*$/u;
const WORD_BEFORE = /[\p{L}\p{N}_]+$/u;

/** All names that stand in it, of functions, too. */
export const namesIn = (text: string): Set<string> =>
  new Set([...text.matchAll(NAME)].map(([name]) => name));

export const isName = (text: string): boolean => WHOLE_NAME.test(text);

/** The text with another name in place of one. */
export const renamed = (text: string, from: string, to: string): string =>
  text.replace(NAME, (name) => (name === from ? to : name));

/** A letter for the next field: the first that none has. */
export function freeName(taken: readonly string[]): string {
  for (let n = 0; ; n += 1) {
    const letter = String.fromCharCode(97 + (n % 26));
    const name = n < 26 ? letter : `${letter}${Math.floor(n / 26)}`;
    if (!taken.includes(name)) return name;
  }
}

/** The name that is begun before the caret. */
export function begunAt(text: string, caret: number): (Place & { word: string }) | null {
  const word = WORD_BEFORE.exec(text.slice(0, caret))?.[0];
  if (word === undefined || !isName(word)) return null;
  return { from: caret - word.length, to: caret, word };
}

/** What begins so, without regard to case; nothing where it is all there already. */
export function beginning<T>(word: string, all: readonly T[], nameOf: (one: T) => string): T[] {
  const lower = word.toLowerCase();
  const found = all.filter((one) => nameOf(one).toLowerCase().startsWith(lower));
  return found.length === 1 && found[0] && nameOf(found[0]) === word ? [] : found;
}

/** A text with something put into it, and what of it is to be chosen next. */
export interface Put {
  text: string;
  chosen: Place;
}

/**
 * An example as it is to be put in: of the names that there are, in place of x, a and b. What was
 * chosen in the text becomes what it is of.
 */
export function call(usage: string, names: readonly string[], chosen = ''): Put {
  const [one = '', other = one] = names;
  const first = chosen || one;
  const parts: Record<string, string> = { x: first || 'x', a: first || 'a', b: other || 'b' };
  let at: Place | null = null;
  let text = '';
  let done = 0;
  for (const match of usage.matchAll(NAME)) {
    const part = parts[match[0]];
    if (part === undefined) continue;
    text += usage.slice(done, match.index);
    at ??= { from: text.length, to: text.length + part.length };
    text += part;
    done = match.index + match[0].length;
  }
  text += usage.slice(done);
  return { text, chosen: at ?? { from: text.length, to: text.length } };
}

/** Where a mistake is to be seen: one between two letters, at one of them. */
export function shownAt({ from, to }: Place, length: number): Place {
  const end = Math.min(Math.max(from, to), length);
  const start = Math.min(from, end);
  if (start < end) return { from: start, to: end };
  if (end < length) return { from: start, to: end + 1 };
  return { from: Math.max(0, start - 1), to: end };
}

export interface Piece {
  text: string;
  wrong: boolean;
}

/** The text in pieces, of which those that a mistake is in are marked. */
export function pieces(text: string, mistakes: readonly Pick<Mistake, 'from' | 'to'>[]): Piece[] {
  const places = mistakes
    .map((mistake) => shownAt(mistake, text.length))
    .sort((a, b) => a.from - b.from);
  const found: Piece[] = [];
  let done = 0;
  const upTo = (end: number, wrong: boolean) => {
    if (end <= done) return;
    found.push({ text: text.slice(done, end), wrong });
    done = end;
  };
  for (const { from, to } of places) {
    upTo(from, false);
    upTo(to, true);
  }
  upTo(text.length, false);
  return found;
}
