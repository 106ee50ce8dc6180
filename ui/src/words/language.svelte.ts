// Which language the window speaks: the one that was chosen, or else the system's.

import en from './en.json';
import zhCN from './zh-CN.json';

/**
 * The languages there are. Another one is a catalogue beside these two, and a line here. `name` is
 * what it calls itself, `dates` whose dates it writes, `between` what stands between two sentences.
 */
export const LANGUAGES = {
  en: { name: 'English', dates: 'en-GB', between: ' ', words: en },
  'zh-CN': { name: '简体中文', dates: 'zh-CN', between: '', words: zhCN },
} as const;

export type Language = keyof typeof LANGUAGES;

const FALLBACK: Language = 'en';

export const isLanguage = (tag: string | null | undefined): tag is Language =>
  tag !== null && tag !== undefined && Object.hasOwn(LANGUAGES, tag);

/** The first language of these that there is. Whoever reads traditional Chinese is not given the
 * simplified one in its place. */
export function fitting(tags: readonly string[]): Language {
  for (const tag of tags) {
    const wanted = written(tag);
    const found = (Object.keys(LANGUAGES) as Language[]).find((has) => written(has) === wanted);
    if (wanted && found) return found;
  }
  return FALLBACK;
}

/** A language and its script: of zh-SG the same as of zh-CN, and not of zh-TW. */
function written(tag: string): string | null {
  try {
    const { language, script } = new Intl.Locale(tag).maximize();
    return `${language}-${script}`;
  } catch {
    // Not every system's is a tag: under LANG=C it is C.
    return null;
  }
}

const ofSystem = (): Language => fitting(globalThis.navigator?.languages ?? []);

let chosen: Language | null = $state(null);
let system: Language = $state(ofSystem());

export const language = (): Language => chosen ?? system;

/** `null`: as the system has it. */
export const chosenLanguage = (): Language | null => chosen;
export const systemLanguage = (): Language => system;

const heard = new Set<() => void>();

/** Hears when another language is spoken: for what is written by hand, and not by Svelte. */
export function onLanguage(changed: () => void): () => void {
  heard.add(changed);
  return () => {
    heard.delete(changed);
  };
}

function told(): void {
  // What decides between glyphs that Chinese and Japanese share, and what is read aloud.
  if (globalThis.document) document.documentElement.lang = language();
  for (const changed of heard) changed();
}

/** Speaks this language from now on. One that there is not is the system's. */
export function chooseLanguage(tag: string | null): void {
  chosen = isLanguage(tag) ? tag : null;
  told();
}

globalThis.addEventListener?.('languagechange', () => {
  system = ofSystem();
  told();
});
told();
