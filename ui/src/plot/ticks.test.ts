import { describe, expect, it } from 'vitest';
import { change, clock, duration, latency, rate, short, tick, value } from '../lib/format';
import { logTicks, roundLogRange, roundRange, timeTicks, valueTicks } from './ticks';

const plain = (text: string) => text.replaceAll('\u202f', ' ');

describe('time ticks', () => {
  it('stand on round times', () => {
    const { at, step } = timeTicks(3_500, 63_500, 6, 0);
    expect(step).toBe(10_000);
    expect(at).toEqual([10_000, 20_000, 30_000, 40_000, 50_000, 60_000]);
  });

  it('stand on round local times, also where zones are off by 45 minutes', () => {
    const offset = 345 * 60_000;
    const { at, step } = timeTicks(0, 24 * 3_600_000, 8, offset);
    expect(step).toBe(3 * 3_600_000);
    for (const tick of at) expect((tick + offset) % step).toBe(0);
  });

  it('are never more than asked for, from a millisecond to ten years', () => {
    for (let span = 1; span < 10 * 365 * 86_400_000; span *= 1.7) {
      const { at } = timeTicks(1_700_000_000_123, 1_700_000_000_123 + span, 8, 0);
      expect(at.length).toBeLessThanOrEqual(9);
    }
  });
});

describe('value ticks', () => {
  it('stand on round values, without the noise of binary fractions', () => {
    expect(valueTicks(0, 0.35, 4).at).toEqual([0, 0.1, 0.2, 0.3]);
    expect(valueTicks(-1, 1, 4).at).toEqual([-1, -0.5, 0, 0.5, 1]);
  });

  it('have a range that holds all values and is not empty', () => {
    for (const extent of [
      [5, 5],
      [0, 0],
      [-3, -3],
      [1e-9, 2e-9],
      [64_000.1, 64_000.2],
    ] as const) {
      const [least, greatest] = roundRange([extent[0], extent[1]]);
      expect(least).toBeLessThanOrEqual(extent[0]);
      expect(greatest).toBeGreaterThanOrEqual(extent[1]);
      expect(greatest).toBeGreaterThan(least);
    }
  });

  it('have a range that starts at zero where values come near it', () => {
    expect(roundRange([1, 9])[0]).toBe(0);
    expect(roundRange([90, 100])[0]).toBeGreaterThan(0);
    expect(roundRange([0, 0])).toEqual([0, 1]);
  });
});

describe('numbers', () => {
  it('are written with their unit', () => {
    expect(plain(value(37.25, 'percent'))).toBe('37.3 %');
    expect(plain(value(1_234_567, 'bytes'))).toBe('1.2 MB');
    expect(plain(value(999_960, 'bytes-per-second'))).toBe('1.0 MB/s');
    expect(plain(value(84_000, 'bytes-per-second'))).toBe('84.0 kB/s');
    expect(value(64_000.123, 'none')).toBe('64,000.12');
    expect(value(-0.001234, 'none')).toBe('−0.001234');
    expect(value(12, 'none')).toBe('12');
    // Where numbers stream, zeros keep their neighbours in place; where one stands still, they do
    // not.
    expect(value(0.05, 'none')).toBe('0.05000');
    expect(short(0.05)).toBe('0.05');
    expect(short(-1234.5)).toBe('−1,234.5');
    expect(short(2 / 3)).toBe('0.6667');
    expect(short(Number.POSITIVE_INFINITY)).toBe('–');
    expect(value(null, 'none')).toBe('–');
    expect(value(Number.NaN, 'bytes')).toBe('–');
  });

  it('on an axis have the decimals that their step needs', () => {
    expect(tick(0.5, 'none', 0.05, 1)).toBe('0.50');
    expect(plain(tick(1_500_000, 'bytes', 500_000, 2_000_000))).toBe('1.5 MB');
    expect(plain(tick(20, 'percent', 20, 100))).toBe('20 %');
    expect(tick(64_000.5, 'none', 0.5, 64_001)).toBe('64,000.5');
    expect(plain(tick(50_000, 'none', 10_000, 60_000))).toBe('50 k');
  });

  it('that are changes have a sign, unless there is none', () => {
    const said = (before: number, after: number) => plain(change(before, after));
    expect(said(100, 100.123)).toBe('+0.12 %');
    expect(said(64_000, 63_000)).toBe('−1.56 %');
    expect(said(-10, -5)).toBe('+50.00 %');
    expect(said(100, 99.999)).toBe('0.00 %');
    expect(said(0, 5)).toBe('–');
  });

  it('that are lengths of time have their two largest units', () => {
    expect(plain(duration(0))).toBe('0 s');
    expect(plain(duration(850))).toBe('850 ms');
    expect(plain(duration(4_210))).toBe('4.2 s');
    expect(plain(duration(59_990))).toBe('1 min');
    expect(plain(duration(200_000))).toBe('3 min 20 s');
    expect(plain(duration(11_520_000))).toBe('3 h 12 m');
    expect(plain(latency(0.42))).toBe('0.4 ms');
    expect(plain(latency(-3))).toBe('−3 ms');
  });

  it('that are rates stay short', () => {
    expect([0, 0.5, 80, 9_994, 12_400, 250_000].map(rate)).toEqual([
      '0/s',
      '0.5/s',
      '80/s',
      '9,994/s',
      '12.4k/s',
      '250k/s',
    ]);
  });

  it('that are times are as fine as asked for', () => {
    const at = new Date(2026, 10, 21, 14, 1, 2, 345).getTime();
    expect(clock(at, 60_000)).toBe('14:01');
    expect(clock(at, 1000)).toBe('14:01:02');
    expect(clock(at, 100)).toBe('14:01:02.3');
    expect(clock(at, 1)).toBe('14:01:02.345');
  });
});

describe('a range of factors', () => {
  it('ends on 1, 2 or 5 times a power of ten, and holds what is in view', () => {
    expect(roundLogRange([3, 700])).toEqual([2, 1000]);
    expect(roundLogRange([0.011, 0.4])).toEqual([0.01, 0.5]);
    expect(roundLogRange([5, 5])).toEqual([2.5, 10]);
  });

  it('is one even where nothing is above zero', () => {
    expect(roundLogRange(null)).toEqual([0.1, 10]);
    expect(roundLogRange([-5, 0])).toEqual([0.1, 10]);
    expect(roundLogRange([-5, 40])).toEqual([2, 50]);
  });

  it('has ticks at powers of ten, at more where there is room, at fewer where there is not', () => {
    expect(logTicks(1, 100, 4).at).toEqual([1, 10, 100]);
    expect(logTicks(1, 100, 8).at).toEqual([1, 2, 5, 10, 20, 50, 100]);
    expect(logTicks(1e-6, 1e6, 5).at).toEqual([1e-6, 1e-3, 1, 1e3, 1e6]);
  });
});
