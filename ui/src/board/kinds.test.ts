import { describe, expect, it } from 'vitest';
import type { Trace } from '../generated/Trace';
import { asKind, KINDS, newPanel, tracesMax } from './kinds';
import { tracesOf } from './trace';

const trace = (path: string): Trace => ({ feed: 'f', channel: 'c', path, label: null, color: 0 });

describe('a panel of another kind', () => {
  it('keeps its name, its place, and all that both kinds have', () => {
    const panel = { ...newPanel('gauge', 'Speed', 'percent', [trace('a')]), range: [0, 9] };
    const other = asKind(panel as ReturnType<typeof newPanel<'gauge'>>, 'time-series');
    expect(other).toMatchObject({
      id: panel.id,
      title: 'Speed',
      kind: 'time-series',
      unit: 'percent',
      range: [0, 9],
      traces: [trace('a')],
      log: false,
    });
  });

  it('takes as many traces as it can', () => {
    const many = Array.from({ length: 10 }, (_, n) => trace(`${n}`));
    const panel = newPanel('time-series', '', 'none', many);
    for (const kind of KINDS) {
      const made = asKind(panel, kind);
      expect(made.kind).toBe(kind);
      expect(tracesOf(made).length, kind).toBe(Math.min(tracesMax(kind), kind === 'xy' ? 9 : 10));
    }
  });

  it('of two series sets one against the other, and back', () => {
    const panel = newPanel('time-series', '', 'none', [trace('a'), trace('b')]);
    const xy = asKind(panel, 'xy');
    expect(xy).toMatchObject({ kind: 'xy', x: trace('a'), traces: [trace('b')] });
    expect(tracesOf(asKind(xy, 'time-series'))).toEqual([trace('a'), trace('b')]);
  });
});
