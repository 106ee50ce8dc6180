// Markdown as a tree of what a note can show, and of nothing else: no HTML, no pictures from
// elsewhere, no links but to pages and addresses to write to. A note can come from anyone, with the
// board it stands in; what is in it is only ever text.

import { decodeHTMLStrict } from 'entities';
import { Lexer, type Token, type Tokens } from 'marked';

export type Inline =
  | { kind: 'text' | 'code' | 'image'; text: string }
  | { kind: 'strong' | 'em' | 'del'; of: Inline[] }
  | { kind: 'link'; to: string; of: Inline[] }
  | { kind: 'break' };

export interface Item {
  /** Whether it is done, if it is something to do. */
  done: boolean | null;
  of: Block[];
}

export type Align = 'center' | 'left' | 'right' | null;

export type Block =
  | { kind: 'heading'; level: number; of: Inline[] }
  | { kind: 'paragraph' | 'line'; of: Inline[] }
  | { kind: 'code'; text: string }
  | { kind: 'quote'; of: Block[] }
  | { kind: 'list'; start: number | null; items: Item[] }
  | { kind: 'table'; align: Align[]; head: Inline[][]; rows: Inline[][][] }
  | { kind: 'rule' };

// What is longer is no note, and is shown as it is written.
export const NOTE_CHARS_MAX = 65_536;
// Deeper than anyone can follow; and the page would be laid out for ever.
const DEPTH_MAX = 16;
// What marks of emphasis cost the parser goes with their number and with how long the text around
// them is. So much takes it a tenth of a second.
const EMPHASIS_COST_MAX = 2e7;
// Each mark of these can be a level, each of which costs all that is in it.
const NESTING_CHARS_MAX = 64;

/** What a note says; `null` if it is not to be read as Markdown. */
export function markdown(text: string): Block[] | null {
  if (text.length > NOTE_CHARS_MAX || costly(text)) return null;
  try {
    return blocks(new Lexer({ gfm: true, breaks: true }).lex(text), 0);
  } catch {
    // Nested deeper than the parser or we can go.
    return null;
  }
}

/** Whether the parser would take long over it. */
function costly(text: string): boolean {
  let cost = 0;
  for (const run of text.split(/\n[ \t]*\n|\n(?=[-*+] |#{1,6} )/)) {
    cost += (run.match(/[*_~]+/g)?.length ?? 0) * run.length;
  }
  if (cost > EMPHASIS_COST_MAX) return true;
  return text.split('\n').some((line) => {
    const before = line.match(/^(?:[ \t]*(?:>|[-*+](?= )|\d{1,9}[.)](?= )))+/)?.[0] ?? '';
    return before.replace(/[ \t\d]/g, '').length > NESTING_CHARS_MAX;
  });
}

class TooDeep extends Error {}

function blocks(tokens: readonly Token[], depth: number): Block[] {
  if (depth > DEPTH_MAX) throw new TooDeep();
  return tokens.flatMap((token) => block(token, depth + 1));
}

function block(token: Token, depth: number): Block[] {
  switch (token.type) {
    case 'heading': {
      const { depth: level, tokens } = token as Tokens.Heading;
      return [{ kind: 'heading', level, of: inlines(tokens, depth) }];
    }
    case 'paragraph':
      return [{ kind: 'paragraph', of: inlines((token as Tokens.Paragraph).tokens, depth) }];
    case 'text': {
      const { tokens, text } = token as Tokens.Text;
      return [{ kind: 'line', of: tokens ? inlines(tokens, depth) : [plain(text)] }];
    }
    case 'code':
      return [{ kind: 'code', text: (token as Tokens.Code).text }];
    case 'html':
      // It is shown as it is written.
      return [{ kind: 'code', text: (token as Tokens.HTML).text.trimEnd() }];
    case 'blockquote':
      return [{ kind: 'quote', of: blocks((token as Tokens.Blockquote).tokens, depth) }];
    case 'list': {
      const { ordered, start, items } = token as Tokens.List;
      return [
        {
          kind: 'list',
          start: ordered ? Number(start) : null,
          items: items.map((item) => ({
            done: item.task ? item.checked === true : null,
            of: blocks(item.tokens, depth),
          })),
        },
      ];
    }
    case 'table': {
      const { align, header, rows } = token as Tokens.Table;
      const cell = ({ tokens }: Tokens.TableCell) => inlines(tokens, depth);
      return [
        { kind: 'table', align, head: header.map(cell), rows: rows.map((row) => row.map(cell)) },
      ];
    }
    case 'hr':
      return [{ kind: 'rule' }];
    default:
      return [];
  }
}

/** What a text says, with its `&amp;`s as what they stand for. */
const plain = (text: string): Inline => ({ kind: 'text', text: decodeHTMLStrict(text) });

function inlines(tokens: readonly Token[], depth: number): Inline[] {
  if (depth > DEPTH_MAX) throw new TooDeep();
  return tokens.flatMap((token) => inline(token, depth + 1));
}

function inline(token: Token, depth: number): Inline[] {
  switch (token.type) {
    case 'strong':
    case 'em':
    case 'del':
      return [{ kind: token.type, of: inlines((token as Tokens.Strong).tokens, depth) }];
    case 'codespan':
      return [{ kind: 'code', text: (token as Tokens.Codespan).text }];
    case 'br':
      return [{ kind: 'break' }];
    case 'link': {
      const { href, tokens } = token as Tokens.Link;
      const of = inlines(tokens, depth);
      const to = outside(href);
      return to === null ? of : [{ kind: 'link', to, of }];
    }
    case 'image': {
      const { text, href } = token as Tokens.Image;
      return [{ kind: 'image', text: decodeHTMLStrict(text || href) }];
    }
    case 'escape':
    case 'html':
      // What is escaped means itself, and so does what would be HTML.
      return [{ kind: 'text', text: (token as Tokens.Escape).text }];
    case 'text': {
      const { tokens, text } = token as Tokens.Text;
      if (tokens) return inlines(tokens, depth);
      return text === '' ? [] : [plain(text)];
    }
    default:
      return [];
  }
}

const SCHEMES = ['http:', 'https:', 'mailto:'];

/** Where a link leads, if it may be followed. */
export function outside(href: string): string | null {
  try {
    const url = new URL(decodeHTMLStrict(href));
    return SCHEMES.includes(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}
