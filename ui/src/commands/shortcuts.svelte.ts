// The shortcuts of this window: what was chosen, kept, and how they are shown everywhere.

import * as host from '$host';
import { say } from '../words/say';
import { type Chosen, type Keys, keysOf } from './bindings';
import { shown } from './keys';

export class Shortcuts {
  chosen: Chosen = $state.raw({});
  /** Whether all of them are listed. */
  open = $state(false);

  constructor(private readonly trouble: (trouble: unknown) => void) {}

  start(chosen: Chosen): void {
    this.chosen = chosen;
  }

  set(chosen: Chosen): void {
    this.chosen = chosen;
    host.shortcutsSet(chosen).catch(this.trouble);
  }

  keys(id: string): Keys {
    return keysOf(id, this.chosen);
  }

  /** The shortcut of a command as it is shown, if it has one. */
  shown(id: string): string | undefined {
    const [key] = this.keys(id);
    return key === undefined ? undefined : shown(key);
  }

  /** What a button does, and by which keys else. */
  hint(name: string, id: string): string {
    const keys = this.shown(id);
    return keys === undefined ? name : say('shortcut_hint', { name, keys });
  }
}
