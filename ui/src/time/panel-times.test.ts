import { describe, expect, it } from 'vitest';
import { newPanel } from '../board/kinds';
import type { Panel } from '../generated/Panel';
import { TimeWindow } from '../live/time-window';
import { PanelTimes } from './panel-times.svelte';

const panel = (id: string, spanMs?: number): Panel => ({
  ...newPanel('table', id, 'none', []),
  id,
  ...(spanMs !== undefined && { time: { span_ms: spanMs } }),
});

describe('the times of panels', () => {
  const shared = () => {
    const time = new TimeWindow();
    time.heard(1_000_000_000);
    return time;
  };

  it('are that of all, but for those that the board says', () => {
    const all = shared();
    const times = new PanelTimes(all);
    times.take('b', [panel('one'), panel('two', 7_200_000)]);
    expect(times.of('one')).toBe(all);
    expect(times.of(null)).toBe(all);
    expect(times.owned('one')).toBeUndefined();
    const own = times.of('two');
    expect(own).not.toBe(all);
    expect([own.spanMs, own.following]).toEqual([7_200_000, true]);
    // An undo says another span; the panel goes on where it is.
    times.take('b', [panel('one'), panel('two', 60_000)]);
    expect(times.of('two')).toBe(own);
    expect(own.spanMs).toBe(60_000);
    times.take('b', [panel('one'), panel('two')]);
    expect(times.of('two')).toBe(all);
  });

  it('begin where the shared one is, and leave it alone', () => {
    const all = shared();
    const times = new PanelTimes(all);
    all.setSpan(10_000);
    all.pause();
    const before = all.range(1, 1);
    expect(times.leave('one')).toBe(10_000);
    const own = times.of('one');
    expect(own.range(1, 1)).toEqual(before);
    own.pan(-5_000);
    own.zoomMiddle(0.5);
    expect(all.range(1, 1)).toEqual(before);
    all.follow();
    expect(own.following).toBe(false);
    times.rejoin('one');
    expect(times.of('one')).toBe(all);
  });

  it('are by the same of the two times of a sample', () => {
    const all = shared();
    const times = new PanelTimes(all);
    times.leave('one');
    all.setAxis('arrival');
    expect(times.of('one').axis).toBe('arrival');
    times.take('b', [panel('one', 1_000)]);
    expect(times.of('one').axis).toBe('arrival');
  });

  it('of another board are others, though its panels have the same ids', () => {
    const times = new PanelTimes(shared());
    times.take('b', [panel('one', 1_000)]);
    const before = times.of('one');
    before.pause();
    times.take('c', [panel('one', 1_000)]);
    expect(times.of('one')).not.toBe(before);
    expect(times.of('one').following).toBe(true);
  });
});
