// What stands in a text of a catalogue: for the tests, and for what is made by them, `values.ts`.

import { IntlMessageFormat } from 'intl-messageformat';

/** What the parser calls a number, a choice of words by name, and one by number. */
const NUMBER = 2;
const SELECT = 5;
const PLURAL = 6;
const LITERAL = 0;
const POUND = 7;

interface Piece {
  type: number;
  value?: string;
  options?: Record<string, { value: Piece[] }>;
}

/** The names of its values and their types, by name. */
export function valuesOf(text: string): [string, 'number' | 'string'][] {
  const found = new Map<string, 'number' | 'string'>();
  const walk = (pieces: Piece[]) => {
    for (const { type, value, options } of pieces) {
      if (value !== undefined && type !== LITERAL && type !== POUND) {
        found.set(value, type === NUMBER || type === PLURAL ? 'number' : 'string');
      }
      if (type === SELECT || type === PLURAL) {
        for (const option of Object.values(options ?? {})) walk(option.value);
      }
    }
  };
  const format = new IntlMessageFormat(text, 'en', undefined, { ignoreTag: true });
  walk(format.getAst() as Piece[]);
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** `values.ts` as it is to be. */
export function typesOf(catalogue: Record<string, string>): string {
  const lines = Object.entries(catalogue).flatMap(([key, text]) => {
    const values = valuesOf(text).map(([name, type]) => `${name}: ${type}`);
    return values.length === 0 ? [] : [`  ${key}: { ${values.join('; ')} };`];
  });
  return [
    '// Made by `npm run words` from en.json: what stands in each text that is not only text.',
    '',
    'export interface Values {',
    ...lines,
    '}',
    '',
  ].join('\n');
}
