import { describe, expect, it } from 'vitest';
import { type Block, type Inline, markdown, NOTE_CHARS_MAX, outside } from './markdown';

/** All that would be seen of a note. */
function seen(blocks: readonly Block[] | null): string {
  const inline = (of: readonly Inline[]): string =>
    of
      .map((piece) => ('of' in piece ? inline(piece.of) : 'text' in piece ? piece.text : '\n'))
      .join('');
  const block = (of: Block): string => {
    switch (of.kind) {
      case 'code':
        return of.text;
      case 'quote':
        return of.of.map(block).join('\n');
      case 'list':
        return of.items.map((item) => item.of.map(block).join('\n')).join('\n');
      case 'table':
        return [of.head, ...of.rows].map((row) => row.map(inline).join('|')).join('\n');
      case 'rule':
        return '---';
      default:
        return inline(of.of);
    }
  };
  return (blocks ?? []).map(block).join('\n');
}

/** All links of a note. */
function links(of: unknown): string[] {
  if (Array.isArray(of)) return of.flatMap(links);
  if (typeof of !== 'object' || of === null) return [];
  const own = 'kind' in of && of.kind === 'link' && 'to' in of ? [String(of.to)] : [];
  return [...own, ...Object.values(of).flatMap(links)];
}

const first = (text: string) => markdown(text)?.[0];

describe('a note', () => {
  it('has headings, paragraphs, quotes, code and rules', () => {
    expect(markdown('## A *b*\n\nc\nd\n\n> e\n\n```js\n<f>\n```\n\n---')).toEqual([
      {
        kind: 'heading',
        level: 2,
        of: [
          { kind: 'text', text: 'A ' },
          { kind: 'em', of: [{ kind: 'text', text: 'b' }] },
        ],
      },
      {
        kind: 'paragraph',
        of: [{ kind: 'text', text: 'c' }, { kind: 'break' }, { kind: 'text', text: 'd' }],
      },
      { kind: 'quote', of: [{ kind: 'paragraph', of: [{ kind: 'text', text: 'e' }] }] },
      { kind: 'code', text: '<f>' },
      { kind: 'rule' },
    ]);
  });

  it('has lists, also of what is to be done', () => {
    expect(first('3. a\n4. b')).toMatchObject({
      kind: 'list',
      start: 3,
      items: [{ done: null }, {}],
    });
    expect(first('- [x] a\n- [ ] b\n- c')).toMatchObject({
      start: null,
      items: [{ done: true }, { done: false }, { done: null }],
    });
    expect(seen(markdown('- [x] a\n\n- [ ] b'))).toBe('a\nb');
  });

  it('has tables', () => {
    expect(first('|a|b|\n|:-:|-|\n|1|2|')).toMatchObject({
      kind: 'table',
      align: ['center', null],
      head: [[{ text: 'a' }], [{ text: 'b' }]],
      rows: [[[{ text: '1' }], [{ text: '2' }]]],
    });
  });

  it('says what entities stand for, once, and not in code', () => {
    expect(seen(markdown('&amp;lt; &copy; &#65; \\&amp; `&amp;`'))).toBe('&lt; © A &amp; &amp;');
  });
});

describe('a hostile note', () => {
  it('shows HTML as it is written, and makes nothing of it', () => {
    for (const text of [
      '<script>alert(1)</script>',
      '<img src=x onerror=alert(1)>',
      'a <b onclick="x">b</b>',
      '<!-- c -->',
      '<iframe src="https://example.com">',
    ]) {
      expect(seen(markdown(text))).toBe(text);
      expect(links(markdown(text))).toEqual([]);
    }
  });

  it('has links to pages and addresses, and to nothing else', () => {
    const to = (href: string) => links(markdown(`[a](<${href}>)`));
    expect(to('https://example.com/?a=1&amp;b=2')).toEqual(['https://example.com/?a=1&b=2']);
    expect(to('mailto:a@example.com')).toEqual(['mailto:a@example.com']);
    for (const href of [
      'javascript:alert(1)',
      'JaVaScRiPt:alert(1)',
      ' javascript:alert(1)',
      'java\tscript:alert(1)',
      '&#106;avascript:alert(1)',
      'javascript&colon;alert(1)',
      'data:text/html,<script>alert(1)</script>',
      'vbscript:x',
      'file:///etc/passwd',
      'tauri://localhost',
      'blob:https://example.com/1',
      '//example.com',
      '/a',
      '#a',
      'a',
      '',
    ]) {
      expect(to(href), href).toEqual([]);
      expect(outside(href), href).toBeNull();
    }
    expect(links(markdown('<javascript:alert(1)> [r]\n\n[r]: javascript:alert(1)'))).toEqual([]);
    expect(links(markdown('see www.example.com and a@example.com'))).toEqual([
      'http://www.example.com/',
      'mailto:a@example.com',
    ]);
  });

  it('has no pictures: they would be fetched', () => {
    const note = markdown('![p](https://example.com/a.png) ![](data:image/png;base64,AA)');
    expect(seen(note)).toBe('p data:image/png;base64,AA');
    expect(JSON.stringify(note)).not.toContain('example.com');
  });

  it('is not read as Markdown where it is nested too deep', () => {
    for (const text of [
      '>'.repeat(20_000),
      `${'> '.repeat(300)}a`,
      `${'- '.repeat(2_000)}a`,
      `${'1. '.repeat(200)}a`,
      `${'*a **b '.repeat(500)}${'** c* '.repeat(500)}`,
      Array.from({ length: 60 }, (_, n) => `${'  '.repeat(n)}- x`).join('\n'),
    ]) {
      const read = markdown(text);
      const depth = (of: unknown): number =>
        typeof of === 'object' && of !== null
          ? 1 + Math.max(0, ...Object.values(of).map(depth))
          : 0;
      // Each level of a note is an object and an array, lists have twice as many.
      expect(depth(read)).toBeLessThan(80);
    }
    expect(markdown('>'.repeat(20_000))).toBeNull();
    expect(markdown(`${'> '.repeat(10)}a`)).not.toBeNull();
  });

  it('is not read as Markdown where that would take long', () => {
    expect(markdown('a_'.repeat(30_000))).toBeNull();
    expect(markdown(`${'a_'.repeat(20)}\n\n`.repeat(1_000))).not.toBeNull();
    expect(markdown('a'.repeat(NOTE_CHARS_MAX))).not.toBeNull();
    expect(markdown('a'.repeat(1_000_000))).toBeNull();
  });

  it('is read whatever it is made of', () => {
    const pieces = [
      '*',
      '_',
      '`',
      '[',
      ']',
      '(',
      ')',
      '<',
      '>',
      '!',
      '#',
      '-',
      '|',
      '\n',
      ' ',
      'a',
      '&',
      ';',
      ':',
      '~',
      '\\',
      '1.',
      'http://a.b',
      '\u0000',
      '\ud800',
    ];
    let random = 42;
    for (let round = 0; round < 2_000; round += 1) {
      let text = '';
      for (let n = 0; n < 40; n += 1) {
        random = (random * 1_103_515_245 + 12_345) % 2_147_483_648;
        text += pieces[Math.floor((random / 2_147_483_648) * pieces.length)];
      }
      const read = markdown(text);
      expect(read).not.toBeNull();
      for (const link of links(read)) expect(link).toMatch(/^(https?|mailto):/);
    }
  });
});
