// When a tile is written: no more often than numbers can be read, and then only if there is
// anything new. Takes moments, and knows no clock.

// Numbers that change faster cannot be read.
export const WRITE_MS = 250;
// What tells how old something is goes on by itself.
const AGE_MS = 1000;

export class Writing {
  private writtenAt = Number.NEGATIVE_INFINITY;
  private changed = true;
  private whole = true;

  /** Something new came. */
  change(): void {
    this.changed = true;
  }

  /** Nothing of what is written holds any more: what comes next does not wait its turn. */
  renew(): void {
    this.whole = true;
  }

  /** Whether to write now; says so once. While time stands still, what comes was asked for. */
  take(atMs: number, following: boolean): boolean {
    const since = atMs - this.writtenAt;
    const due =
      this.whole ||
      (this.changed && (!following || since >= WRITE_MS)) ||
      (following && since >= AGE_MS);
    if (!due) return false;
    this.writtenAt = atMs;
    this.changed = false;
    this.whole = false;
    return true;
  }

  /** In how long to look again, if the next column of what is shown begins so soon. */
  nextInMs(atMs: number, columnInMs: number): number {
    const free = Math.max(0, this.writtenAt + WRITE_MS - atMs);
    return this.changed || this.whole ? free : Math.max(free, columnInMs);
  }
}
