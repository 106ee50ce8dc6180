import { describe, expect, it } from 'vitest';
import { visible, visibleText } from './visible';

const HOSTILE =
  '<img src=x onerror=harm()>\u202egnp.exe\u2066\u0000\u001b[2J\u007f\u200b\ufeff\u00ad\ud800é😀';

describe('what others wrote', () => {
  it('is shown with pictures and numbers in place of what would not be seen', () => {
    expect(visibleText(HOSTILE)).toBe(
      '<img src=x onerror=harm()>⟨202E⟩gnp.exe⟨2066⟩␀␛[2J␡⟨200B⟩⟨FEFF⟩⟨00AD⟩⟨D800⟩é😀',
    );
    expect(visibleText('\u{e0041}\u2028\u3164\u{e000}')).toBe('⟨E0041⟩⟨2028⟩⟨3164⟩⟨E000⟩');
  });

  it('says which pieces stand for something else', () => {
    expect(visible('a\u202eb')).toEqual([
      { text: 'a', odd: false },
      { text: '⟨202E⟩', odd: true },
      { text: 'b', odd: false },
    ]);
    expect(visible('')).toEqual([{ text: '', odd: false }]);
  });

  it('keeps lines where lines are shown, and nowhere else', () => {
    expect(visibleText('a\n\tb')).toBe('a␊␉b');
    expect(visible('a\n\tb\r', true)).toEqual([
      { text: 'a\n\tb', odd: false },
      { text: '␍', odd: true },
    ]);
  });

  it('does not climb over its neighbours', () => {
    const zalgo = `z${'\u0301'.repeat(500)}`;
    expect(visibleText(zalgo)).toBe(`z${'\u0301'.repeat(4)}`);
  });

  it('leaves the scripts of the world as they are', () => {
    for (const text of ['你好，世界', 'שלום', 'नमस्ते', 'ไทย', 'Größe', '🏳️'])
      expect(visibleText(text)).toBe(text);
  });

  it('takes very many of them', () => {
    expect(visible('\u202e'.repeat(100_000)).length).toBe(100_000);
  });
});
