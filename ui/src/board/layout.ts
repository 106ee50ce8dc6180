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
  return place(root, placed, 0) ? placed : null;
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
