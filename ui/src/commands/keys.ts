// Shortcuts: how they are written down (`mod+shift+z`), shown, and told from each other. `mod` is
// the platform's: Command on a Mac, Ctrl elsewhere.

import { say } from '../words/say';

const MAC = typeof navigator !== 'undefined' && /Mac/.test(navigator.platform);

const MODIFIERS = ['mod', 'ctrl', 'alt', 'shift'] as const;
type Modifier = (typeof MODIFIERS)[number];

const SIGNS: Record<Modifier, string> = { mod: 'Ctrl', ctrl: 'Ctrl', alt: 'Alt', shift: 'Shift' };
const MAC_SIGNS: Record<Modifier, string> = { mod: '⌘', ctrl: '⌃', alt: '⌥', shift: '⇧' };
// As a Mac's own menus have them.
const MAC_ORDER: readonly Modifier[] = ['ctrl', 'alt', 'shift', 'mod'];

const NAMES: Record<string, string> = {
  arrowleft: '←',
  arrowright: '→',
  arrowup: '↑',
  arrowdown: '↓',
  escape: 'Esc',
  delete: 'Del',
  pageup: 'PgUp',
  pagedown: 'PgDn',
  insert: 'Ins',
  backspace: '⌫',
  enter: '↵',
};

/** The shortcut that is pressed; `null` while only modifiers are. */
export function pressed(event: KeyboardEvent, mac = MAC): string | null {
  const name = nameOf(event, mac);
  if (!name) return null;
  const parts: string[] = [];
  // By AltGr signs are typed; some systems call it Ctrl and Alt.
  if (!event.getModifierState?.('AltGraph')) {
    if (mac ? event.metaKey : event.ctrlKey) parts.push('mod');
    if (mac && event.ctrlKey) parts.push('ctrl');
    if (event.altKey) parts.push('alt');
  }
  // Of signs, shift is part of how they are typed.
  if (event.shiftKey && (name.length > 1 || /\p{L}/u.test(name))) parts.push('shift');
  return [...parts, name].join('+');
}

/** What the key is called: what it types, but where that says nothing of which key it is. */
function nameOf({ key, code, altKey, isComposing }: KeyboardEvent, mac: boolean): string | null {
  if (['Control', 'Alt', 'Shift', 'Meta', 'AltGraph'].includes(key) || isComposing) return null;
  if (key === ' ') return 'space';
  const [, printed] = /^(?:Key|Digit)([A-Z0-9])$/.exec(code ?? '') ?? [];
  // Another script has its own letters where the Latin ones are, an input method takes them for
  // itself, and Alt on a Mac makes signs of them.
  const isOther = /^\p{L}$/u.test(key) && !/^\p{Script=Latin}$/u.test(key);
  const isHidden = ['Dead', 'Process', 'Unidentified'].includes(key);
  if (printed && (isOther || isHidden || (mac && altKey))) return printed.toLowerCase();
  return isHidden ? null : key.toLowerCase();
}

/** As it is shown: Ctrl+Shift+Z, ⇧⌘Z. */
export function shown(shortcut: string, mac = MAC): string {
  // A plus is a key, too.
  const parts = shortcut.endsWith('++')
    ? [...shortcut.slice(0, -2).split('+'), '+']
    : shortcut === '+'
      ? ['+']
      : shortcut.split('+');
  const key = parts.pop() ?? '';
  const name = key === 'space' ? say('key_space') : (NAMES[key] ?? capital(key));
  const held = (mac ? MAC_ORDER : MODIFIERS).filter((modifier) => parts.includes(modifier));
  const signs = held.map((modifier) => (mac ? MAC_SIGNS : SIGNS)[modifier]);
  return [...signs, name].join(mac ? '' : '+');
}

const capital = (key: string): string => key.charAt(0).toUpperCase() + key.slice(1);
