import { describe, expect, it } from 'vitest';
import type { Command, Group } from './commands';
import { find, firstOf } from './find';

const GROUPS: Group[] = ['time', 'board', 'window'];

const command = (group: Group, id: string, name: string, idle = false): Command => {
  return { group, id, name, keys: [], idle, run: () => {} };
};

const all = [
  command('time', 'gaps', 'Gaps'),
  command('time', 'time.live', 'Jump to live'),
  command('time', 'gap.later', 'Go to the next gap'),
  command('board', 'undo', 'Undo', true),
  command('board', 'board.new', 'New board'),
  command('window', 'alerts', 'Alerts'),
];

const ids = (typed: string) =>
  find(all, GROUPS, typed).map(({ group, commands }) => [group, ...commands.map(({ id }) => id)]);

describe('the commands that typed letters mean', () => {
  it('are all that can be done if there are none, in their order', () => {
    expect(ids(' ')).toEqual([
      ['time', 'gaps', 'time.live', 'gap.later'],
      ['board', 'board.new'],
      ['window', 'alerts'],
    ]);
  });

  it('are the likeliest first, by their groups', () => {
    expect(ids('gap')).toEqual([['time', 'gaps', 'gap.later']]);
    expect(ids('new')[0]).toEqual(['board', 'board.new']);
    expect(ids('next gap')).toEqual([['time', 'gap.later']]);
    expect(ids('nothing of the kind')).toEqual([]);
  });

  it('are shown a few first', () => {
    const first = firstOf(find(all, GROUPS, ''), 4);
    expect(first.map(({ commands }) => commands.length)).toEqual([3, 1]);
  });
});
