import { describe, expect, it } from 'vitest';
import { Turns, WAIT_FRAMES_MAX } from './turns';

/** Draws so many panels that each cost so much, for so many frames; the mean number in the last. */
function run(turns: Turns, panels: number, each: (n: number) => number, frames = 400) {
  const drawn: number[] = [];
  const costs: number[] = [];
  for (let n = 0; n < frames; n += 1) {
    const room = Math.min(panels, turns.room(panels));
    const cost = room * each(n);
    turns.took(room, cost, room < panels);
    drawn.push(room);
    costs.push(cost);
  }
  const mean = (of: number[]) => of.slice(-100).reduce((sum, n) => sum + n, 0) / 100;
  return { drawn: mean(drawn), cost: mean(costs) };
}

describe('turns', () => {
  it('are not taken where there is time for all', () => {
    const { drawn } = run(new Turns(), 12, () => 0.5);
    expect(drawn).toBe(12);
  });

  it('are taken where all would take too long, and fill the time there is', () => {
    const { drawn, cost } = run(new Turns(), 12, () => 2);
    expect(drawn).toBeGreaterThan(2.5);
    expect(drawn).toBeLessThan(5);
    expect(cost).toBeLessThan(9);
  });

  it('let no panel wait for long, whatever it costs', () => {
    const turns = new Turns();
    expect(run(turns, 100, () => 5).drawn).toBe(Math.ceil(100 / WAIT_FRAMES_MAX));
    expect(run(turns, 1, () => 50).drawn).toBe(1);
  });

  it('end when there is time again', () => {
    const turns = new Turns();
    run(turns, 12, () => 4);
    expect(run(turns, 12, () => 0.5).drawn).toBe(12);
  });

  it('do not begin for good by one slow frame', () => {
    const { drawn } = run(new Turns(), 12, (n) => (n === 5 ? 20 : 0.3));
    expect(drawn).toBe(12);
  });
});
