import { describe, expect, it } from 'vitest';
import { Turns, WAIT_FRAMES_MAX } from './turns';

/** Draws panels that each cost so much and always have something new, for so many frames. Gives of
 * the last hundred frames the mean number of panels and the mean cost, and of all of them the most
 * frames from one time that a panel was drawn to the next. */
function run(
  turns: Turns,
  count: number,
  each: (frame: number) => number,
  { pointed, frames = 400 }: { pointed?: number; frames?: number } = {},
) {
  const panels = Array.from({ length: count }, (_, n) => n);
  const last = panels.map(() => 0);
  const counts: number[] = [];
  const costs: number[] = [];
  let wait = 0;
  for (let frame = 0; frame < frames; frame += 1) {
    const { drew, waiting } = turns.take(panels, pointed, (panel) => {
      wait = Math.max(wait, frame - (last[panel] as number));
      last[panel] = frame;
      return true;
    });
    turns.took(drew, drew * each(frame), waiting);
    counts.push(drew);
    costs.push(drew * each(frame));
  }
  for (const seen of last) wait = Math.max(wait, frames - 1 - seen);
  const mean = (of: number[]) => of.slice(-100).reduce((sum, n) => sum + n, 0) / 100;
  return { drawn: mean(counts), cost: mean(costs), wait };
}

describe('turns', () => {
  it('are not taken where there is time for all', () => {
    const { drawn, wait } = run(new Turns(), 12, () => 0.5);
    expect(drawn).toBe(12);
    expect(wait).toBe(1);
  });

  it('are taken where all would take too long, and fill the time there is', () => {
    const { drawn, cost } = run(new Turns(), 12, () => 2);
    expect(drawn).toBeGreaterThan(2.5);
    expect(drawn).toBeLessThan(5);
    expect(cost).toBeLessThan(9);
  });

  it('let no panel wait for long, whatever it costs', () => {
    for (const count of [1, 2, 5, 6, 7, 12, 100]) {
      const { drawn, wait } = run(new Turns(), count, () => 50);
      expect(wait).toBeLessThanOrEqual(WAIT_FRAMES_MAX);
      expect(drawn).toBe(Math.ceil(count / WAIT_FRAMES_MAX));
    }
  });

  it('draw what comes first in every frame, and keep nobody waiting for it', () => {
    for (const count of [1, 2, 5, 6, 7, 12, 100]) {
      const { drawn, wait } = run(new Turns(), count, () => 50, { pointed: 0 });
      expect(wait).toBeLessThanOrEqual(WAIT_FRAMES_MAX);
      expect(drawn).toBe(Math.min(count, 1 + Math.ceil(count / WAIT_FRAMES_MAX)));
    }
  });

  it('pass over who has nothing new', () => {
    const turns = new Turns();
    turns.took(2, 100, true);
    const drawn: number[] = [];
    const draw = (panel: number) => panel > 2 && drawn.push(panel) > 0;
    for (let frame = 0; frame < 4; frame += 1) turns.take([0, 1, 2, 3, 4], undefined, draw);
    expect(drawn).toEqual([3, 4, 3, 4]);
  });

  it('end when there is time again', () => {
    const turns = new Turns();
    run(turns, 12, () => 4);
    expect(run(turns, 12, () => 0.5).drawn).toBe(12);
  });

  it('do not begin for good by one slow frame', () => {
    const { drawn } = run(new Turns(), 12, (frame) => (frame === 5 ? 20 : 0.3));
    expect(drawn).toBe(12);
  });
});
