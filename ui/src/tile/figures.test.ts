import { describe, expect, it } from 'vitest';
import { figures, formOf, HeldForm, signedFigures } from './figures';

const written = (n: number, ...form: Parameters<typeof formOf>) => {
  const made = formOf(...form);
  return `${figures(n, made)} ${made.unit}`.trim();
};

describe('figures', () => {
  it('have as many decimals as what is shown needs, and not as the value itself', () => {
    expect(written(9.5, [9, 11], false, 'none', null)).toBe('9.50');
    expect(written(12, [9, 11.5], false, 'none', null)).toBe('12.00');
    expect(written(12, [9, 11], true, 'none', null)).toBe('12');
    expect(written(64_000.1, [64_000, 64_000.5], false, 'none', null)).toBe('64,000.100');
    expect(written(0.00123, [0, 0.002], false, 'none', null)).toBe('0.001230');
    expect(written(5, null, false, 'none', null)).toBe('5.000');
  });

  it('have the unit of the greatest that is shown', () => {
    expect(written(900_000, [0, 2e6], false, 'bytes', null)).toBe('0.90 MB');
    expect(written(4.2e9, [1e9, 9e11], false, 'bytes', null)).toBe('4.2 GB');
    expect(written(12, [0, 20], true, 'bytes-per-second', null)).toBe('12 B/s');
    expect(written(37.25, [0, 95], false, 'percent', null)).toBe('37.3 %');
  });

  it('have the decimals that someone asked for', () => {
    expect(written(1.23456, [0, 2], false, 'none', 4)).toBe('1.2346');
    expect(written(37.25, [0, 95], false, 'percent', 0)).toBe('37 %');
    expect(written(1, [0, 2], false, 'none', 99)).toBe('1.000000000');
  });

  it('are a dash where there is nothing, or nothing finite', () => {
    const form = formOf(null, true, 'none', null);
    expect([null, Number.NaN, Number.POSITIVE_INFINITY].map((n) => figures(n, form))).toEqual([
      '–',
      '–',
      '–',
    ]);
  });

  it('say that they are more, but not of what rounds to nothing', () => {
    const form = formOf(null, false, 'percent', null);
    expect([2, -2, 0.01, -0.01].map((n) => signedFigures(n, form))).toEqual([
      '+2.0',
      '−2.0',
      '0.0',
      '0.0',
    ]);
  });
});

describe('the form of a number', () => {
  const MB = formOf([0, 2e6], false, 'bytes', null);
  const kB = formOf([0, 2e3], false, 'bytes', null);

  it('grows at once, and shrinks late', () => {
    const held = new HeldForm();
    expect(held.hold(kB, 0)).toBe(true);
    expect(held.hold(MB, 10)).toBe(true);
    expect(held.hold(kB, 4_000)).toBe(false);
    expect(held.form).toBe(MB);
    expect(held.hold(kB, 6_000)).toBe(true);
    expect(held.form).toBe(kB);
  });

  it('stays while it is needed now and then', () => {
    const held = new HeldForm();
    for (let at = 0; at < 60_000; at += 4_000) {
      held.hold(MB, at);
      expect(held.hold(kB, at + 2_000)).toBe(false);
    }
  });

  it('gets more decimals at once, and loses them late', () => {
    const held = new HeldForm();
    held.hold(formOf([0, 1], true, 'none', null), 0);
    expect(held.hold(formOf([0, 1.5], false, 'none', null), 1)).toBe(true);
    expect(held.hold(formOf([0, 1], true, 'none', null), 2)).toBe(false);
  });
});
