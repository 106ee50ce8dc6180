// What states are called. The values of a series are numbers; those of a text or a boolean name it.

import { FIRST_TEXT } from '../feeds/field-texts';
import { value } from '../lib/format';
import { say } from '../words/say';

/** Knows the texts that numbers stand for. */
export interface Texts {
  /** `undefined` where the number is but a number. */
  textOf(feed: string, channel: string, path: string, number: number): string | undefined;
}

type Series = { feed: string; channel: string; path: string };

/** What a state is: a text as the feed sent it, one of a boolean, or a number. */
export interface State {
  text: string;
  /** Whether it is on, where it can only be on or off. */
  on: boolean | null;
  /** Which of the series colours it has. */
  color: number;
}

export const STATE_COLORS = 8;
const TEXT_MAX = 200;
// Texts are numbered as they come; so many before one are looked at for a colour that is free.
const BEFORE_MAX = 32;
const KNOWN_MAX = 4096;

/** The states of one series. */
export class StateNames {
  private readonly known = new Map<number, State>();

  constructor(
    private readonly texts: Partial<Texts>,
    private readonly series: Series,
  ) {}

  /** What a number stands for; the number itself where nobody knows better. */
  of(n: number): State {
    const known = this.known.get(n);
    if (known) return known;
    const text = this.textOf(n);
    if (text === undefined) {
      // Its text may still come.
      const said = value(n, 'none');
      return { text: said, on: null, color: colorOf(said) };
    }
    const state = this.named(n, text);
    if (this.known.size >= KNOWN_MAX) this.known.clear();
    this.known.set(n, state);
    return state;
  }

  private named(n: number, text: string): State {
    const color = this.freeColor(n, text);
    if (text === 'true') return { text: say('value_on'), on: true, color };
    if (text === 'false') return { text: say('value_off'), on: false, color };
    return { text: text.slice(0, TEXT_MAX), on: null, color };
  }

  /** The text's own colour, or the next one that none of those before it in this series has. */
  private freeColor(n: number, text: string): number {
    const taken: number[] = [];
    // The words that may stand before texts are not those of this series.
    const first = n < FIRST_TEXT ? 0 : FIRST_TEXT;
    for (let before = Math.max(first, Math.ceil(n) - BEFORE_MAX); before < n; before += 1) {
      const other = this.textOf(before);
      if (other !== undefined) taken.push(free(colorOf(other), taken));
    }
    return free(colorOf(text), taken);
  }

  private textOf(n: number): string | undefined {
    const { channel, feed, path } = this.series;
    return this.texts.textOf?.(feed, channel, path, n);
  }
}

function free(color: number, taken: readonly number[]): number {
  if (taken.length >= STATE_COLORS) return color;
  let found = color;
  while (taken.includes(found)) found = (found + 1) % STATE_COLORS;
  return found;
}

/** The same for the same text, wherever and whenever. */
export function colorOf(text: string): number {
  // FNV-1a: short, and spreads what differs by a letter.
  let hash = 0x811c9dc5;
  for (let n = 0; n < text.length; n += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(n), 0x01000193) >>> 0;
  }
  // Its low bits alone are poor.
  return ((hash ^ (hash >>> 15)) >>> 0) % STATE_COLORS;
}
