// Work of which only the latest wish matters: one is under way, and all the wishes that come
// meanwhile collapse into one more.

export class OneAtATime {
  private busy = false;
  private again = false;

  constructor(private readonly work: () => Promise<void>) {}

  ask(): void {
    if (this.busy) {
      this.again = true;
      return;
    }
    this.busy = true;
    void this.work().finally(() => {
      this.busy = false;
      if (!this.again) return;
      this.again = false;
      this.ask();
    });
  }

  /** Whether what is under way has already been overtaken by a later wish. */
  get overtaken(): boolean {
    return this.again;
  }
}
