import { afterEach, describe, expect, it } from 'vitest';
import { setZone } from '../lib/format';
import { readMoment, writeMoment } from './moment-text';

describe('a moment in a field', () => {
  afterEach(() => setZone('local'));

  it('is read as it is written, in either zone', () => {
    for (const zone of ['utc', 'local'] as const) {
      setZone(zone);
      for (const ms of [0, 1_795_266_000_123, 1_774_746_000_000, 1_792_890_000_000]) {
        expect(readMoment(writeMoment(ms))).toBe(ms);
      }
    }
    setZone('utc');
    expect(writeMoment(1_795_266_000_123)).toBe('2026-11-21 13:00:00.123');
  });

  it('can be written with less', () => {
    setZone('utc');
    expect(readMoment('2026-11-21 13:00')).toBe(1_795_266_000_000);
    expect(readMoment(' 2026-11-21T13:00:05,5 ')).toBe(1_795_266_005_500);
    expect(readMoment('2026-1-2 3:04:05')).toBe(Date.UTC(2026, 0, 2, 3, 4, 5));
  });

  it('is none if there is no such', () => {
    for (const text of ['', 'now', '2026-02-30 00:00', '2026-13-01 00:00', '2026-01-01 24:00']) {
      expect(readMoment(text)).toBeNull();
    }
    expect(readMoment('2026-01-01 10:60:00')).toBeNull();
    expect(readMoment('2026-01-01')).toBeNull();
  });
});
