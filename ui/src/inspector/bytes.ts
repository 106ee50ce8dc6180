// Bytes of messages: as they cross from the application, as text, and as hexadecimal digits.

export function fromBase64(base64: string): Uint8Array<ArrayBuffer> {
  const packed = atob(base64);
  const bytes = new Uint8Array(packed.length);
  for (let at = 0; at < packed.length; at += 1) bytes[at] = packed.charCodeAt(at);
  return bytes;
}

/** As text, with � where it is none. */
export const asText = (bytes: Uint8Array): string => new TextDecoder('utf-8').decode(bytes);

/** Whether all of it is text. What is cut off may end within a character. */
export function isText(bytes: Uint8Array, cut = false): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes, { stream: cut });
    return true;
  } catch {
    return false;
  }
}

export const HEX_BYTES = 16;

export interface HexLine {
  /** Where the first of its bytes is. */
  offset: string;
  /** In two halves. */
  digits: [string, string];
  ascii: string;
}

const DIGITS = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

export const hexLines = (length: number): number => Math.ceil(length / HEX_BYTES);

/** A line of the bytes; `total` says how many digits its offset has. */
export function hexLine(bytes: Uint8Array, line: number, total = bytes.length): HexLine {
  const start = line * HEX_BYTES;
  const part = bytes.subarray(start, start + HEX_BYTES);
  const digits = (from: number, to: number) =>
    Array.from(part.subarray(from, to), (byte) => DIGITS[byte]).join(' ');
  return {
    offset: start.toString(16).padStart(Math.max(4, (total - 1).toString(16).length), '0'),
    digits: [digits(0, HEX_BYTES / 2), digits(HEX_BYTES / 2, HEX_BYTES)],
    ascii: Array.from(part, (byte) =>
      byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '·',
    ).join(''),
  };
}
