// What a value is worth, by the marks that someone has set.

import type { Level } from '../generated/Level';
import type { Mark } from '../generated/Mark';
import { say } from '../words/say';

/** In ascending order, without those that are no numbers. */
export const inOrder = (marks: readonly Mark[]): Mark[] =>
  marks.filter(({ value }) => Number.isFinite(value)).sort((a, b) => a.value - b.value);

/** The mark that a value has reached, of marks in order; `null` below all of them. */
export function reached(marks: readonly Mark[], value: number | null): Mark | null {
  let found: Mark | null = null;
  if (value === null) return null;
  for (const mark of marks) if (value >= mark.value) found = mark;
  return found;
}

const WORDS = { good: 'level_good', warn: 'level_warn', bad: 'level_bad' } as const;

/** The level as a word: colour alone says nothing to many. */
export function levelWord(mark: Mark | null): string {
  if (!mark) return '';
  if (mark.label) return mark.label;
  return mark.level === 'neutral' ? '' : say(WORDS[mark.level]);
}

/** What the marks part a range into. */
export interface Segment {
  from: number;
  to: number;
  level: Level;
}

export function segments(marks: readonly Mark[], [least, greatest]: [number, number]): Segment[] {
  const found: Segment[] = [];
  marks.forEach(({ value, level }, n) => {
    const from = Math.max(least, value);
    const to = Math.min(greatest, marks[n + 1]?.value ?? greatest);
    if (level !== 'neutral' && from < to) found.push({ from, to, level });
  });
  return found;
}
