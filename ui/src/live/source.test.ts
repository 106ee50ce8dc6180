import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import * as host from '$host';
import { encoded } from '../dev/encoded';
import type { Trace } from '../generated/Trace';
import { Source } from './source';
import { TimeWindow } from './time-window';

vi.mock('$host', () => ({ watch: vi.fn(), unwatch: vi.fn(), view: vi.fn() }));

const trace: Trace = { feed: 'f', channel: 'c', path: 'p', label: null, color: 0 };
const NOW_MS = 1_700_000_001_234;

let time: TimeWindow;
let source: Source;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance', 'Date'] });
  vi.stubGlobal('document', { hidden: true });
  vi.mocked(host.watch).mockImplementation(async ({ span_ms, columns }) =>
    encoded([[]], span_ms / columns),
  );
  vi.mocked(host.view).mockImplementation(async ({ from_ms, to_ms, columns }) =>
    encoded([[]], (to_ms - from_ms) / columns),
  );
  time = new TimeWindow();
  time.heard(NOW_MS);
  source = new Source(
    'panel',
    time,
    () => {},
    (trouble) => {
      throw trouble;
    },
  );
  source.setTraces([trace]);
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.clearAllMocks();
});

const answered = (of: unknown) => vi.waitFor(() => expect(of).toHaveBeenCalled());

describe('columns of a fixed length', () => {
  it('are asked for as such, and show exactly the span, up to the end of the present one', async () => {
    source.setWide(61, 1000);
    await answered(host.watch);
    expect(host.watch).toHaveBeenLastCalledWith(
      expect.objectContaining({ span_ms: 61_000, columns: 61 }),
    );
    await vi.waitFor(() => expect(source.columns.traces).toHaveLength(1));
    expect(source.range).toEqual({ fromMs: 1_699_999_942_000, toMs: 1_700_000_002_000 });
  });

  it('are whole ones of the epoch where time stands still', async () => {
    time.show(1_699_999_000_500, 1_699_999_060_700);
    source.setWide(62, 1000);
    await answered(host.view);
    const [[asked]] = vi.mocked(host.view).mock.calls as [[Parameters<typeof host.view>[0]]];
    expect(asked.from_ms % 1000).toBe(0);
    expect((asked.to_ms - asked.from_ms) / asked.columns).toBe(1000);
    expect(asked.from_ms).toBeLessThanOrEqual(1_699_999_000_500);
    expect(asked.to_ms).toBeGreaterThanOrEqual(1_699_999_060_700);
    expect(source.range).toEqual({ fromMs: 1_699_999_000_500, toMs: 1_699_999_060_700 });
  });
});

describe('columns of a pixel', () => {
  it('are as many as the plot is wide, and share the span', async () => {
    source.setWide(600);
    await answered(host.watch);
    expect(host.watch).toHaveBeenLastCalledWith(
      expect.objectContaining({ span_ms: 60_000, columns: 600 }),
    );
    await vi.waitFor(() => expect(source.columns.traces).toHaveLength(1));
    const { fromMs, toMs } = source.range;
    expect([toMs - fromMs, toMs % 100]).toEqual([60_000, 0]);
    expect(toMs).toBeGreaterThan(NOW_MS);
  });
});

describe('a view that a hand moves', () => {
  it('is asked for at once, and then no more often than the eye needs, to the last', async () => {
    vi.useFakeTimers();
    vi.stubGlobal('window', globalThis);
    time.show(0, 1000);
    source.setWide(100, 10);
    await vi.advanceTimersByTimeAsync(0);
    expect(host.view).toHaveBeenCalledTimes(1);
    // As a wheel does, in each frame for a second: the span changes, and with it the columns.
    for (let n = 1; n <= 60; n += 1) {
      time.show(0, 1000 + n);
      source.setWide(100, 10 + n);
      source.timeChanged();
      await vi.advanceTimersByTimeAsync(16);
    }
    expect(vi.mocked(host.view).mock.calls.length).toBeLessThan(12);
    await vi.advanceTimersByTimeAsync(200);
    const [last] = vi.mocked(host.view).mock.lastCall as [Parameters<typeof host.view>[0]];
    expect((last.to_ms - last.from_ms) / last.columns).toBe(70);
  });
});
