import { describe, expect, it } from 'vitest';
import { fits } from '../board/layout';
import type { Row } from '../generated/Row';
import { layoutOf, only, places } from './rows';

const row = (height: number, ...panels: [string, number][]): Row => ({
  height,
  tiles: panels.map(([panel, width]) => ({ panel, width, kind: 'number' })),
});
const ROWS = [row(1, ['a', 1], ['b', 3]), row(3, ['c', 2])];

describe('panels in rows', () => {
  it('fill the picture, each with its share', () => {
    expect(places(ROWS)).toEqual([
      { x: 0, y: 0, width: 0.25, height: 0.25, kind: 'number', panel: 'a' },
      { x: 0.25, y: 0, width: 0.75, height: 0.25, kind: 'number', panel: 'b' },
      { x: 0, y: 0.25, width: 1, height: 0.75, kind: 'number', panel: 'c' },
    ]);
  });

  it('are fewer where some are not wanted', () => {
    const left = only(ROWS, new Set(['b']));
    expect(left).toHaveLength(1);
    expect(places(left)).toEqual([{ x: 0, y: 0, width: 1, height: 1, kind: 'number', panel: 'b' }]);
  });

  it('are a layout of exactly these panels', () => {
    expect(fits(layoutOf(ROWS), ['a', 'b', 'c'])).toBe(true);
    expect(fits(layoutOf(ROWS), ['a', 'b'])).toBe(false);
    expect(fits(layoutOf([]), [])).toBe(true);
  });
});
