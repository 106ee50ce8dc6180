// What can be seen of a feed's address before anybody dials.

import { say } from '../words/say';

/** What is wrong with it so far, or `null`. Everything else is for the application to say. */
export function urlFault(text: string): string | null {
  const url = text.trim();
  if (url === '') return say('feed_add_nothing');
  if (/\s/.test(url)) return say('feed_add_spaces');
  return null;
}
