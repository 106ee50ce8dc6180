import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Board } from '../generated/Board';
import type { BoardChange } from '../generated/BoardChange';
import type { BoardChanged } from '../generated/BoardChanged';
import type { BoardHead } from '../generated/BoardHead';
import { BoardState } from './board.svelte';
import { newPanel } from './kinds';
import { same, shared } from './mirror';
import { tracesOf } from './trace';

/** What was asked of the application, each with what answers it. */
const asked: {
  what: string;
  with: unknown[];
  answer: (answer: unknown) => void;
  refuse: (trouble: unknown) => void;
}[] = [];
vi.mock('$host', () => {
  const ask =
    (what: string) =>
    (...args: unknown[]) =>
      new Promise((answer, refuse) => asked.push({ what, with: args, answer, refuse }));
  return Object.fromEntries(
    ['boardChange', 'boardGet', 'boardShow', 'boardUndo', 'boardRedo', 'boardRemove'].map(
      (name) => [name, ask(name)],
    ),
  );
});

const panel = (id: string, title = id): Board['panels'][number] => ({
  ...newPanel('time-series', title, 'none', [
    { feed: 'f', channel: 'c', path: id, label: null, color: 0 },
  ]),
  id,
});
const board = (id: string, panels = [panel('a'), panel('b')]): Board => ({
  feedscope: 2,
  id,
  name: id,
  time: { span_ms: 60_000, axis: 'source', zone: 'local' },
  feeds: [],
  panels,
  layout: null,
});
const head = (id: string, revision: number): BoardHead => ({
  id,
  name: id,
  revision,
  undo: null,
  redo: null,
});
const changed = (document: Board | null, revision: number, id = 'x'): BoardChanged => ({
  head: head(id, revision),
  stale: false,
  document,
});
const settled = () => new Promise((resolve) => setTimeout(resolve));
const titles = (state: BoardState) => state.panels.map(({ title }) => title);
const sent = (at: number) => asked[at]?.with[0] as BoardChange;

let state: BoardState;
let troubles: unknown[];

beforeEach(() => {
  asked.length = 0;
  troubles = [];
  state = new BoardState(
    {
      feeds: () => {},
      loaded: () => {},
      trouble: (trouble) => troubles.push(trouble),
    },
    ({ path }) => path.startsWith('text'),
  );
  state.start({ version: 1, list: [head('x', 1), head('y', 1)], feeds: [] }, board('x'));
});

describe('a change', () => {
  it('shows at once, and is sent with what it was made from', async () => {
    state.rename('a', 'A');
    expect(titles(state)).toEqual(['A', 'b']);
    await settled();
    expect(asked).toHaveLength(1);
    expect(sent(0)).toMatchObject({ board: 'x', revision: 1, label: 'Rename panel' });
    expect(sent(0).document.panels[0]?.title).toBe('A');
  });

  it('waits for the one before, and is made from what that has become', async () => {
    state.rename('a', 'A');
    await settled();
    state.removePanel('b');
    state.undo();
    await settled();
    expect(asked).toHaveLength(1);
    asked[0]?.answer(changed(null, 5));
    await settled();
    expect(sent(1)).toMatchObject({ revision: 5, label: 'Remove panel' });
    asked[1]?.answer(changed(null, 6));
    await settled();
    expect(asked[2]?.what).toBe('boardUndo');
    asked[2]?.answer(changed(board('x'), 7));
    await settled();
    expect(titles(state)).toEqual(['a', 'b']);
    expect(state.loads).toBe(2);
  });

  it('of a drag is sent as it is last, while one is on its way', async () => {
    state.setSpan(1);
    await settled();
    for (const ms of [2, 3, 4]) state.setSpan(ms);
    state.setLayout({ grid: 1 }, false);
    asked[0]?.answer(changed(null, 2));
    await settled();
    expect(asked).toHaveLength(2);
    expect(sent(1)).toMatchObject({ label: 'Change time span', merge: 'span' });
    expect(sent(1).document).toMatchObject({ time: { span_ms: 4 }, layout: { grid: 1 } });
  });

  it('that came too late is done to what others have made of the board', async () => {
    state.rename('a', 'A');
    await settled();
    state.rename('b', 'B');
    const now = board('x', [panel('a', 'other'), panel('b'), panel('theirs')]);
    asked[0]?.answer({ ...changed(now, 9), stale: true });
    await settled();
    expect(titles(state)).toEqual(['A', 'B', 'theirs']);
    expect(sent(1)).toMatchObject({ revision: 9, label: 'Rename panel' });
    expect(sent(1).document.panels.map(({ title }) => title)).toEqual(['A', 'b', 'theirs']);
    asked[1]?.answer(changed(null, 10));
    await settled();
    expect(sent(2)).toMatchObject({ revision: 10 });
    expect(sent(2).document.panels.map(({ title }) => title)).toEqual(['A', 'B', 'theirs']);
  });

  it('that is refused is taken back, and said', async () => {
    state.rename('a', 'A');
    await settled();
    state.rename('b', 'B');
    asked[0]?.refuse('no');
    await settled();
    expect(titles(state)).toEqual(['a', 'B']);
    expect(troubles).toEqual(['no']);
    expect(sent(1).document.panels.map(({ title }) => title)).toEqual(['a', 'B']);
  });
});

