import { describe, expect, it } from 'vitest';
import tokens from '../tokens.css?raw';
import { RAMP_STEPS, rampOf, stepOf } from './ramp';

/** The lightness of a colour to the eye (OKLab's). */
function lightness(red: number, green: number, blue: number): number {
  const linear = (part: number) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  };
  const [r, g, b] = [linear(red), linear(green), linear(blue)];
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return 0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s;
}

const stops = [...tokens.matchAll(/--ramp-\d: (#[0-9a-f]{6});/g)].map(([, stop]) => stop as string);
const dark = stops.slice(0, 9);
const light = stops.slice(9);

const lights = (ramp: readonly string[]) =>
  ramp.map((color) => {
    const [r = 0, g = 0, b = 0] = (color.match(/\d+/g) ?? []).map(Number);
    return lightness(r, g, b);
  });

describe('the ramp of colours', () => {
  it('goes in even steps of lightness, up in the dark and down in the light', () => {
    expect(stops).toHaveLength(18);
    for (const [ramp, sign] of [
      [dark, 1],
      [light, -1],
    ] as const) {
      const all = lights(rampOf(ramp));
      const mean = ((all.at(-1) ?? 0) - (all[0] ?? 0)) / (RAMP_STEPS - 1);
      expect(sign * mean).toBeGreaterThan(0.004);
      for (let n = 1; n < RAMP_STEPS; n += 1) {
        const step = ((all[n] ?? 0) - (all[n - 1] ?? 0)) / mean;
        expect(step, `${n}`).toBeGreaterThan(0.2);
        expect(step, `${n}`).toBeLessThan(1.9);
      }
    }
  });

  it('begins and ends with the colours that are given', () => {
    const ramp = rampOf(['#000000', '#808080', '#ffffff']);
    expect([ramp[0], ramp.at(-1)]).toEqual(['rgb(0 0 0)', 'rgb(255 255 255)']);
  });

  it('has its ends at those of the range, and for what is beyond', () => {
    const step = stepOf({ least: 10, greatest: 20, log: false });
    expect([10, 20, 5, 99].map(step)).toEqual([0, RAMP_STEPS - 1, 0, RAMP_STEPS - 1]);
    expect(step(15)).toBe(Math.round((RAMP_STEPS - 1) / 2));
  });

  it('has equal steps for equal factors where it is of these', () => {
    const step = stepOf({ least: 1, greatest: 10_000, log: true });
    expect(step(100)).toBe(Math.round((RAMP_STEPS - 1) / 2));
    expect([0, -1].map(step)).toEqual([-1, -1]);
  });

  it('has no colour for what is no number', () => {
    expect(stepOf({ least: 0, greatest: 1, log: false })(Number.NaN)).toBe(-1);
  });
});
