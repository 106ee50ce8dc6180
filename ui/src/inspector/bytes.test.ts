import { describe, expect, it } from 'vitest';
import { asText, fromBase64, hexLine, hexLines, isText } from './bytes';

const all = Uint8Array.from({ length: 256 }, (_, byte) => byte);

describe('bytes', () => {
  it('cross as base64', () => {
    expect([...fromBase64('AP8Q')]).toEqual([0, 255, 16]);
    expect(fromBase64('').length).toBe(0);
    const base64 = btoa(String.fromCharCode(...all));
    expect(fromBase64(base64)).toEqual(all);
  });

  it('are text or not', () => {
    const bytes = new TextEncoder().encode('é€😀');
    expect([isText(bytes), asText(bytes)]).toEqual([true, 'é€😀']);
    expect(isText(bytes.subarray(0, 4))).toBe(false);
    expect(isText(bytes.subarray(0, 4), true)).toBe(true);
    expect(isText(Uint8Array.of(0xff, 0xfe))).toBe(false);
    expect(asText(Uint8Array.of(0x61, 0xff))).toBe('a\ufffd');
  });

  it('are written in lines of sixteen', () => {
    expect(hexLines(0)).toBe(0);
    expect([hexLines(16), hexLines(17)]).toEqual([1, 2]);
    expect(hexLine(all, 4)).toEqual({
      offset: '0040',
      digits: ['40 41 42 43 44 45 46 47', '48 49 4a 4b 4c 4d 4e 4f'],
      ascii: '@ABCDEFGHIJKLMNO',
    });
    expect(hexLine(Uint8Array.of(0, 0x7f, 0x20), 0, 0x123456)).toEqual({
      offset: '000000',
      digits: ['00 7f 20', ''],
      ascii: '·· ',
    });
  });
});
