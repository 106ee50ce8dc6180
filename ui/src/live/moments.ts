// Moments that every plot marks: where a person measures, what was noted, what went off. Kept by
// group, since each comes from another part of the window.

export interface Moment {
  id: string;
  ms: number;
  kind: 'a' | 'b' | 'note' | 'alert';
  /** What its flag says: a letter, or a few words. */
  text: string;
  /** Takes it to where it was dragged; without it, it stays where it is. */
  move?(ms: number): void;
  /** Someone pressed its flag. */
  open?(): void;
}

export class Moments {
  private readonly groups = new Map<string, readonly Moment[]>();
  private all: readonly Moment[] = [];

  /** `changed` is told whenever there are others. */
  constructor(private readonly changed: () => void) {}

  /** Those of all groups. Another list whenever they change. */
  get list(): readonly Moment[] {
    return this.all;
  }

  set(group: string, moments: readonly Moment[]): void {
    if (moments.length === 0 && !this.groups.has(group)) return;
    if (moments.length === 0) this.groups.delete(group);
    else this.groups.set(group, moments);
    this.all = [...this.groups.values()].flat();
    this.changed();
  }
}
