// The words of the board that a first start shows. The application writes them in English, and so
// they are kept; as long as nobody changes them, they are shown in the window's language.

import type { Panel } from '../generated/Panel';
import type { Trace } from '../generated/Trace';
import { inEnglish, type Key, say } from '../words/say';
import { kindName } from './kind-words';
import { KINDS } from './kinds';

/** What the application calls its own feed. */
export const BUILTIN_FEED = 'computer';

const TITLES: readonly Key[] = [
  'builtin_cpu',
  'builtin_memory',
  'builtin_load',
  'builtin_network',
  'builtin_disk',
];

const LABELS: readonly Key[] = [
  'builtin_cpu_all',
  'builtin_memory_used',
  'builtin_memory_available',
  'builtin_network_received',
  'builtin_network_sent',
  'builtin_disk_read',
  'builtin_disk_written',
];

const plain = (keys: readonly Key[]) =>
  new Map(keys.map((key) => [inEnglish(key), () => say(key as 'builtin_cpu')]));

const titles = plain(TITLES);
const labels = plain(LABELS);
for (let core = 1; core <= 8; core += 1) {
  const n = String(core);
  labels.set(inEnglish('builtin_cpu_core', { n }), () => say('builtin_cpu_core', { n }));
}
for (const n of ['1', '5', '15']) {
  labels.set(inEnglish('builtin_load_minutes', { n }), () => say('builtin_load_minutes', { n }));
}

const ofBuiltin = (panel: Panel): boolean =>
  panel.kind === 'time-series' &&
  panel.traces.length > 0 &&
  panel.traces.every(({ feed }) => feed === BUILTIN_FEED);

/** What a panel is called: by its kind, if nobody gave it a name. */
export const panelTitle = (panel: Panel): string =>
  (ofBuiltin(panel) && titles.get(panel.title)?.()) ||
  panel.title ||
  (KINDS.includes(panel.kind) ? kindName(panel.kind) : '');

export const builtinLabel = ({ feed, label }: Trace): string | null =>
  (feed === BUILTIN_FEED && label !== null && labels.get(label)?.()) || label;

/** What a board is called. */
export function boardName(name: string): string {
  if (name === inEnglish('builtin_feed')) return say('builtin_feed');
  return name === inEnglish('board_new') ? say('board_new') : name;
}
