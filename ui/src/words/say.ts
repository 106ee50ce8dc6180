// Says things in the window's language. All texts are in the catalogues, by their meaning; what
// stands in them is checked against `values.ts`, which `npm run words` makes from the English one.

import { IntlMessageFormat } from 'intl-messageformat';
import type { Part } from '../generated/Part';
import type en from './en.json';
import { isLanguage, LANGUAGES, type Language, language } from './language.svelte';
import type { Values } from './values';

export type Key = keyof typeof en;

type Given = Record<string, string | number>;
type Message = (values: Given) => string;

// What the parser calls a piece of text, and a place for a value as it comes.
const LITERAL = 0;
const ARGUMENT = 1;

/** Parsed once each: many are said in every frame. */
const messages = new Map<Language, Map<string, Message | undefined>>();

function message(of: Language, key: string): Message | undefined {
  let known = messages.get(of);
  if (!known) {
    known = new Map();
    messages.set(of, known);
  }
  if (!known.has(key)) known.set(key, parsed(of, key));
  return known.get(key);
}

function parsed(of: Language, key: string): Message | undefined {
  const words: Record<string, string> = LANGUAGES[of].words;
  const text = Object.hasOwn(words, key) ? words[key] : undefined;
  if (text === undefined) return undefined;
  const format = new IntlMessageFormat(text, of, undefined, { ignoreTag: true });
  const pieces = format.getAst();
  // Nearly all are texts with places in them, which need nothing but to be put together.
  if (pieces.every(({ type }) => type === LITERAL || type === ARGUMENT)) {
    const plain = pieces as { type: number; value: string }[];
    return (values) =>
      plain.reduce(
        (said, { type, value }) => said + (type === LITERAL ? value : (values[value] ?? '')),
        '',
      );
  }
  return (values) => String(format.format(values));
}

/** What the window says. Numbers are given as `lib/format` writes them, but where the catalogue
 * chooses by them. */
export function say<K extends Key>(
  key: K,
  ...values: K extends keyof Values ? [Values[K]] : []
): string {
  return message(language(), key)?.((values[0] as Given) ?? {}) ?? key;
}

/** What the application said: in English, and as its parts can be said in other languages. */
export function sayParts(parts: readonly Part[] | undefined, text: string): string {
  if (!parts || parts.length === 0) return text;
  return parts.map(sayPart).join(LANGUAGES[language()].between);
}

function sayPart({ key, values, text }: Part): string {
  const known = key === null ? undefined : message(language(), key);
  if (!known) return text;
  const given: Given = {};
  for (const [name, value] of Object.entries(values)) {
    given[name] = typeof value === 'string' ? value : sayPart(value);
  }
  return known(given);
}

/** Whether a text says this in any language: one that was written before another was chosen. */
export const saysAnywhere = (key: Key, text: string): boolean =>
  Object.keys(LANGUAGES).some((of) => isLanguage(of) && message(of, key)?.({}) === text);

/** The English text, as it is in files that the application wrote. */
export const inEnglish = (key: Key, values: Given = {}): string =>
  message('en', key)?.(values) ?? key;
