import { describe, expect, it } from 'vitest';
import { type Doings, STEPS } from './steps';
import { Tour } from './tour.svelte';

const REST: Doings = {
  traces: 3,
  following: true,
  gapsListed: false,
  adding: false,
  palette: false,
};

/** What a person does at each step that has something to do. */
const DONE: Record<string, Partial<Doings>> = {
  field: { traces: 4 },
  time: { following: false },
  gaps: { gapsListed: true },
  add: { adding: true },
  palette: { palette: true },
};

function begun(): Tour {
  const tour = new Tour(() => {});
  tour.begin();
  return tour;
}

describe('the tour', () => {
  it('sees that what a step speaks of was done, and nothing else', () => {
    for (const [n, { id }] of STEPS.entries()) {
      for (const [of, doing] of Object.entries(DONE)) {
        const tour = begun();
        tour.go(n);
        tour.see(REST);
        expect(tour.did).toBe(false);
        tour.see({ ...REST, ...doing });
        expect(tour.did, `${id}: ${of}`).toBe(id === of);
      }
    }
  });

  it('does not take for done what was so when the step began', () => {
    for (const [n, { id }] of STEPS.entries()) {
      const tour = begun();
      tour.go(n);
      tour.see({ ...REST, ...DONE[id] });
      tour.see({ ...REST, ...DONE[id] });
      expect(tour.did, id).toBe(false);
    }
  });

  it('goes to and fro, and ends past the last step', () => {
    const tour = begun();
    tour.go(-1);
    expect(tour.step?.id).toBe('feed');
    tour.go(STEPS.length - 1);
    expect(tour.step?.id).toBe('palette');
    tour.go(STEPS.length);
    expect(tour.step).toBeUndefined();
    tour.see(REST);
    expect(tour.did).toBe(false);
  });
});
