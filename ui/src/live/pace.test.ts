import { describe, expect, it } from 'vitest';
import { Pace } from './pace';

/** Frames of 16 ms; updates are on their way for as long as `trip` says. Gives the last wait. */
function run(frames: number, trip: (n: number) => number): { wait: number; late: number } {
  const pace = new Pace();
  let wait = 0;
  let late = 0;
  for (let n = 0; n < frames; n += 1) {
    const frameAt = n * 16;
    pace.frame(frameAt);
    wait = pace.wait(frameAt + 1);
    const heardAt = frameAt + 1 + wait + trip(n);
    pace.heard(heardAt);
    if (heardAt > frameAt + 16) late += 1;
  }
  return { wait, late };
}

describe('the pace of updates', () => {
  it('leaves as much time as an update needs on its way, and little more', () => {
    const { wait } = run(200, () => 3);
    expect(wait).toBeGreaterThan(8);
    expect(wait + 1 + 3).toBeLessThanOrEqual(16);
  });

  it('waits less where the way is long, and for a later frame where it is longer than one', () => {
    expect(run(200, () => 8).wait).toBeLessThan(run(200, () => 3).wait);
    const { wait } = run(200, () => 40);
    expect(1 + wait + 40).toBeLessThanOrEqual(48);
    expect(1 + wait + 40).toBeGreaterThan(32);
  });

  it('knows how long a frame is, though frames are left out', () => {
    const pace = new Pace();
    for (let n = 0; n < 100; n += 1) {
      pace.frame(n * 48);
      pace.heard(n * 48 + 1 + pace.wait(n * 48 + 1) + 3);
    }
    pace.frame(4_800);
    expect(pace.wait(4_801)).toBeLessThan(16);
  });

  it('seldom misses a frame where the way is now short, now long', () => {
    const { late } = run(1_000, (n) => 2 + ((n * 7919) % 4));
    expect(late).toBeLessThan(20);
  });

  it('waits for nothing at first, and after a pause', () => {
    const pace = new Pace();
    pace.frame(0);
    expect(pace.wait(1)).toBe(0);
    for (let n = 0; n < 100; n += 1) {
      pace.frame(n * 16);
      pace.heard(n * 16 + 1 + pace.wait(n * 16 + 1) + 2);
    }
    expect(pace.wait(5_000)).toBe(0);
  });
});
