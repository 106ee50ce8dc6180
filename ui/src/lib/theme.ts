// The tokens that a canvas needs, which cannot use CSS variables: read once, and again when the
// system turns dark or light.

import type { Cause } from '../generated/Cause';
import type { Level } from '../generated/Level';
import { onLanguage } from '../words/language.svelte';

export interface Theme {
  dark: boolean;
  text: string;
  muted: string;
  grid: string;
  background: string;
  series: string[];
  /** From the least to the greatest of what is shown by colour. */
  ramp: string[];
  up: string;
  down: string;
  levels: Record<Level, string>;
  gaps: Record<Cause, string>;
  font: string;
}

export const SERIES_COUNT = 8;
const RAMP_COUNT = 9;
const darkWanted = matchMedia('(prefers-color-scheme: dark)');

function read(): Theme {
  const style = getComputedStyle(document.documentElement);
  const token = (name: string) => style.getPropertyValue(`--${name}`).trim();
  return {
    dark: darkWanted.matches,
    text: token('text'),
    muted: token('text-muted'),
    grid: token('grid'),
    background: token('background'),
    series: Array.from({ length: SERIES_COUNT }, (_, n) => token(`series-${n}`)),
    ramp: Array.from({ length: RAMP_COUNT }, (_, n) => token(`ramp-${n}`)),
    up: token('candle-up'),
    down: token('candle-down'),
    levels: {
      neutral: token('text-muted'),
      good: token('good'),
      warn: token('warn'),
      bad: token('bad'),
    },
    gaps: {
      outage: token('gap-outage'),
      silence: token('gap-silence'),
      missing: token('gap-missing'),
      undecodable: token('gap-undecodable'),
      overflow: token('gap-overflow'),
      closed: token('gap-closed'),
    },
    font: token('font-words'),
  };
}

let current: Theme | null = null;

export function theme(): Theme {
  current ??= read();
  return current;
}

/** Hears when the colours change, or the language and its fonts, or these have come: all of it changes
 * what is drawn by hand. */
export function onTheme(changed: () => void): () => void {
  const again = () => {
    current = null;
    changed();
  };
  let over = false;
  darkWanted.addEventListener('change', again);
  const offLanguage = onLanguage(again);
  document.fonts.ready.then(() => {
    if (!over) changed();
  });
  return () => {
    over = true;
    darkWanted.removeEventListener('change', again);
    offLanguage();
  };
}

/** Colours come in eight; a ninth trace is told from the first by its dashes. */
export const seriesColor = (color: number): string => theme().series[color % SERIES_COUNT] ?? '';
export const seriesDashed = (color: number): boolean => color >= SERIES_COUNT;
/** The same colour for CSS, which follows the theme by itself. */
export const seriesVariable = (color: number): string => `var(--series-${color % SERIES_COUNT})`;
