// Everything that is written, and every mark that means something, can be made out: the contrast of
// each pair of tokens that is used, in both themes, as WCAG reckons it.

import { describe, expect, it } from 'vitest';
import tokens from './tokens.css?raw';

type Rgb = readonly [number, number, number];

/** The tokens of a theme; the light one changes what it says of the dark. */
function read(light: boolean): Map<string, string> {
  const found = new Map<string, string>();
  const [dark = '', rest = ''] = tokens.split('@media (prefers-color-scheme: light)');
  const parts = light ? [dark, rest.split('@media')[0] ?? ''] : [dark];
  for (const part of parts) {
    for (const [, name, value] of part.matchAll(/--([\w-]+):\s*(#[0-9a-f]+);/g)) {
      if (name && value) found.set(name, value);
    }
  }
  return found;
}

function rgb(hex: string): { color: Rgb; alpha: number } {
  const byte = (at: number) => Number.parseInt(hex.slice(at, at + 2), 16);
  return { color: [byte(1), byte(3), byte(5)], alpha: hex.length > 7 ? byte(7) / 255 : 1 };
}

const over = (top: { color: Rgb; alpha: number }, below: Rgb): Rgb =>
  top.color.map((part, n) => part * top.alpha + (below[n] ?? 0) * (1 - top.alpha)) as [
    number,
    number,
    number,
  ];

function luminance(color: Rgb): number {
  const [r = 0, g = 0, b = 0] = color.map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(one: Rgb, other: Rgb): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

const SURFACES = ['background', 'panel', 'raised', 'hover'] as const;
/** What words are written in, wherever they stand. */
const WORDS = ['text', 'text-muted', 'text-faint', 'accent', 'good', 'warn', 'bad'] as const;
/** What is drawn, and has to be told from what lies under it. */
const DRAWN = [
  ...Array.from({ length: 8 }, (_, n) => `series-${n}`),
  ...['outage', 'silence', 'missing', 'undecodable', 'overflow', 'closed'].map((c) => `gap-${c}`),
];
const AA = { words: 4.5, drawn: 3 };

describe.each([
  ['dark', false],
  ['light', true],
] as const)('the %s theme', (_, light) => {
  const found = read(light);
  const at = (name: string): Rgb => {
    const hex = found.get(name);
    if (!hex) throw new Error(`There is no colour --${name}.`);
    return rgb(hex).color;
  };
  const pairs = (tops: readonly string[], belows: readonly string[], least: number) =>
    tops.flatMap((top) =>
      belows.flatMap((below) => {
        const reached = contrast(at(top), at(below));
        return reached < least ? [`${top} on ${below}: ${reached.toFixed(2)}`] : [];
      }),
    );

  it('has words that can be read', () => {
    expect(pairs(WORDS, SURFACES, AA.words)).toEqual([]);
    expect(pairs(['text'], ['pressed'], AA.words)).toEqual([]);
    expect(pairs(['on-accent'], ['accent'], AA.words)).toEqual([]);
    const raw = ['json-string', 'json-number', 'json-word'];
    expect(pairs(raw, ['background', 'panel', 'hover'], AA.words)).toEqual([]);
  });

  it('has words that can be read where something is chosen', () => {
    const chosen = over(rgb(found.get('accent-quiet') ?? ''), at('panel'));
    const poor = ['text', 'text-muted'].filter((top) => contrast(at(top), chosen) < AA.words);
    expect(poor).toEqual([]);
  });

  it('draws what can be seen', () => {
    expect(pairs(DRAWN, ['background', 'panel'], AA.drawn)).toEqual([]);
    expect(pairs(['accent'], SURFACES, AA.drawn)).toEqual([]);
  });
});
