// The shape of a gauge: an arc, or a bar where the place for it is flat. Only geometry: where on it
// a part of the range is, as the paths that SVG takes.

/** In pixels. The `scale` parts levels, beside the track that is filled. */
export interface Shape {
  kind: 'arc' | 'bar';
  /** The way of the track from a part of the range to another, each from 0 to 1. */
  track(from: number, to: number): string;
  scale(from: number, to: number): string;
  /** A stroke across both, at a part of the range. */
  across(at: number): string;
  /** How long the track is. */
  length: number;
  trackWidth: number;
  scaleWidth: number;
  /** Where the number stands: its middle, and the room it has. */
  number: { x: number; y: number; width: number; height: number };
  /** Where the ends of the range are written: the middle of the first, and of the second. */
  ends: [{ x: number; y: number }, { x: number; y: number }];
}

// An arc is open at the bottom by a third of the circle.
const SWEEP = (240 / 180) * Math.PI;
const START = Math.PI / 2 + (2 * Math.PI - SWEEP) / 2;
// How far the arc reaches below its middle, in radii.
const BELOW = Math.sin(START);
const SCALE_PX = 3;
const BETWEEN_PX = 2;
const LABEL_PX = 14;
// A place so much wider than high is flat; and none is an arc that a number does not fit into.
const FLAT = 2.6;
const ARC_HEIGHT_PX_MIN = 76;

export function shapeOf(width: number, height: number): Shape {
  const flat = height < ARC_HEIGHT_PX_MIN || width > height * FLAT;
  return flat ? bar(width, height) : arc(width, height);
}

function arc(width: number, height: number): Shape {
  const edge = SCALE_PX / 2 + 1;
  const outer = Math.max(1, Math.min(width / 2 - edge, (height - LABEL_PX - edge) / (1 + BELOW)));
  const trackWidth = Math.round(Math.max(6, Math.min(18, outer * 0.17)));
  const radius = outer - SCALE_PX / 2 - BETWEEN_PX - trackWidth / 2;
  const x = width / 2;
  const free = height - LABEL_PX - edge - outer * (1 + BELOW);
  const y = edge + Math.max(0, free) / 2 + outer;
  const at = (part: number, r: number) => {
    const angle = START + SWEEP * part;
    return `${round(x + r * Math.cos(angle))} ${round(y + r * Math.sin(angle))}`;
  };
  const along = (r: number) => (from: number, to: number) => {
    if (!(to > from)) return '';
    const large = (to - from) * SWEEP > Math.PI ? 1 : 0;
    return `M${at(from, r)}A${round(r)} ${round(r)} 0 ${large} 1 ${at(to, r)}`;
  };
  const inner = radius - trackWidth / 2;
  const end = (part: number) => ({
    x: x + radius * Math.cos(START + SWEEP * part),
    y: y + radius * Math.sin(START + SWEEP * part) + LABEL_PX * 0.9,
  });
  return {
    kind: 'arc',
    track: along(radius),
    scale: along(outer),
    across: (part) => `M${at(part, inner - 2)}L${at(part, outer + SCALE_PX / 2)}`,
    length: radius * SWEEP,
    trackWidth,
    scaleWidth: SCALE_PX,
    number: { x, y: y + inner * 0.08, width: inner * 1.66, height: inner * 0.8 },
    ends: [end(0), end(1)],
  };
}

function bar(width: number, height: number): Shape {
  const room = height - LABEL_PX;
  const trackWidth = Math.round(Math.max(4, Math.min(14, room * 0.24)));
  const left = 1;
  const right = Math.max(left + 1, width - 1);
  const bottom = height - LABEL_PX - 2;
  const middle = bottom - SCALE_PX - BETWEEN_PX - trackWidth / 2;
  const x = (part: number) => round(left + (right - left) * part);
  const along = (y: number) => (from: number, to: number) =>
    to > from ? `M${x(from)} ${round(y)}H${x(to)}` : '';
  const top = middle - trackWidth / 2;
  return {
    kind: 'bar',
    track: along(middle),
    scale: along(bottom - SCALE_PX / 2),
    across: (part) => `M${x(part)} ${round(top - 2)}V${round(bottom)}`,
    length: right - left,
    trackWidth,
    scaleWidth: SCALE_PX,
    number: { x: 0, y: Math.max(0, top - 2) / 2, width, height: Math.max(0, top - 2) },
    ends: [
      { x: left, y: bottom + LABEL_PX / 2 + 2 },
      { x: right, y: bottom + LABEL_PX / 2 + 2 },
    ],
  };
}

const round = (n: number): number => Math.round(n * 100) / 100;

/** Which part of a range a value is, from 0 to 1: what is beyond stands at the end. */
export function partOf(value: number, [least, greatest]: [number, number]): number {
  if (!(greatest > least)) return 0;
  return Math.max(0, Math.min(1, (value - least) / (greatest - least)));
}

/** From where the track is filled: from zero, if that is in the range. */
export const zeroPart = (range: [number, number]): number => partOf(0, range);
