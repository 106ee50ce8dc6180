import { describe, expect, it } from 'vitest';
import { pressed, shown } from './keys';

const event = (key: string, held: Partial<KeyboardEvent> = {}) =>
  ({
    key,
    ctrlKey: false,
    altKey: false,
    shiftKey: false,
    metaKey: false,
    ...held,
  }) as KeyboardEvent;

describe('a shortcut', () => {
  it('is what is pressed', () => {
    expect(pressed(event('z', { ctrlKey: true }))).toBe('mod+z');
    expect(pressed(event('Z', { ctrlKey: true, shiftKey: true }))).toBe('mod+shift+z');
    expect(pressed(event(' '))).toBe('space');
    expect(pressed(event('ArrowLeft', { altKey: true }))).toBe('alt+arrowleft');
    expect(pressed(event('F2'))).toBe('f2');
  });

  it('of a sign is that sign, however it is typed', () => {
    expect(pressed(event('?', { shiftKey: true }))).toBe('?');
    expect(pressed(event('+', { shiftKey: true }))).toBe('+');
  });

  it('is the key’s Latin letter where another script, an input method or a Mac hides it', () => {
    expect(pressed(event('я', { code: 'KeyZ', ctrlKey: true }))).toBe('mod+z');
    expect(pressed(event('ㄇ', { code: 'KeyA' }))).toBe('a');
    expect(pressed(event('Process', { code: 'KeyG' }))).toBe('g');
    expect(pressed(event('Process', { code: 'KeyG', isComposing: true }))).toBeNull();
    expect(pressed(event('Dead', { code: 'KeyN', altKey: true }), true)).toBe('alt+n');
    expect(pressed(event('Dead', { code: 'BracketLeft' }))).toBeNull();
    // Latin letters are where they are printed, wherever that is.
    expect(pressed(event('z', { code: 'KeyY' }))).toBe('z');
    expect(pressed(event('é', { code: 'Digit2' }))).toBe('é');
  });

  it('of a sign by AltGr is that sign', () => {
    const getModifierState = (key: string) => key === 'AltGraph';
    const held = { code: 'KeyQ', ctrlKey: true, altKey: true, getModifierState };
    expect(pressed(event('@', held))).toBe('@');
  });

  it('is of Command on a Mac, and of Ctrl elsewhere', () => {
    expect(pressed(event('k', { metaKey: true }), true)).toBe('mod+k');
    expect(pressed(event('k', { ctrlKey: true }), true)).toBe('ctrl+k');
    expect(pressed(event('k', { metaKey: true }), false)).toBe('k');
    expect(shown('mod+shift+z', true)).toBe('⇧⌘Z');
    expect(shown('ctrl+alt+arrowup', true)).toBe('⌃⌥↑');
  });

  it('is none while only modifiers are pressed', () => {
    for (const key of ['Control', 'Alt', 'Shift', 'Meta']) expect(pressed(event(key))).toBeNull();
  });

  it('is shown as the platform shows it', () => {
    expect(shown('mod+shift+z')).toBe('Ctrl+Shift+Z');
    expect(shown('alt+arrowleft')).toBe('Alt+←');
    expect(shown('space')).toBe('Space');
    expect(shown('+')).toBe('+');
    expect(shown('mod++')).toBe('Ctrl++');
  });
});
