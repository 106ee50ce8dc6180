// The secrets that a feed names: where each is kept, what is typed for it, and its deletion, which
// cannot be undone.

import * as host from '$host';
import type { SecretKept } from '../generated/SecretKept';

export class KeptSecrets {
  list: readonly SecretKept[] = $state.raw([]);
  typed: Record<string, string> = $state({});
  /** Why the keychain did not take the one that was given last. */
  unkept: string | null = $state(null);
  /** The secret that is deleted if that is wanted once more. */
  leaving: string | null = $state(null);
  private feed = '';

  /** Looks where those of a feed are; nothing of another's is left. */
  async show(feed: string): Promise<void> {
    if (feed !== this.feed) {
      this.feed = feed;
      this.list = [];
      this.typed = {};
      this.unkept = null;
      this.leaving = null;
    }
    const list = await host.feedSecrets(feed);
    if (feed === this.feed) this.list = list;
  }

  async keep(name: string): Promise<void> {
    const value = this.typed[name] ?? '';
    if (value === '') return;
    const { feed } = this;
    const kept = await host.secretSet(feed, name, value);
    if (feed !== this.feed) return;
    this.typed[name] = '';
    this.unkept = kept.why;
    this.learn(kept);
  }

  /** Deletes it when asked for the second time. Answers with what became of it, once it is tried. */
  async remove(name: string): Promise<SecretKept | null> {
    if (this.leaving !== name) {
      this.leaving = name;
      return null;
    }
    this.leaving = null;
    const { feed } = this;
    const kept = await host.secretRemove(name);
    if (feed === this.feed) {
      this.unkept = null;
      this.learn({ ...kept, why: null });
    }
    return kept;
  }

  /** It is not to be deleted after all. */
  spare(name: string): void {
    if (this.leaving === name) this.leaving = null;
  }

  private learn(kept: SecretKept): void {
    this.list = this.list.map((secret) => (secret.name === kept.name ? kept : secret));
  }
}
