// Where something that is dragged would go on the board: into a panel, or to one of the sides of it.

export type Zone = 'middle' | 'left' | 'right' | 'above' | 'below';

export interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

// As the layout library has it where panels are dragged.
const SIDE_SHARE = 0.2;
const SIDE_PX_MAX = 120;

const holds = ({ left, top, width, height }: Box, x: number, y: number): boolean =>
  x >= left && x < left + width && y >= top && y < top + height;

/** Where in a box a point lies; `null` if it does not. */
export function zoneIn(box: Box, x: number, y: number): Zone | null {
  if (!holds(box, x, y)) return null;
  const side = (length: number) => Math.min(SIDE_PX_MAX, length * SIDE_SHARE);
  return nearest(box, x, y, side(box.width), side(box.height)) ?? 'middle';
}

/** The side of a box that a point is within so many pixels of. */
export function edgeOf(box: Box, x: number, y: number, within: number): Zone | null {
  return holds(box, x, y) ? nearest(box, x, y, within, within) : null;
}

function nearest(box: Box, x: number, y: number, wide: number, high: number): Zone | null {
  const found: [Zone, number][] = [
    ['left', (x - box.left) / wide],
    ['right', (box.left + box.width - x) / wide],
    ['above', (y - box.top) / high],
    ['below', (box.top + box.height - y) / high],
  ];
  const [zone, share] = found.reduce((best, next) => (next[1] < best[1] ? next : best));
  return share < 1 ? zone : null;
}

/** What of a box a zone takes up. */
export function boxOf({ left, top, width, height }: Box, zone: Zone, share = 0.5): Box {
  switch (zone) {
    case 'middle':
      return { left, top, width, height };
    case 'left':
      return { left, top, width: width * share, height };
    case 'right':
      return { left: left + width * (1 - share), top, width: width * share, height };
    case 'above':
      return { left, top, width, height: height * share };
    case 'below':
      return { left, top: top + height * (1 - share), width, height: height * share };
  }
}
