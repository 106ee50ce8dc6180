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
