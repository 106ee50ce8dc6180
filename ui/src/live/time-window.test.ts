import { afterEach, describe, expect, it, vi } from 'vitest';
import { OneAtATime } from '../lib/one-at-a-time';
import { TimeWindow } from './time-window';

describe('the time window', () => {
  const following = () => {
    const time = new TimeWindow();
    time.heard(1_000_000_050);
    return time;
  };

  it('ends with the column of now while it follows, and is a whole number of columns', () => {
    const { fromMs, toMs } = following().range(1000, 60);
    expect(toMs % 1000).toBe(0);
    expect(toMs).toBeGreaterThan(1_000_000_050);
    expect(toMs - fromMs).toBe(60_000);
  });

  it('stands still once paused, and comes back to the present', () => {
    const time = following();
    time.pause();
    const before = time.range(1000, 60);
    time.heard(1_000_060_000);
    expect(time.range(1000, 60)).toEqual(before);
    time.follow();
    expect(time.range(1000, 60).toMs).toBeGreaterThan(1_000_060_000);
  });

  it('zooms around a moment that stays where it is', () => {
    const time = following();
    time.pause();
    const { fromMs, toMs } = time.range(1, 1);
    const around = fromMs + (toMs - fromMs) / 4;
    time.zoom(around, 0.5);
    const after = time.range(1, 1);
    expect((around - after.fromMs) / (after.toMs - after.fromMs)).toBeCloseTo(0.25);
    expect(after.toMs - after.fromMs).toBeCloseTo((toMs - fromMs) / 2);
  });

  it('can be lost neither in the future nor by endless zooming', () => {
    const time = following();
    time.pan(1e15);
    expect(time.range(1, 1).fromMs).toBeLessThan(1_000_010_000);
    for (let n = 0; n < 200; n += 1) time.zoom(1_000_000_000, 0.5);
    expect(time.shownMs).toBeCloseTo(100);
    for (let n = 0; n < 200; n += 1) time.zoom(1_000_000_000, 2);
    expect(time.shownMs).toBeCloseTo(7 * 86_400_000);
  });

  it('of its own goes by the clock of the other, and by nothing else of it', () => {
    const shared = following();
    const own = new TimeWindow(shared);
    own.load(5_000, 'source');
    expect(own.nowMs()).toBeCloseTo(shared.nowMs(), -2);
    shared.heard(1_000_100_000);
    expect(own.nowMs()).toBeGreaterThanOrEqual(1_000_100_000);
    own.zoom(1_000_099_000, 0.5);
    expect([shared.following, own.following]).toEqual([true, false]);
    const before = own.range(1, 1);
    shared.pan(-30_000);
    shared.setSpan(300_000);
    expect(own.range(1, 1)).toEqual(before);
  });

  it('does not wobble back when updates come late', () => {
    const time = following();
    const now = time.nowMs();
    time.heard(now - 300);
    expect(time.nowMs()).toBeGreaterThanOrEqual(now);
  });
});

describe('back and forward', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  const started = () => {
    vi.useFakeTimers({ toFake: ['performance', 'Date'] });
    const time = new TimeWindow();
    time.heard(1_000_000_000);
    return time;
  };
  const later = () => vi.advanceTimersByTime(5_000);

  it('lead through what was shown, and back to the present', () => {
    const time = started();
    time.show(1_000, 2_000);
    later();
    time.show(5_000, 9_000);
    time.back();
    expect(time.range(1, 1)).toEqual({ fromMs: 1_000, toMs: 2_000 });
    time.back();
    expect(time.following).toBe(true);
    expect(time.canGoBack).toBe(false);
    time.back();
    time.forward();
    time.forward();
    expect(time.range(1, 1)).toEqual({ fromMs: 5_000, toMs: 9_000 });
    expect(time.canGoForward).toBe(false);
  });

  it('take a drag for one step', () => {
    const time = started();
    time.show(1_000, 2_000);
    later();
    for (let n = 0; n < 30; n += 1) {
      time.pan(10);
      vi.advanceTimersByTime(16);
    }
    time.back();
    expect(time.range(1, 1)).toEqual({ fromMs: 1_000, toMs: 2_000 });
  });

  it('forget what was ahead when something else is shown', () => {
    const time = started();
    time.show(1_000, 2_000);
    later();
    time.back();
    time.show(3_000, 4_000);
    expect(time.canGoForward).toBe(false);
  });

  it('bring back the span that was followed', () => {
    const time = started();
    time.setSpan(300_000);
    time.back();
    expect(time.spanMs).toBe(60_000);
  });

  it('remember no more than is ever gone back', () => {
    const time = started();
    for (let n = 0; n < 500; n += 1) {
      time.show(n, n + 1_000);
      later();
    }
    let steps = 0;
    for (; time.canGoBack; steps += 1) time.back();
    expect(steps).toBe(50);
  });
});

describe('one request at a time', () => {
  it('collapses the wishes that come meanwhile into the last', async () => {
    let runs = 0;
    let release: () => void = () => {};
    const work = new OneAtATime(() => {
      runs += 1;
      return new Promise((resolve) => {
        release = resolve;
      });
    });
    for (let n = 0; n < 10; n += 1) work.ask();
    expect(runs).toBe(1);
    const first = release;
    first();
    await expect.poll(() => runs).toBe(2);
    release();
    work.ask();
    await expect.poll(() => runs).toBe(3);
  });
});
