// Which shortcuts a command has: its default ones, or those that were chosen for it. A shortcut is
// one command's alone: who chooses it takes it from the one that had it.

export type Keys = readonly string[];

/** What was chosen, by command; none of it is no shortcut. */
export type Chosen = Readonly<Record<string, Keys>>;

/** docs/shortcuts.md lists these, and what they are for. The one that is shown comes first. */
export const DEFAULTS: Readonly<Record<string, Keys>> = {
  palette: ['mod+k'],
  shortcuts: ['?'],
  alerts: ['l'],
  'time.toggle': ['space'],
  'time.live': ['end'],
  'time.back': ['alt+arrowleft'],
  'time.forward': ['alt+arrowright'],
  'time.earlier': ['arrowleft'],
  'time.later': ['arrowright'],
  'time.in': ['+', '='],
  'time.out': ['-'],
  measure: ['m'],
  'measure.a': ['a'],
  'measure.b': ['b'],
  'gap.earlier': ['pageup'],
  'gap.later': ['pagedown'],
  gaps: ['g'],
  annotate: ['i'],
  'annotation.earlier': ['['],
  'annotation.later': [']'],
  annotations: ['shift+i'],
  undo: ['mod+z'],
  redo: ['mod+shift+z', 'mod+y'],
  'panel.settings': ['e'],
  'panel.cursor': ['c'],
  'panel.table': ['t'],
  'panel.time': ['o'],
  'panel.float': ['f'],
  'panel.popout': ['w'],
  'panel.remove': ['delete'],
  'feed.add': ['n'],
  'feed.search': ['mod+f'],
  health: ['h'],
};

export const KEYS_MAX = 4;

const own = <T>(of: Readonly<Record<string, T>>, id: string): T | undefined =>
  Object.hasOwn(of, id) ? of[id] : undefined;

const defaultsOf = (id: string): Keys => own(DEFAULTS, id) ?? [];

const same = (one: Keys, other: Keys): boolean => one.join(' ') === other.join(' ');

/** The shortcuts of a command, without those that another one was given. */
export function keysOf(id: string, chosen: Chosen): Keys {
  const mine = own(chosen, id);
  if (mine) return mine;
  const taken = new Set(Object.values(chosen).flat());
  return defaultsOf(id).filter((key) => !taken.has(key));
}

/** The command, of these, that has a shortcut. */
export const ownerOf = (key: string, ids: readonly string[], chosen: Chosen): string | undefined =>
  ids.find((id) => keysOf(id, chosen).includes(key));

/** Gives a command these shortcuts, and takes them from all others. */
export function bound(id: string, keys: Keys, chosen: Chosen): Chosen {
  const next: Record<string, Keys> = {};
  for (const [other, theirs] of Object.entries(chosen)) {
    if (other === id) continue;
    const left = theirs.filter((key) => !keys.includes(key));
    if (!same(left, defaultsOf(other))) next[other] = left;
  }
  if (!same(keys, defaultsOf(id))) next[id] = [...new Set(keys)].slice(0, KEYS_MAX);
  return next;
}

/** Gives a command its default shortcuts again, whoever has them now. */
export const withDefaults = (id: string, chosen: Chosen): Chosen =>
  bound(id, defaultsOf(id), chosen);

export const isDefault = (id: string, chosen: Chosen): boolean =>
  same(keysOf(id, chosen), defaultsOf(id));

// What buttons are pressed with, and the way out of everything.
const NEEDED = ['enter', 'escape', 'tab', 'shift+tab', 'shift+enter'];
// What texts are copied with.
const SYSTEM = ['mod+a', 'mod+c', 'mod+v', 'mod+x'];

/** Why a shortcut is for no command, if it is not. */
export function refused(key: string): 'needed' | 'system' | null {
  if (NEEDED.includes(key)) return 'needed';
  return SYSTEM.includes(key) ? 'system' : null;
}

/** Whether it may be meant where one types: nothing that is typed is written like that. */
export const isHeld = (key: string): boolean => /^(mod|ctrl|alt)\+|^f\d+$/.test(key);
