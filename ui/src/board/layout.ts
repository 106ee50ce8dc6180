// Whether a saved layout can be used, and the one that stands in for it. Knows the shape of what
// the layout library writes, and nothing else of it.

/** The ids of the panels that a saved layout holds; `null` if it is not a layout. */
function panelsOf(layout: unknown): string[] | null {
  if (typeof layout !== 'object' || layout === null) return null;
  const { grid, panels } = layout as { grid?: unknown; panels?: unknown };
  if (typeof panels !== 'object' || panels === null || Array.isArray(panels)) return null;
  if (typeof grid !== 'object' || grid === null) return null;
  const { root, width, height } = grid as { root?: unknown; width?: unknown; height?: unknown };
  if (typeof width !== 'number' || typeof height !== 'number') return null;
  const placed: string[] = [];
  if (!place(root, placed, 0)) return null;
  const { floatingGroups: floats = [] } = layout as { floatingGroups?: unknown };
  if (!Array.isArray(floats) || !floats.every((float) => placeFloat(float, placed))) return null;
  return placed;
}

/** What floats above the others, one group or several. */
function placeFloat(float: unknown, placed: string[]): boolean {
  if (typeof float !== 'object' || float === null) return false;
  const { data, grid, position } = float as { data?: unknown; grid?: unknown; position?: unknown };
  if (typeof position !== 'object' || position === null) return false;
  if (!Object.values(position).every(Number.isFinite)) return false;
  if (data !== undefined) return place({ type: 'leaf', data }, placed, 0);
  return typeof grid === 'object' && grid !== null && 'root' in grid && place(grid.root, placed, 0);
}

// Deeper than anyone drags; a file that is deeper was made to break something.
const DEPTH_MAX = 64;

function place(node: unknown, placed: string[], depth: number): boolean {
  if (typeof node !== 'object' || node === null || depth > DEPTH_MAX) return false;
  const { type, data, size } = node as { type?: unknown; data?: unknown; size?: unknown };
  if (size !== undefined && !Number.isFinite(size)) return false;
  if (type === 'branch') {
    return Array.isArray(data) && data.every((child) => place(child, placed, depth + 1));
  }
  if (type !== 'leaf' || typeof data !== 'object' || data === null) return false;
  const { views } = data as { views?: unknown };
  if (!Array.isArray(views) || !views.every((view) => typeof view === 'string')) return false;
  placed.push(...views);
  return true;
}

/** Whether a saved layout places exactly these panels, each once. */
export function fits(layout: unknown, panels: readonly string[]): boolean {
  const placed = panelsOf(layout);
  if (!placed || placed.length !== panels.length) return false;
  const named = Object.keys((layout as { panels: object }).panels);
  const wanted = [...panels].sort().join('\n');
  return [...placed].sort().join('\n') === wanted && named.sort().join('\n') === wanted;
}

/**
 * What makes one layout another: its panels, so that it follows from what was done to those; its
 * size, so that the window did it; its shape, so that somebody moved something by hand; or what is
 * in front, which is no change to tell of by itself but to be kept.
 */
export type LayoutChange = 'none' | 'resized' | 'followed' | 'moved';

export function changeOf(before: unknown, after: unknown): LayoutChange {
  const [was, is] = [panelsOf(before), panelsOf(after)];
  if (!is) return 'none';
  if (!was || [...was].sort().join('\n') !== [...is].sort().join('\n')) return 'followed';
  const [from, to] = [(before as Layout).grid, (after as Layout).grid];
  if (from.width !== to.width || from.height !== to.height) {
    const isSame =
      shape(from, () => 0) === shape(to, () => 0) &&
      floating(before, () => 0) === floating(after, () => 0);
    return isSame ? 'resized' : 'moved';
  }
  if (shape(from, (size) => size) !== shape(to, (size) => size)) return 'moved';
  if (floating(before, (at) => at) !== floating(after, (at) => at)) return 'moved';
  return JSON.stringify(before) === JSON.stringify(after) ? 'none' : 'followed';
}

interface Layout {
  grid: { root: Node; width: number; height: number; orientation?: string };
  floatingGroups?: Float[];
}

interface Float {
  data?: { views: string[] };
  grid?: { root: Node; orientation?: string };
  position: Record<string, number>;
}

type Node =
  | { type: 'branch'; data: Node[]; size?: number; visible?: boolean }
  | { type: 'leaf'; data: { views: string[] }; size?: number; visible?: boolean };

/** Whether two layouts come to the same in one window: to a hundredth of what there is. */
export function comesToTheSame(one: unknown, other: unknown): boolean {
  if (!panelsOf(one) || !panelsOf(other)) return false;
  const share = (size: number, all: number) => Math.round((size / all) * 100);
  return (
    shape((one as Layout).grid, share) === shape((other as Layout).grid, share) &&
    floating(one, Math.round) === floating(other, Math.round)
  );
}

/** What floats, and where. */
function floating(layout: unknown, at: (px: number) => number): string {
  const { floatingGroups = [] } = layout as Layout;
  return JSON.stringify(
    floatingGroups.map(({ data, grid, position }) => [
      data ? data.views : grid && shape(grid, at),
      Object.entries(position).map(([side, px]) => [side, at(px)]),
    ]),
  );
}

/** Where each panel is, and how large it is of all that are beside it. */
function shape(
  { root, orientation }: Pick<Layout['grid'], 'root' | 'orientation'>,
  sized: (size: number, all: number) => number,
): string {
  const of = (node: Node, all: number): unknown => {
    const within =
      node.type === 'leaf'
        ? node.data.views
        : node.data.map((child) =>
            of(
              child,
              node.data.reduce((sum, next) => sum + (next.size ?? 0), 0),
            ),
          );
    return [sized(node.size ?? 0, all), within];
  };
  return JSON.stringify([orientation, of(root, root.size ?? 0)]);
}

/** How many panels are above each other, where most are. */
export function rowsHigh(layout: unknown): number {
  if (!panelsOf(layout)) return 0;
  const { root, orientation } = (layout as Layout).grid;
  const high = (node: Node, isColumn: boolean): number => {
    if (node.visible === false) return 0;
    if (node.type === 'leaf') return 1;
    const rows = node.data.map((child) => high(child, !isColumn));
    return isColumn ? rows.reduce((sum, next) => sum + next, 0) : Math.max(0, ...rows);
  };
  return high(root, orientation === 'VERTICAL');
}

/** The default layout: rows of two, the first panel over the whole width if their number is odd. */
export function defaultRows(panels: readonly string[]): string[][] {
  if (panels.length <= 2) return panels.map((panel) => [panel]);
  const found: string[][] = [];
  let next = 0;
  if (panels.length % 2 === 1) {
    found.push([panels[0] as string]);
    next = 1;
  }
  for (; next < panels.length; next += 2) found.push(panels.slice(next, next + 2));
  return found;
}
