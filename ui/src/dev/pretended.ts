// Series that the pretended host has for the kinds of panels that need more than a computer: a
// market, states, and a row of like sensors. Never shipped.

import { FIRST_TEXT } from '../feeds/field-texts';

export const MORE_CHANNELS: Record<string, string[]> = {
  market: ['price', 'size'],
  machine: ['state', 'door', 'mode', 'note', 'code'],
  rack: Array.from({ length: 24 }, (_, n) => `node${String(n + 1).padStart(2, '0')}.temperature`),
};

const STATES = ['idle', 'starting', 'running', 'draining', 'error: spindle does not answer'];
const MODES = ['automatic', 'by hand'];

const random = (n: number) => Math.abs(Math.sin(n * 12.9898) * 43_758.5453) % 1;

/** A value between 0 and 1 that wanders: the sum of waves of many lengths. */
function wandering(seconds: number, seed: number): number {
  let sum = 0;
  let all = 0;
  for (let wave = 0; wave < 9; wave += 1) {
    const length = 1.7 * 2.3 ** wave;
    const high = length ** 0.55;
    sum += high * Math.sin(seconds / length + seed * (wave + 1) * 1.7);
    all += high;
  }
  return 0.5 + (0.9 * sum) / all;
}

/** What one of them is at a moment; `null` if it is none of them. */
export function moreAt(channel: string, path: string, ms: number): number | null {
  const seconds = ms / 1000;
  switch (channel) {
    case 'market':
      return path === 'price'
        ? Math.round(
            (64_000 +
              900 * wandering(seconds % 100_000, 3) +
              26 * random(seconds % 9973) +
              40 * wandering((seconds * 9) % 100_000, 5)) *
              100,
          ) / 100
        : Math.round(random(seconds % 7919) ** 4 * 1000) / 100;
    case 'machine':
      if (path === 'state') {
        // Restless for a while, as what is broken is.
        const at = seconds % 90;
        if (at > 60 && at < 66) return FIRST_TEXT + Math.floor(random(Math.floor(seconds * 9)) * 3);
        return FIRST_TEXT + ([0, 1, 2, 2, 2, 3, 0, 4, 4][Math.floor(at / 10)] ?? 0);
      }
      if (path === 'door') return random(Math.floor(seconds / 7)) > 0.7 ? 1 : 0;
      if (path === 'mode') return FIRST_TEXT + (Math.floor(seconds / 240) % 2);
      if (path === 'note') return 3;
      return [200, 200, 200, 503][Math.floor(random(Math.floor(seconds / 5)) * 4)] ?? 200;
    case 'rack': {
      const n = Number(path.slice(4, 6));
      const hot = 22 * Math.exp(-(((seconds / 3 - n * 1.4) % 40) ** 2) / 60);
      return (
        34 +
        5 * wandering(seconds % 100_000, n) +
        hot +
        1.5 * random((seconds * 10 + n * 31) % 9973)
      );
    }
    default:
      return null;
  }
}

/** The texts of a field; `null` for one of numbers. */
export function moreTexts(channel: string, path: string): string[] | null {
  if (channel !== 'machine') return null;
  switch (path) {
    case 'state':
      return STATES;
    case 'mode':
      return MODES;
    case 'door':
    case 'note':
      return [];
    default:
      return null;
  }
}