describe('a field that is ticked', () => {
  const kinds = () => state.panels.map(({ kind }) => kind);
  const paths = () => state.panels.map((panel) => tracesOf(panel).map(({ path }) => path));

  it('is drawn where its channel is, and taken off again', () => {
    state.togglePlotted('f', 'c', 'n');
    expect(paths()).toEqual([['a', 'n'], ['b']]);
    state.togglePlotted('f', 'c', 'n');
    expect(paths()).toEqual([['a'], ['b']]);
  });

  it('and holds texts makes a panel of states, to which others of them come', () => {
    state.togglePlotted('f', 'c', 'text');
    state.togglePlotted('f', 'c', 'text 2');
    expect(kinds()).toEqual(['time-series', 'time-series', 'states']);
    expect(paths()[2]).toEqual(['text', 'text 2']);
  });

  it('and holds numbers goes to numbers, though states are chosen', () => {
    state.togglePlotted('f', 'c', 'text');
    state.togglePlotted('f', 'c', 'n');
    expect(paths()).toEqual([['a', 'n'], ['b'], ['text']]);
  });
});

describe('what others do', () => {
  const told = (version: number, list: BoardHead[]) => ({ version, list, feeds: [] });

  it('is taken over, but not while something is under way here', async () => {
    state.rename('a', 'A');
    await settled();
    state.heard(told(5, [head('x', 5)]));
    await settled();
    expect(asked).toHaveLength(1);
    asked[0]?.answer(changed(null, 4));
    await settled();
    expect(asked[1]).toMatchObject({ what: 'boardGet', with: ['x'] });
    asked[1]?.answer(changed(board('x', [panel('z')]), 5));
    await settled();
    expect(titles(state)).toEqual(['z']);
    expect(asked).toHaveLength(2);
  });

  it('is not what this has done itself', async () => {
    state.rename('a', 'A');
    await settled();
    state.heard(told(2, [head('x', 2), head('y', 1)]));
    asked[0]?.answer(changed(null, 2));
    await settled();
    expect(asked).toHaveLength(1);
  });

  it('that is older than what is known is not listened to', () => {
    state.heard(told(3, [head('x', 1)]));
    state.heard(told(2, [head('x', 1), head('y', 1)]));
    expect(state.tabs.map(({ id }) => id)).toEqual(['x']);
  });

  it('may take the board away: the next one is shown', async () => {
    state.heard(told(3, [head('y', 1), head('z', 1)]));
    await settled();
    expect(asked[0]).toMatchObject({ what: 'boardShow', with: ['y'] });
    asked[0]?.answer(changed(board('y', []), 1, 'y'));
    await settled();
    expect(state.id).toBe('y');
  });
});

describe('what a board shares with the one before', () => {
  it('are the very same panels, where nothing of them has changed', () => {
    const before = board('x');
    const next = structuredClone(before);
    (next.panels[1] as { title: string }).title = 'B';
    const taken = shared(before, next);
    expect(taken.panels[0]).toBe(before.panels[0]);
    expect(taken.panels[1]).not.toBe(before.panels[1]);
    expect(tracesOf(taken.panels[1])).toBe(tracesOf(before.panels[1]));
    expect(taken).toEqual(next);
    expect(shared(board('y'), next)).toBe(next);
  });

  it('is found in depth', () => {
    expect(same({ a: [1, { b: null }] }, { a: [1, { b: null }] })).toBe(true);
    for (const other of [{ a: [1] }, { a: { 0: 1 } }, { a: [1, { c: null }] }, null, 7]) {
      expect(same({ a: [1, { b: null }] }, other)).toBe(false);
    }
  });
});

describe('windows of their own', () => {
  const places = () => [state.placed, [...state.away]];

  it('have panels, which keep their place in the first one', () => {
    state.popOut(['b']);
    expect(places()).toEqual([['a', 'b'], ['b']]);
    state.bringBack(['b']);
    expect(places()).toEqual([['a', 'b'], []]);
    expect('popouts' in state.document, 'a board without any says nothing of them').toBe(false);
  });

  it('have each panel once, and go with their last one', () => {
    state.popOut(['a', 'b']);
    state.popOut(['b']);
    expect(state.popouts.map(({ panels }) => panels)).toEqual([['a'], ['b']]);
    state.removePanel('b');
    expect(state.popouts.map(({ panels }) => panels)).toEqual([['a']]);
  });

  it('show their panels and lay them out by themselves', async () => {
    state.popOut(['b']);
    const id = state.popouts[0]?.id ?? '';
    state.here = id;
    expect(places()).toEqual([['b'], []]);
    expect(state.layout).toBeNull();
    state.setLayout({ of: 'window' }, true);
    expect(state.layout).toEqual({ of: 'window' });
    state.here = null;
    expect(state.layout).toBeNull();
  });

  it('stay as they are when their board is gone: they go with it', async () => {
    state.here = 'w';
    state.heard({ version: 2, list: [head('y', 1)], feeds: [] });
    await settled();
    expect(asked.map(({ what }) => what)).toEqual([]);
  });
});
