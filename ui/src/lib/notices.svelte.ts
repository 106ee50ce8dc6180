// What happened, told in the window until it is read: successes leave by themselves, troubles
// stay until they are closed.

import type { Trouble } from '../generated/Trouble';
import { say } from '../words/say';

export interface Notice {
  id: number;
  text: string;
  trouble: Trouble | null;
  /** Offered for as long as `still` says so. */
  action: { name: string; act: () => void; still?: () => boolean } | null;
}

const DONE_MS = 8000;
// Troubles that repeat must not bury the window.
const NOTICES_MAX = 4;

export class Notices {
  list: Notice[] = $state.raw([]);
  private next = 0;

  /** Answers with what it can be closed by before it leaves by itself. */
  done(text: string, action: Notice['action'] = null): number {
    const id = this.push({ text, trouble: null, action });
    setTimeout(() => this.close(id), DONE_MS);
    return id;
  }

  trouble(thrown: unknown): void {
    const trouble = asTrouble(thrown);
    if (this.list.some((notice) => notice.trouble?.what === trouble.what)) return;
    this.push({ text: trouble.what, trouble, action: null });
  }

  close(id: number): void {
    this.list = this.list.filter((notice) => notice.id !== id);
  }

  private push(notice: Omit<Notice, 'id'>): number {
    this.next += 1;
    this.list = [...this.list, { ...notice, id: this.next }].slice(-NOTICES_MAX);
    return this.next;
  }
}

/** What a command threw, as the trouble that it is, or as one that says so. */
export function asTrouble(thrown: unknown): Trouble {
  if (typeof thrown === 'object' && thrown !== null && 'what' in thrown && 'advice' in thrown) {
    return thrown as Trouble;
  }
  return {
    code: 'window',
    step: say('window_step'),
    what: thrown instanceof Error ? thrown.message : String(thrown),
    answer: null,
    advice: say('window_mistake'),
    said: { step: [], what: [], advice: [] },
  };
}
