import { describe, expect, it } from 'vitest';
import type { Panel } from '../generated/Panel';
import { newPanel } from './kinds';
import { type Brought, panelsFor, refusal, titleOf, withFields } from './take';
import { isTimeSeries, tracesOf } from './trace';

const field = (path: string, more: Partial<Brought> = {}): Brought => ({
  feed: 'f',
  channel: 'c',
  path,
  unit: 'none',
  texts: false,
  ...more,
});
const fields = (count: number) => Array.from({ length: count }, (_, n) => field(`p${n}`));
const paths = (panel: Panel | undefined) => tracesOf(panel).map(({ path }) => path);

describe('fields that are brought to a panel', () => {
  it('are added once each, in colours that are free', () => {
    const first = withFields(newPanel('time-series', 'mine', 'none', []), [field('a'), field('b')]);
    const both = withFields(first, [field('b'), field('c')]);
    expect(paths(both)).toEqual(['a', 'b', 'c']);
    expect(tracesOf(both).map(({ color }) => color)).toEqual([0, 1, 2]);
    expect(both.title).toBe('mine');
    expect(refusal(both, [field('a'), field('c')])).toMatch(/already/);
  });

  it('name a panel that has no name and nothing in it, and say its unit', () => {
    const made = withFields(newPanel('number', 'New panel', 'none', []), [
      field('a', { unit: 'bytes' }),
    ]);
    expect(made).toMatchObject({ title: 'c', unit: 'bytes' });
  });

  it('have an axis of their own where they are measured in something else', () => {
    const empty = newPanel('time-series', 'x', 'none', []);
    const made = withFields(empty, [
      field('a', { unit: 'percent' }),
      field('b', { unit: 'bytes' }),
    ]);
    if (!isTimeSeries(made)) throw new Error('no time series');
    expect(made.unit).toBe('percent');
    expect(made.right.unit).toBe('bytes');
    expect(made.traces.map(({ axis }) => axis)).toEqual([undefined, 'right']);
    // There is no third.
    const three = withFields(made, [field('c')]);
    expect(tracesOf(three).at(-1)?.axis).toBe(undefined);
  });

  it('are refused by what cannot show them, with the reason', () => {
    expect(refusal(newPanel('notes', '', 'none', []), fields(1))).toMatch(/no fields/);
    expect(refusal(newPanel('candles', '', 'none', []), fields(2))).toMatch(/1 field/);
    expect(refusal(newPanel('time-series', '', 'none', []), fields(17))).toMatch(/16 fields/);
    expect(refusal(newPanel('gauge', '', 'none', []), [field('t', { texts: true })])).toMatch(/t/);
    for (const kind of ['states', 'table', 'number'] as const) {
      expect(refusal(newPanel(kind, '', 'none', []), [field('t', { texts: true })])).toBe(null);
    }
    const unknown = { id: 'u', title: '', kind: 'of tomorrow' } as unknown as Panel;
    expect(refusal(unknown, fields(1))).not.toBe(null);
    expect(withFields(unknown, fields(1))).toBe(unknown);
  });

  it('fill the axis to the right first, of one against another', () => {
    const made = withFields(newPanel('xy', '', 'none', []), [field('a'), field('b')]);
    expect(made).toMatchObject({ x: { path: 'a' } });
    expect(paths(made)).toEqual(['b']);
    expect(refusal(made, [field('a')])).toMatch(/already/);
  });
});

describe('new panels for fields', () => {
  it('are of the kind that shows what they are', () => {
    const kinds = (brought: Brought[]) => panelsFor(brought).map(({ kind }) => kind);
    expect(kinds([field('a')])).toEqual(['time-series']);
    expect(kinds([field('t', { texts: true })])).toEqual(['states']);
    expect(kinds([field('t', { texts: true }), field('a')])).toEqual(['time-series', 'states']);
    expect(kinds(fields(17))).toEqual(['table']);
    expect(kinds([])).toEqual([]);
    expect(paths(panelsFor(fields(2000))[0])).toHaveLength(1000);
  });

  it('are called what their channels are called', () => {
    expect(titleOf([field('a'), field('b')])).toBe('c');
    expect(titleOf([field('a', { channel: '' })])).toBe('a');
    expect(titleOf(['k', 'l', 'm', 'n'].map((channel) => field('a', { channel })))).toBe(
      'k, l and 2 more',
    );
  });
});
