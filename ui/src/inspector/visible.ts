// Text that others wrote, made visible: what would not be seen, or would change how the rest is
// seen, is shown by a picture or its number. All of it is text, and nothing else, to the page.

export interface Piece {
  text: string;
  /** It stands for a character that would not be seen. */
  odd: boolean;
}

// What controls, joins, parts, hides or turns others; tags, variation selectors, private use and
// what is not assigned for good; and halves of pairs.
const ODD =
  /\p{Cc}|\p{Cf}|\p{Zl}|\p{Zp}|\p{Co}|\p{Cs}|\u{115f}|\u{1160}|\u{3164}|\u{ffa0}|\u{2800}|\u{034f}|\u{17b4}|\u{17b5}|[\u{180b}-\u{180f}]|[\u{fe00}-\u{fe0e}]|[\u{e0100}-\u{e01ef}]/gu;

/** More marks than these on one letter climb over the lines around it. */
const MARKS_MAX = 4;
const CLIMBING = new RegExp(`(\\p{M}{${MARKS_MAX}})\\p{M}+`, 'gu');

const PICTURES = 0x2400;
const DELETE = 0x7f;
const DELETE_PICTURE = '␡';

/** What stands for a character that would not be seen. */
function picture(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20) return String.fromCharCode(PICTURES + code);
  if (code === DELETE) return DELETE_PICTURE;
  return `⟨${code.toString(16).toUpperCase().padStart(4, '0')}⟩`;
}

/** A line of text, in pieces. With `lines`, line ends and tabs are what they are. */
export function visible(text: string, lines = false): Piece[] {
  const pieces: Piece[] = [];
  const tame = text.replaceAll(CLIMBING, '$1');
  let from = 0;
  for (const { 0: character, index } of tame.matchAll(ODD)) {
    if (lines && (character === '\n' || character === '\t')) continue;
    if (index > from) pieces.push({ text: tame.slice(from, index), odd: false });
    pieces.push({ text: picture(character), odd: true });
    from = index + character.length;
  }
  if (from < tame.length || pieces.length === 0) {
    pieces.push({ text: tame.slice(from), odd: false });
  }
  return pieces;
}

/** The same as one text: for names that are read aloud. */
export const visibleText = (text: string): string =>
  visible(text)
    .map((piece) => piece.text)
    .join('');
