import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { PanelUpdate } from '../generated/PanelUpdate';
import type { Trace } from '../generated/Trace';
import type { Drawing } from '../live/drawing';
import { TimeWindow } from '../live/time-window';
import { type Moment, TILE_COLUMNS, Tile } from './tile';

// The pretended application began to pretend a moment ago.
const NOW = Date.now() + 60_000;

beforeEach(() => {
  vi.useFakeTimers({ now: NOW });
});
afterEach(() => {
  vi.useRealTimers();
});

const trace: Trace = { feed: 'computer', channel: 'cpu', path: 'total', label: null, color: 0 };

async function started() {
  const time = new TimeWindow();
  time.heard(NOW);
  const drawing = { time, add() {}, remove() {}, requestFrame() {} } as unknown as Drawing;
  const written: Moment[] = [];
  const tile = new Tile(
    'tile',
    drawing,
    drawing.time,
    (moment) => written.push(moment),
    (trouble) => {
      throw trouble;
    },
  );
  tile.setTraces([trace]);
  await vi.advanceTimersByTimeAsync(0);
  return { tile, time, written };
}

/** What the newest column becomes when another sample comes. */
function more(tile: Tile, value: number): PanelUpdate {
  const { columns } = tile.source;
  const index = Math.floor(tile.source.time.nowMs() / columns.columnMs);
  return {
    panel: 'tile',
    from: index,
    column_ms: columns.columnMs,
    behind: false,
    traces: [[[index, 1, value, value, value, value, 0]]],
    latest: [value],
    gaps: null,
    late: null,
    begins_ms: null,
  };
}

describe('a tile', () => {
  it('asks for about a hundred columns, and writes what it gets', async () => {
    const { tile, written } = await started();
    expect(tile.draw()).toBe(true);
    const [moment] = written as [Moment];
    expect(moment.following).toBe(true);
    expect((moment.toMs - moment.fromMs) / tile.source.columnMs).toBeCloseTo(TILE_COLUMNS);
    expect(tile.seen(0, moment).value).not.toBeNull();
  });

  it('knows how old a sample is exactly only if it heard it come', async () => {
    const { tile, time } = await started();
    expect(tile.age(0, time.nowMs())?.exact).toBe(false);
    await vi.advanceTimersByTimeAsync(700);
    tile.apply(1, more(tile, 5));
    expect(tile.age(0, time.nowMs())).toEqual({ ms: 0, exact: true });
    await vi.advanceTimersByTimeAsync(2_000);
    expect(tile.age(0, time.nowMs())?.ms).toBeCloseTo(2_000);
  });

  it('takes an update that brings nothing for no sample', async () => {
    const { tile, time } = await started();
    await vi.advanceTimersByTimeAsync(700);
    const update = more(tile, 5);
    tile.apply(1, update);
    await vi.advanceTimersByTimeAsync(100);
    tile.apply(2, update);
    expect(tile.age(0, time.nowMs())?.ms).toBeCloseTo(100);
  });

  it('does nothing while it is not seen', async () => {
    const { tile, written } = await started();
    tile.setVisible(false);
    expect(tile.draw()).toBe(false);
    expect(tile.nextColumnInMs()).toBe(Number.POSITIVE_INFINITY);
    expect(written).toHaveLength(0);
    tile.setVisible(true);
    expect(tile.draw()).toBe(true);
  });
});
