import { parse } from 'svelte/compiler';
import { afterEach, describe, expect, it } from 'vitest';
import type { Part } from '../generated/Part';
import { count, day, duration, latency, rate, span, tick, value } from '../lib/format';
import en from './en.json';
import { chooseLanguage, fitting, LANGUAGES, language } from './language.svelte';
import { inEnglish, say, sayParts, saysAnywhere } from './say';
import { typesOf, valuesOf } from './values-of';

const COMPONENTS = import.meta.glob<string>('../**/*.svelte', {
  query: '?raw',
  import: 'default',
  eager: true,
});
const SCRIPTS = import.meta.glob<string>(['../**/*.ts', '!../**/*.test.ts', '!./values.ts'], {
  query: '?raw',
  import: 'default',
  eager: true,
});
const RUST = import.meta.glob<string>(
  ['../../../crates/*/src/**/*.rs', '../../../src-tauri/src/**/*.rs', '!**/said.rs'],
  { query: '?raw', import: 'default', eager: true },
);

/** What stands in a text, by name and type. */
const given = (text: string) => valuesOf(text).map((value) => value.join(': '));

afterEach(() => chooseLanguage(null));

describe('the catalogues', () => {
  const english: Record<string, string> = en;

  it('say the same things in every language, with the same values', () => {
    for (const { name, words } of Object.values(LANGUAGES)) {
      expect(Object.keys(words), name).toEqual(Object.keys(english));
      for (const [key, text] of Object.entries(words)) {
        expect(text, key).not.toBe('');
        expect(given(text), `${name}: ${key}`).toEqual(given(english[key] as string));
      }
    }
  });

  it('have what the types of their values say, which `npm run words` writes anew', async () => {
    await expect(typesOf(english)).toMatchFileSnapshot('./values.ts');
  });

  it('are all of use', () => {
    const used = [...Object.values(COMPONENTS), ...Object.values(SCRIPTS)].join('\n');
    const made = /^(state|gap_word|ledger|settings_(style|unit|level))_/;
    const said = new Set(saidByRust().map(({ key }) => key));
    const idle = Object.keys(english).filter(
      (key) =>
        !said.has(key) && !made.test(key) && !/_meaning$/.test(key) && !used.includes(`'${key}'`),
    );
    expect(idle).toEqual([]);
  });
});

interface Said {
  key: string;
  text: string;
  names: string[];
  path: string;
}

