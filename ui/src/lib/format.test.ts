import { describe, expect, it } from 'vitest';
import { narrow } from './format';

describe('a value in a narrow place', () => {
  it('is written whole where there is room', () => {
    expect(narrow(6.78, 'none', 9)).toBe('6.780');
    expect(narrow(123_456, 'none', 9)).toBe('123,456');
    expect(narrow(4_129_030_144, 'none', 13)).toBe('4,129,030,144');
    expect(narrow(null, 'none', 9)).toBe('–');
  });

  it('is written shorter where there is none', () => {
    expect(narrow(4_129_030_144, 'none', 9)).toBe('4.129B');
    expect(narrow(-26_337_280, 'none', 9)).toBe('\u221226.34M');
    expect(narrow(4_129_030_144, 'bytes', 3)).toMatch(/4\.1.*GB/);
    expect(narrow(1e15, 'none', 3)).toBe('1.00e+15');
  });
});
