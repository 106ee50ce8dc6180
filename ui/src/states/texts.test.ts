import { describe, expect, it } from 'vitest';
import { colorOf, STATE_COLORS, StateNames } from './texts';

const series = { feed: 'f', channel: 'c', path: 'p' };
const FIRST = 4;
const named = (texts: readonly string[]) => {
  const names = new StateNames(
    {
      textOf: (_feed, _channel, _path, n) => (n < FIRST ? ['false', 'true'][n] : texts[n - FIRST]),
    },
    series,
  );
  return { of: (n: number) => names.of(FIRST + n) };
};

describe('a state', () => {
  it('is called what the feed called it', () => {
    expect(named(['idle']).of(0)).toMatchObject({ text: 'idle', on: null });
  });

  it('of a boolean is on or off', () => {
    const door = named(['false']);
    expect(door.of(1 - FIRST)).toMatchObject({ text: 'on', on: true });
    expect(door.of(0 - FIRST)).toMatchObject({ text: 'off', on: false });
    // Some spell it out.
    expect(door.of(0)).toMatchObject({ text: 'off', on: false });
  });

  it('that nobody knows a text of is its number, until one comes', () => {
    const texts: string[] = [];
    const states = named(texts);
    expect(states.of(0)).toMatchObject({ text: '4', on: null });
    texts.push('idle');
    expect(states.of(0).text).toBe('idle');
    expect(new StateNames({}, series).of(503).text).toBe('503');
  });

  it('is not longer than can be shown', () => {
    expect(named(['x'.repeat(1e6)]).of(0).text.length).toBeLessThan(1000);
  });

  it('has the colour of its text in every series', () => {
    expect(named(['running']).of(0).color).toBe(colorOf('running'));
    expect(named(['running', 'idle']).of(0).color).toBe(colorOf('running'));
  });

  it('has a colour of its own while there are any, and never a number that is none', () => {
    const texts = Array.from({ length: 40 }, (_, n) => `state ${n * n}`);
    const states = named(texts);
    const colors = texts.map((_, n) => states.of(n).color);
    expect(new Set(colors.slice(0, STATE_COLORS)).size).toBe(STATE_COLORS);
    for (const color of colors) expect(color).toBeLessThan(STATE_COLORS);
    // Which was asked for first does not matter.
    expect(texts.map((_, n) => named(texts).of(n).color)).toEqual(colors);
    expect(named(texts).of(-3.5).color).toBeLessThan(STATE_COLORS);
  });
});
