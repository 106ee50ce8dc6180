import { describe, expect, it } from 'vitest';
import type { Gap } from '../generated/Gap';
import { Columns } from '../live/columns';
import { entries, kept } from './rows';

function columns(...indices: number[]): Columns {
  const made = new Columns();
  for (const index of indices) made.push([index, 1, 0, 0, 0, 0, 0]);
  return made;
}

const gap = (start_ms: number, end_ms: number | null) => ({ start_ms, end_ms }) as Gap;
const VIEW = { fromMs: 1000, toMs: 2000 };

describe('the rows of a chart', () => {
  it('are the columns in view of all traces, the last first', () => {
    const found = entries([columns(9, 10, 12), undefined, columns(12, 19, 20)], 100, VIEW, []);
    expect(found.map(({ ms }) => ms)).toEqual([1900, 1200, 1000]);
  });

  it('have gaps in their place: those that lie in the view, and one that lasts', () => {
    const gaps = [gap(200, 900), gap(700, 1150), gap(1210, 1800), gap(1950, null), gap(2100, null)];
    const found = entries([columns(10, 12, 19)], 100, VIEW, gaps);
    expect(found.map(({ ms, gap }) => (gap ? -ms : ms))).toEqual([
      -1950, 1900, -1210, 1200, 1000, -700,
    ]);
  });

  it('stay as they are once they are kept', () => {
    let value = 1;
    const rows = {
      head: '',
      heads: [''],
      count: 2,
      at: (n: number) => ({ key: `${n}`, head: '', cells: [`${value * (n + 1)}`] }),
    };
    const held = kept(rows);
    value = 5;
    expect(held.at(1).cells).toEqual(['2']);
    expect(rows.at(1).cells).toEqual(['10']);
    expect(held.at(2).cells).toEqual([]);
  });
});
