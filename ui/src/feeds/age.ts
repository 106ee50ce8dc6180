// How long ago something came, in one unit: what stands in a row must not change its width.

import { span } from '../lib/format';
import { say } from '../words/say';

const STEPS_MS = [86_400_000, 3_600_000, 60_000, 1000];
// Less is now: what is finer flickers.
const NOW_MS = 2000;

export function ageText(ms: number): string {
  if (ms < NOW_MS) return say('now');
  const step = STEPS_MS.find((step) => ms >= step) ?? 1000;
  return span(Math.floor(ms / step) * step);
}
