import { describe, expect, it } from 'vitest';
import { ROW_PX, sights } from './sight';

describe('the rows of a table', () => {
  it('are all there, up to a couple of hundred', () => {
    const { kept, seen } = sights(200, 10 * ROW_PX, 5 * ROW_PX);
    expect(kept).toEqual({ from: 0, to: 200 });
    expect(seen).toEqual({ from: 10, to: 15 });
  });

  it('are beyond that those in sight, and a few to either side', () => {
    const { kept, seen } = sights(1000, 100 * ROW_PX + 1, 5 * ROW_PX);
    expect(seen).toEqual({ from: 100, to: 106 });
    expect(kept.from).toBeLessThan(seen.from);
    expect(kept.to).toBeGreaterThan(seen.to);
    expect(kept.to - kept.from).toBeLessThan(50);
  });

  it('end where the table does, also when it has become shorter than it was scrolled', () => {
    expect(sights(1000, 998 * ROW_PX, 500).kept.to).toBe(1000);
    const { kept, seen } = sights(300, 900 * ROW_PX, 500);
    expect([seen.from, seen.to, kept.to]).toEqual([300, 300, 300]);
    expect(sights(0, 0, 500).seen).toEqual({ from: 0, to: 0 });
  });
});
