import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Asking, restMs } from './asking';

describe('asking', () => {
  beforeEach(() => {
    vi.useFakeTimers();
    vi.stubGlobal('document', { hidden: false });
    vi.stubGlobal('window', {
      setTimeout: (...given: Parameters<typeof setTimeout>) => setTimeout(...given),
    });
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  const asking = (tookMs: number, repeats = true) => {
    let asked = 0;
    let troubles = 0;
    const made = new Asking(
      async () => {
        asked += 1;
        await new Promise((resolve) => setTimeout(resolve, tookMs));
        if (tookMs === 13) throw new Error('no');
      },
      () => repeats,
      () => {
        troubles += 1;
      },
    );
    return { made, asked: () => asked, troubles: () => troubles };
  };

  it('goes on four times a second at most, and less where answers take long', async () => {
    const quick = asking(1);
    const slow = asking(200);
    quick.made.now();
    slow.made.now();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(quick.asked()).toBeGreaterThan(35);
    expect(quick.asked()).toBeLessThanOrEqual(41);
    expect(slow.asked()).toBeLessThanOrEqual(11);
    expect(restMs(200)).toBe(1000);
  });

  it('asks once where nothing can change', async () => {
    const once = asking(1, false);
    once.made.now();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(once.asked()).toBe(1);
  });

  it('asks nothing for what is not seen or gone, and at once for what is seen again', async () => {
    const { made, asked } = asking(1);
    made.setVisible(false);
    made.now();
    made.soon();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(asked()).toBe(0);
    made.setVisible(true);
    expect(asked()).toBe(1);
    made.destroy();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(asked()).toBe(1);
  });

  it('asks once more, and no more, for all that is wanted while an answer is awaited', async () => {
    const { made, asked } = asking(100, false);
    for (let n = 0; n < 20; n += 1) made.now();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(asked()).toBe(2);
  });

  it('takes its time for what is there to know while an answer is awaited, and asks then', async () => {
    const { made, asked } = asking(100, false);
    made.now();
    await vi.advanceTimersByTimeAsync(50);
    made.soon();
    await vi.advanceTimersByTimeAsync(440);
    expect(asked()).toBe(1);
    await vi.advanceTimersByTimeAsync(20);
    expect(asked()).toBe(2);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(asked()).toBe(2);
  });

  it('is slow to ask again what failed, and says so', async () => {
    const { made, asked, troubles } = asking(13);
    made.now();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(asked()).toBeLessThan(6);
    expect(troubles()).toBe(asked());
  });
});
