import { afterEach, describe, expect, it, vi } from 'vitest';
import * as host from '$host';
import { encoded } from '../dev/encoded';
import type { Gap } from '../generated/Gap';
import type { Trace } from '../generated/Trace';
import type { Column } from '../live/columns';
import { Held } from './held';

vi.mock('$host', () => ({ view: vi.fn(), statistics: vi.fn() }));

const EDGE_MS = 50_000;
const trace = (path: string, feed = 'f'): Trace => ({
  feed,
  channel: 'c',
  path,
  label: null,
  color: 0,
});
const gap = (start_ms: number, end_ms: number | null, feed = 'f'): Gap => ({
  start_ms,
  end_ms,
  cause: 'outage',
  feed,
  channel: null,
  missing: null,
  story: '',
  said: [],
});
const ending = (value: number): Column => [0, 9, 1, 0, 9, value, 0];

/** What was held, where each trace's one column of all that was before the edge is this. */
async function held(
  columns: Column[][],
  gaps: Gap[] = [],
  samplesSince: number[] = [],
): Promise<(number | null)[]> {
  vi.mocked(host.view).mockResolvedValue(encoded(columns, EDGE_MS, { gaps }));
  vi.mocked(host.statistics).mockImplementation(async ({ traces }) =>
    traces.map(({ path }) => ({ count: samplesSince[Number(path)] ?? 0 }) as never),
  );
  return new Promise((resolve, reject) => {
    const asked = new Held(() => resolve(asked.values), reject);
    asked.ask(
      columns.map((_, n) => trace(String(n))),
      'source',
      EDGE_MS,
    );
  });
}

afterEach(() => {
  vi.clearAllMocks();
});

describe('what a state was at the edge of a view', () => {
  it('is the last that was before', async () => {
    expect(await held([[ending(3)], [ending(5)]])).toEqual([3, 5]);
    expect(host.view).toHaveBeenCalledWith(
      expect.objectContaining({ from_ms: 0, to_ms: EDGE_MS, columns: 1 }),
    );
    expect(host.statistics).not.toHaveBeenCalled();
  });

  it('is not known where nothing was, nor by what came after', async () => {
    expect(await held([[], [[1, 9, 1, 0, 9, 7, 0]]])).toEqual([null, null]);
  });

  it('is not known where a gap parts it from the edge', async () => {
    const values = await held([[ending(3)], [ending(5)]], [gap(1_000, 20_000)], [0, 4]);
    expect(values).toEqual([null, 5]);
    expect(host.statistics).toHaveBeenCalledTimes(1);
    expect(host.statistics).toHaveBeenCalledWith(
      expect.objectContaining({ from_ms: 20_000, to_ms: EDGE_MS }),
    );
  });

  it('is not known in a gap, and one of another feed does not matter', async () => {
    expect(await held([[ending(3)]], [gap(40_000, 60_000)], [9])).toEqual([null]);
    expect(await held([[ending(3)]], [gap(40_000, null)], [9])).toEqual([null]);
    expect(await held([[ending(3)]], [gap(40_000, null, 'other')])).toEqual([3]);
  });

  it('is asked for once', async () => {
    vi.mocked(host.view).mockResolvedValue(encoded([[ending(3)]], EDGE_MS));
    const traces = [trace('0')];
    await new Promise<void>((resolve, reject) => {
      const asked = new Held(() => {
        asked.ask(traces, 'source', EDGE_MS);
        resolve();
      }, reject);
      asked.ask(traces, 'source', EDGE_MS);
      asked.ask(traces, 'source', EDGE_MS);
    });
    expect(host.view).toHaveBeenCalledTimes(1);
  });
});
