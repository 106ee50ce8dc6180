import { describe, expect, it } from 'vitest';
import { newPanel } from '../board/kinds';
import type { Board } from '../generated/Board';
import type { Trace } from '../generated/Trace';
import { inPlaceOf, missingFeeds, without } from './missing';

const trace = (feed: string): Trace => ({ feed, channel: 'c', path: 'p', label: null, color: 0 });
const board: Board = {
  feedscope: 2,
  id: 'b',
  name: 'B',
  time: { span_ms: 60_000, axis: 'source', zone: 'local' },
  feeds: [
    { id: 'here', name: 'Here', url: 'ws://here/' },
    { id: 'odd', name: 'Odd', profile: 'of-tomorrow' },
  ],
  panels: [
    newPanel('time-series', 'One', 'none', [trace('here'), trace('gone'), trace('gone')]),
    newPanel('xy', 'Two', 'none', [trace('gone'), trace('here')]),
    newPanel('inspector', 'Three', 'none', [trace('odd')]),
    newPanel('number', 'Four', 'none', [trace('derived')]),
  ],
  layout: null,
};

describe('feeds that are not there', () => {
  it('are those that panels name, each with how many do', () => {
    expect(missingFeeds(board, ['here'])).toEqual([
      { id: 'gone', name: 'gone', source: null, panels: 2 },
      { id: 'odd', name: 'Odd', source: 'of-tomorrow', panels: 1 },
    ]);
    expect(missingFeeds(board, ['here', 'odd']).map(({ id }) => id)).toEqual(['gone']);
  });

  it('are missed no more once another is in their place', () => {
    const mended = inPlaceOf(board, 'gone', { id: 'here', name: 'Here', url: 'ws://here/' });
    expect(missingFeeds(mended, ['here', 'odd'])).toEqual([]);
    expect(mended.feeds).toHaveLength(2);
    const added = inPlaceOf(board, 'gone', { id: 'gone', name: 'New', url: 'ws://new/' });
    expect(added.feeds.at(-1)).toEqual({ id: 'gone', name: 'New', url: 'ws://new/' });
    expect(missingFeeds(added, ['here', 'odd', 'gone'])).toEqual([]);
  });

  it('are gone with what is drawn of them, and nothing else is', () => {
    const left = without(without(board, 'gone'), 'odd');
    expect(missingFeeds(left, ['here'])).toEqual([]);
    expect(left.panels).toHaveLength(4);
    expect(JSON.stringify(left.panels[0])).toContain('here');
    expect(left.feeds.map(({ id }) => id)).toEqual(['here']);
  });
});
