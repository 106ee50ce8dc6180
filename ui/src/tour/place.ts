// Where a card stands beside what it speaks of: where there is room, and always in the window.

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Size {
  width: number;
  height: number;
}

const APART = 14;
const MARGIN = 12;

const clamp = (at: number, size: number, room: number): number =>
  Math.max(MARGIN, Math.min(at, room - size - MARGIN));

/** To the right of it, to the left, below or above; over its lower end where neither has room. */
export function place(of: Box | null, card: Size, room: Size): { x: number; y: number } {
  const { width, height } = card;
  const within = (x: number, y: number) => ({
    x: clamp(x, width, room.width),
    y: clamp(y, height, room.height),
  });
  if (!of) return within((room.width - width) / 2, (room.height - height) / 2);
  const right = of.x + of.width;
  const bottom = of.y + of.height;
  const beside = of.x - APART - width;
  if (right + APART + width + MARGIN <= room.width) return within(right + APART, of.y);
  if (bottom + APART + height + MARGIN <= room.height) {
    return within(right - width, bottom + APART);
  }
  if (beside >= MARGIN) return within(beside, bottom - height);
  if (of.y - APART - height >= MARGIN) return within(right - width, of.y - APART - height);
  return within(right - width - APART, bottom - height - APART);
}