/** Every sentence that the Rust side makes: each `said!` of its sources. */
function saidByRust(): Said[] {
  const call =
    /\bsaid!\(\s*"([a-z0-9_]+)",\s*"((?:[^"\\]|\\.|\\\n)*)"((?:[^()]|\((?:[^()]|\([^()]*\))*\))*)\)/g;
  return Object.entries(RUST).flatMap(([path, source]) => {
    const found = [...source.matchAll(call)].map(([, key = '', text = '', names = '']) => ({
      key,
      text: text.replaceAll(/\\\n\s*/g, '').replaceAll('\\"', '"'),
      names: [...names.matchAll(/[,(]\s*([a-z_]+)\s*(?==[^=]|,|$)/g)].map(([, name = '']) => name),
      path,
    }));
    // A call that is written as none is expected to be would not be looked at.
    expect(found.length, path).toBe(source.split(/\bsaid!\(/).length - 1);
    return found;
  });
}

describe('what the application says', () => {
  const english: Record<string, string> = en;
  const said = saidByRust();

  it('is in the catalogues, word for word in English, with what stands in it', () => {
    expect(said.length).toBeGreaterThan(200);
    for (const { key, text, names, path } of said) {
      expect(english[key], `${path}: ${key}`).toBe(text);
      const wanted = valuesOf(text).map(([name]) => name);
      // What is not handed over beside the text cannot be said in another language.
      for (const name of wanted) expect(names, `${path}: ${key}`).toContain(name);
    }
  });

  it('is never only English where a trouble is made', () => {
    // The probe's are for terminals, and what a profile's file is wrong about is its own library's.
    const english = /\b(what|advice|cause|story|step): *("|format!)/;
    const others = /crates\/(?!feed|app)|feed\/src\/(probe|profile|decode)\/|tests(\.rs|\/)/;
    for (const [path, source] of Object.entries(RUST)) {
      if (others.test(path)) continue;
      const [product = ''] = source.split('#[cfg(test)]');
      expect(
        product.split('\n').filter((line) => english.test(line)),
        path,
      ).toEqual([]);
    }
  });

  const part = (key: string | null, text: string, values: Part['values'] = {}): Part => ({
    key,
    values,
    text,
  });

  it('is said in the language of the window, part by part', () => {
    const parts = [
      part('trouble_closed', 'The server closed the connection (1001, going away).', {
        code: '1001',
        meaning: part('close_going_away', 'going away'),
      }),
      part('gap_until_snapshot', 'Only a snapshot makes it whole again.'),
    ];
    const text = parts.map((part) => part.text).join(' ');
    expect(sayParts(parts, text)).toBe(text);
    chooseLanguage('zh-CN');
    expect(sayParts(parts, text)).toBe(
      '服务器关闭了连接（1001，即将离开）。只有快照才能使其恢复完整。',
    );
  });

  it('stays in English where there are no words for it, and what others said stays theirs', () => {
    chooseLanguage('zh-CN');
    expect(sayParts([part('not_a_key', 'A new sentence.')], '')).toBe('A new sentence.');
    expect(sayParts([part('toString', 'A new sentence.')], '')).toBe('A new sentence.');
    expect(sayParts([part(null, 'Ask Bob.')], '')).toBe('Ask Bob.');
    expect(sayParts([], 'Of an older Feedscope.')).toBe('Of an older Feedscope.');
    expect(sayParts(undefined, 'Of an older Feedscope.')).toBe('Of an older Feedscope.');
  });
});

interface Node {
  type: string;
  [name: string]: unknown;
}

const isNode = (it: unknown): it is Node =>
  typeof it === 'object' && it !== null && typeof (it as Node).type === 'string';

describe('the components', () => {
  // Names, and what is typed as it stands.
  const NAMES = new Set(['Feedscope', 'wss://']);
  const READ_ALOUD = new Set([
    'aria-label',
    'title',
    'placeholder',
    'alt',
    'label',
    'aria-description',
  ]);
  const hasLetters = (text: string) => /\p{L}/u.test(text) && !NAMES.has(text.trim());

  /** The literal texts of an expression that it may come to: not those that it only compares. */
  function literals(node: unknown): string[] {
    if (!isNode(node)) return [];
    switch (node.type) {
      case 'Literal':
        return typeof node.value === 'string' ? [node.value] : [];
      case 'TemplateLiteral':
        return (node.quasis as { value: { cooked: string } }[]).map(({ value }) => value.cooked);
      case 'ConditionalExpression':
        return [...literals(node.consequent), ...literals(node.alternate)];
      case 'LogicalExpression':
        return [...literals(node.left), ...literals(node.right)];
      case 'BinaryExpression':
        return node.operator === '+' ? [...literals(node.left), ...literals(node.right)] : [];
      default:
        return [];
    }
  }

  /** What a template shows or reads aloud that is written in it. */
  function written(source: string): string[] {
    const found: string[] = [];
    const texts = (value: unknown) => {
      for (const node of Array.isArray(value) ? value : [value]) {
        if (!isNode(node)) continue;
        if (node.type === 'Text') found.push(String(node.data));
        if (node.type === 'ExpressionTag') found.push(...literals(node.expression));
      }
    };
    const walk = (it: unknown) => {
      if (Array.isArray(it)) return it.forEach(walk);
      if (!isNode(it)) return;
      if (it.type === 'Fragment') texts(it.nodes);
      if (it.type === 'Attribute') {
        if (READ_ALOUD.has(String(it.name))) texts(it.value);
        return;
      }
      for (const [name, child] of Object.entries(it)) {
        if (name !== 'css' && name !== 'instance' && name !== 'module') walk(child);
      }
    };
    walk(parse(source, { modern: true }).fragment);
    return found.filter(hasLetters);
  }

  it('have no words of their own', () => {
    for (const [path, source] of Object.entries(COMPONENTS)) {
      expect(written(source), path).toEqual([]);
    }
  });

  it('would be found out', () => {
    expect(
      written(
        `{#if a}<p title="One {b}">Two {c ? 'Three' : say('d')}</p>{:else}<X label='Four'>` +
          `{#each e as f}{\`Five \${f}\`}{/each}</X>{/if}<i class="g" id="h">{i === 'j' && k}</i>`,
      ),
    ).toEqual(['One ', 'Two ', 'Three', 'Four', 'Five ']);
  });
});

describe('the scripts', () => {
  // What a text is told by: two words, or one that begins like a sentence. Names of keys and of
  // elements are compared with, not shown.
  const reads = (text: string) => /\p{L}\s+\p{L}|^\p{Lu}\p{Ll}/u.test(text);
  // What languages call themselves, what is written for `values.ts`, what is printed on keys, and
  // what is no part of the app.
  const OTHERS = /^\.\/(language\.svelte|values-of)\.ts$|^\.\.\/commands\/keys\.ts$|^\.\.\/dev\//;

  /** The texts that a script is written with, but for those of errors, which say what broke. */
  function written(script: string): string[] {
    const found: string[] = [];
    const walk = (it: unknown) => {
      if (Array.isArray(it)) return it.forEach(walk);
      if (!isNode(it)) return;
      if (it.type === 'ImportDeclaration' || it.type === 'ThrowStatement') return;
      if (it.type === 'CallExpression' && isNode(it.callee) && it.callee.type === 'Super') return;
      if (it.type === 'BinaryExpression' && /^[!=]==$/.test(String(it.operator))) return;
      if (it.type === 'Literal' && typeof it.value === 'string') found.push(it.value);
      if (it.type === 'TemplateElement') found.push((it.value as { cooked: string }).cooked);
      Object.values(it).forEach(walk);
    };
    const { instance, module } = parse(script, { modern: true });
    walk([instance?.content, module?.content]);
    return found.filter(reads);
  }

  const alone = (source: string) => `<script lang="ts">${source}</script>`;

  it('have no words of their own', () => {
    for (const [path, source] of Object.entries(COMPONENTS)) {
      expect(written(source), path).toEqual([]);
    }
    for (const [path, source] of Object.entries(SCRIPTS)) {
      if (OTHERS.test(path)) continue;
      expect(written(alone(source)), path).toEqual([]);
    }
  });

  it('would be found out', () => {
    expect(
      written(
        alone(
          `import a from 'A a'; const b: string = 'One'; throw new Error('No five.');` +
            `c = b === 'Tab' ? \`two \${b} words\` : 'd'; e({ f: \`\${c} three four\` });`,
        ),
      ),
    ).toEqual(['One', ' three four']);
  });
});

describe('the language', () => {
  it('is the first of the system that there is', () => {
    expect(fitting(['de-DE', 'zh-CN', 'en'])).toBe('zh-CN');
    expect(fitting(['de-DE', 'en-GB', 'zh'])).toBe('en');
    for (const tag of ['zh', 'zh-CN', 'zh-SG', 'zh-Hans', 'zh-Hans-HK']) {
      expect(fitting([tag]), tag).toBe('zh-CN');
    }
    for (const tags of [[], ['C'], ['de'], ['zh-TW'], ['zh-HK'], ['ja']]) {
      expect(fitting(tags), String(tags)).toBe('en');
    }
  });

  it('can be chosen, and given back to the system', () => {
    expect(say('feed_add')).toBe('Add a feed');
    chooseLanguage('zh-CN');
    expect([language(), say('feed_add')]).toEqual(['zh-CN', '添加数据源']);
    chooseLanguage('tlh');
    expect(language()).toBe('en');
    chooseLanguage('zh-CN');
    chooseLanguage(null);
    expect(language()).toBe('en');
  });

  it('is known of what was written before it was chosen', () => {
    chooseLanguage('zh-CN');
    expect(saysAnywhere('panel_new', 'New panel')).toBe(true);
    expect(saysAnywhere('panel_new', say('panel_new'))).toBe(true);
    expect(saysAnywhere('panel_new', 'Mine')).toBe(false);
    expect(inEnglish('builtin_cpu_core', { n: '3' })).toBe('Core 3');
  });
});

describe('numbers and dates', () => {
  const plain = (text: string) => text.replaceAll('\u202f', ' ');
  const written = () =>
    [
      count(12_408_331),
      rate(80),
      rate(12_400),
      duration(850),
      duration(4_210),
      duration(200_000),
      duration(11_520_000),
      duration(183_600_000),
      latency(1.25),
      span(300_000),
      value(64_000.123, 'none'),
      value(1_234_567, 'bytes-per-second'),
      tick(1_500_000, 'bytes', 500_000, 2_000_000),
      day(new Date(2026, 10, 21).getTime()),
      say('ledger_missing', { missing: count(1042), gaps: 1 }),
      say('ledger_missing', { missing: count(1042), gaps: 2000 }),
    ].map(plain);

  it('are written as one does in English', () => {
    expect(written()).toEqual([
      '12,408,331',
      '80/s',
      '12.4k/s',
      '850 ms',
      '4.2 s',
      '3 min 20 s',
      '3 h 12 m',
      '2 d 3 h',
      '1.3 ms',
      '5 min',
      '64,000.12',
      '1.2 MB/s',
      '1.5 MB',
      '21 Nov',
      '1,042 missing in 1 gap',
      '1,042 missing in 2,000 gaps',
    ]);
  });

  it('are written as one does in Chinese', () => {
    chooseLanguage('zh-CN');
    expect(written()).toEqual([
      '12,408,331',
      '80/秒',
      '12.4k/秒',
      '850 毫秒',
      '4.2 秒',
      '3 分钟 20 秒',
      '3 小时 12 分',
      '2 天 3 小时',
      '1.3 毫秒',
      '5 分钟',
      '64,000.12',
      '1.2 MB/s',
      '1.5 MB',
      '11月21日',
      '1 处缺口，共缺失 1,042 条',
      '2,000 处缺口，共缺失 1,042 条',
    ]);
  });
});
