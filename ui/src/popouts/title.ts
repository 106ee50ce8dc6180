// What the system calls a window of its own: in its bar, and in its list of windows.

import { say } from '../words/say';

/** By the first of its panels, and how many there are beside. */
export function windowTitle(titles: readonly string[]): string {
  const [title, ...others] = titles;
  if (title === undefined) return '';
  if (others.length === 0) return say('popout_title', { title });
  return say('popout_title_more', { title, count: others.length });
}
