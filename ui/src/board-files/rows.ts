// Panels in rows: as the picture of a proposal, and as the layout that is made of it.

import type { Row } from '../generated/Row';

/** A part of a picture, in shares of its width and height. */
export interface Place {
  x: number;
  y: number;
  width: number;
  height: number;
  kind: string;
  panel: string | null;
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, next) => total + next, 0);

export function places(rows: readonly Row[]): Place[] {
  const all = sum(rows.map((row) => row.height));
  const found: Place[] = [];
  let y = 0;
  for (const { height, tiles } of rows) {
    const across = sum(tiles.map((tile) => tile.width));
    let x = 0;
    for (const { width, kind, panel } of tiles) {
      const place = { x: x / across, y: y / all, width: width / across, height: height / all };
      found.push({ ...place, kind, panel });
      x += width;
    }
    y += height;
  }
  return found;
}

/** The rows with these panels alone: what is beside one that is left out takes its room. */
export function only(rows: readonly Row[], panels: ReadonlySet<string>): Row[] {
  return rows
    .map((row) => ({
      ...row,
      tiles: row.tiles.filter(({ panel }) => panel !== null && panels.has(panel)),
    }))
    .filter(({ tiles }) => tiles.length > 0);
}

// Layouts are scaled to the window: only the shares count.
const WIDTH = 1600;
const HEIGHT = 900;

/** A layout as the layout library writes one. */
export function layoutOf(rows: readonly Row[]): unknown {
  const all = sum(rows.map((row) => row.height));
  let group = 0;
  const leaf = (id: string, size: number) => {
    group += 1;
    return { type: 'leaf', data: { views: [id], activeView: id, id: String(group) }, size };
  };
  const ids: string[] = [];
  const data = rows.map(({ height, tiles }) => {
    const size = (height / all) * HEIGHT;
    const across = sum(tiles.map((tile) => tile.width));
    const leaves = tiles.flatMap(({ panel, width }) => {
      if (panel === null) return [];
      ids.push(panel);
      return [leaf(panel, (width / across) * WIDTH)];
    });
    const [first] = leaves;
    return leaves.length === 1 && first
      ? { ...first, size }
      : { type: 'branch', data: leaves, size };
  });
  const panel = (id: string) => ({
    id,
    contentComponent: 'panel',
    tabComponent: 'panel',
    title: id,
  });
  return {
    grid: {
      root: { type: 'branch', data, size: WIDTH },
      width: WIDTH,
      height: HEIGHT,
      orientation: 'VERTICAL',
    },
    panels: Object.fromEntries(ids.map((id) => [id, panel(id)])),
    activeGroup: '1',
  };
}
