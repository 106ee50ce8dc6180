// Which commands a few typed letters may mean, the likeliest first.

import { computeCommandScore } from 'bits-ui';
import type { Command, Group } from './commands';

export interface Found {
  group: Group;
  commands: Command[];
}

/** Those that can be done now, group by group; all of them if nothing is typed. */
export function find(
  commands: readonly Command[],
  groups: readonly Group[],
  typed: string,
): Found[] {
  const words = typed.trim();
  const scored = commands
    .filter(({ idle }) => !idle)
    .map((command) => ({ command, score: words === '' ? 1 : scoreOf(command, words) }))
    .filter(({ score }) => score > 0);
  const found = groups.flatMap((group) => {
    const mine = scored.filter(({ command }) => command.group === group);
    // Stable: what is as likely stays in its order.
    mine.sort((a, b) => b.score - a.score);
    const [best] = mine;
    return best ? [{ group, best: best.score, commands: mine.map(({ command }) => command) }] : [];
  });
  return found.sort((a, b) => b.best - a.best).map(({ group, commands }) => ({ group, commands }));
}

const scoreOf = ({ id, name }: Command, words: string) => computeCommandScore(id, words, [name]);

/** The first so many of them. */
export function firstOf(found: readonly Found[], most: number): Found[] {
  let left = most;
  return found.flatMap(({ group, commands }) => {
    const first = commands.slice(0, left);
    left -= first.length;
    return first.length > 0 ? [{ group, commands: first }] : [];
  });
}
