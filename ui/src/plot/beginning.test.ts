import { describe, expect, it } from 'vitest';
import { beginning, beginningStory } from './beginning';

// A millisecond is a pixel.
const seen = (begins: (number | null)[]) => beginning(begins, 1000, 2000, 1000);

describe('where history begins', () => {
  it('is not drawn where nothing was dropped, or only what lies before the view', () => {
    expect(seen([])).toBeNull();
    expect(seen([null, null])).toBeNull();
    expect(seen([900, null, 1000])).toBeNull();
  });

  it('is shaded up to the first trace, with an edge for each', () => {
    expect(seen([1300, null, 1200, 1300])).toEqual({ shaded: 200, edges: [200, 300] });
  });

  it('is not shaded where a trace is there all along', () => {
    expect(seen([500, 1200])).toEqual({ shaded: 0, edges: [200] });
  });

  it('shades all of a view that lies before it', () => {
    expect(seen([5000])).toEqual({ shaded: 1000, edges: [] });
  });

  it('is told to who points at what is before it', () => {
    expect(beginningStory([null], 5)).toBeNull();
    expect(beginningStory([100, 200], 100)).toBeNull();
    expect(beginningStory([100, 200], 99)?.text).toMatch(/^What was before .* was dropped/);
  });
});
