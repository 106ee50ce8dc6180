import { describe, expect, it } from 'vitest';
import { Writing } from './writing';

describe('a tile', () => {
  it('is written at once, and then at most four times a second', () => {
    const writing = new Writing();
    const written: number[] = [];
    for (let at = 0; at < 1000; at += 10) {
      writing.change();
      if (writing.take(at, true)) written.push(at);
    }
    expect(written).toEqual([0, 250, 500, 750]);
  });

  it('is left alone while nothing comes, but for what grows old', () => {
    const writing = new Writing();
    const written: number[] = [];
    for (let at = 0; at < 3000; at += 10) if (writing.take(at, true)) written.push(at);
    expect(written).toEqual([0, 1000, 2000]);
  });

  it('is written whenever it was asked for, while time stands still, and never else', () => {
    const writing = new Writing();
    writing.take(0, true);
    writing.change();
    expect(writing.take(10, false)).toBe(true);
    expect(writing.take(20, false)).toBe(false);
    expect(writing.take(60_000, false)).toBe(false);
  });

  it('does not wait its turn when all of it is another', () => {
    const writing = new Writing();
    writing.take(0, true);
    writing.renew();
    expect(writing.take(1, true)).toBe(true);
    expect(writing.take(2, true)).toBe(false);
  });

  it('is looked at again when what came may be written, or the next column begins', () => {
    const writing = new Writing();
    writing.take(0, true);
    expect(writing.nextInMs(100, 600)).toBe(600);
    expect(writing.nextInMs(100, 20)).toBe(150);
    writing.change();
    expect(writing.nextInMs(100, 600)).toBe(150);
    expect(writing.nextInMs(900, 600)).toBe(0);
  });
});
