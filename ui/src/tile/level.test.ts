import { describe, expect, it } from 'vitest';
import type { Mark } from '../generated/Mark';
import { inOrder, levelWord, reached, segments } from './level';

const mark = (value: number, level: Mark['level'], label: string | null = null): Mark => ({
  value,
  level,
  label,
});
const marks = inOrder([
  mark(90, 'bad'),
  mark(Number.NaN, 'bad'),
  mark(0, 'good'),
  mark(70, 'warn'),
]);

describe('a level', () => {
  it('holds from its mark on, up to the next', () => {
    const level = (value: number | null) => reached(marks, value)?.level ?? null;
    expect([-1, 0, 69.9, 70, 90, 1e9, null].map(level)).toEqual([
      null,
      'good',
      'good',
      'warn',
      'bad',
      'bad',
      null,
    ]);
  });

  it('is said in a word, its own or that of its mark', () => {
    expect(levelWord(reached(marks, 95))).toBe('critical');
    expect(levelWord(mark(1, 'bad', 'Too hot'))).toBe('Too hot');
    expect(levelWord(mark(1, 'neutral'))).toBe('');
    expect(levelWord(null)).toBe('');
  });

  it('has its part of a range, cut where the range ends', () => {
    expect(segments(marks, [-50, 80])).toEqual([
      { from: 0, to: 70, level: 'good' },
      { from: 70, to: 80, level: 'warn' },
    ]);
    expect(segments(marks, [75, 100])).toEqual([
      { from: 75, to: 90, level: 'warn' },
      { from: 90, to: 100, level: 'bad' },
    ]);
    expect(segments([mark(10, 'neutral'), mark(20, 'bad')], [0, 30])).toEqual([
      { from: 20, to: 30, level: 'bad' },
    ]);
  });
});
