// What the numbers stand for that come for a field that holds texts or booleans. The texts are the
// feed's own, and only ever text.

import { say } from '../words/say';

const FALSE = 0;
const TRUE = 1;
const NULL = 2;
const OTHER = 3;
/** The number of the first text; those before it stand for words of ours. */
export const FIRST_TEXT = 4;

export class FieldTexts {
  private readonly texts: string[];
  private other: string | null = null;

  constructor(texts: readonly string[]) {
    this.texts = [...texts];
  }

  /** It has not had a text yet. */
  get areBooleans(): boolean {
    return this.texts.length === 0 && this.other === null;
  }

  learn(code: number, text: string): void {
    if (code === OTHER) this.other = text;
    else if (code >= FIRST_TEXT) this.texts[code - FIRST_TEXT] = text;
  }

  /** What a number stands for, whenever it came. */
  of(code: number): string | undefined {
    switch (code) {
      case FALSE:
        return 'false';
      case TRUE:
        return 'true';
      case NULL:
        return say('text_null');
      case OTHER:
        return say('text_other');
      default:
        return this.texts[code - FIRST_TEXT];
    }
  }

  /** The latest one, in words: what is not told apart from others is known of that alone. */
  latest(code: number): string | undefined {
    if (code === FALSE) return say('value_off');
    if (code === TRUE) return say('value_on');
    return code === OTHER && this.other !== null ? this.other : this.of(code);
  }
}
