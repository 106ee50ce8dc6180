// Shortcuts: how they are written down (`mod+shift+z`), shown, and told from each other. `mod` is
// the platform's: Command on a Mac, Ctrl elsewhere.

import { say } from '../words/say';

const MAC = typeof navigator !== 'undefined' && /Mac/.test(navigator.platform);

const MODIFIERS = ['mod', 'ctrl', 'alt', 'shift'] as const;
type Modifier = (typeof MODIFIERS)[number];

const SIGNS: Record<Modifier, string> = MAC
  ? { mod: '⌘', ctrl: '⌃', alt: '⌥', shift: '⇧' }
  : { mod: 'Ctrl', ctrl: 'Ctrl', alt: 'Alt', shift: 'Shift' };

const NAMES: Record<string, string> = {
  arrowleft: '←',
  arrowright: '→',
  arrowup: '↑',
  arrowdown: '↓',
  escape: 'Esc',
  delete: 'Del',
  pageup: 'PgUp',
  pagedown: 'PgDn',
};

/** The shortcut that is pressed; `null` while only modifiers are. */
export function pressed(event: KeyboardEvent): string | null {
  const { key } = event;
  if (['Control', 'Alt', 'Shift', 'Meta', 'AltGraph', 'Dead', 'Process'].includes(key)) return null;
  const name = key === ' ' ? 'space' : key.toLowerCase();
  const parts: string[] = [];
  if (MAC ? event.metaKey : event.ctrlKey) parts.push('mod');
  if (MAC && event.ctrlKey) parts.push('ctrl');
  if (event.altKey) parts.push('alt');
  // Of signs, shift is part of how they are typed.
  if (event.shiftKey && (name.length > 1 || /\p{L}/u.test(name))) parts.push('shift');
  return [...parts, name].join('+');
}

/** As it is shown: Ctrl+Shift+Z, ⇧⌘Z. */
export function shown(shortcut: string): string {
  // A plus is a key, too.
  const parts = shortcut.endsWith('++')
    ? [...shortcut.slice(0, -2).split('+'), '+']
    : shortcut === '+'
      ? ['+']
      : shortcut.split('+');
  const key = parts.pop() ?? '';
  const name = key === 'space' ? say('key_space') : (NAMES[key] ?? capital(key));
  const signs = MODIFIERS.filter((modifier) => parts.includes(modifier)).map((m) => SIGNS[m]);
  return [...signs, name].join(MAC ? '' : '+');
}

const capital = (key: string): string => key.charAt(0).toUpperCase() + key.slice(1);
