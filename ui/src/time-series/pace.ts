// When the next update is wanted: as late as it can be made and still be there for the next frame,
// since what comes until then is in it. Takes moments, and knows no clock.

// Longer than this is a pause, and no frame.
const FRAME_MS_MAX = 50;
// A share of the way of each new measure into the mean, and into its usual error, as TCP has it.
const MEAN_SHARE = 1 / 8;
const ERROR_SHARE = 1 / 4;
const ERRORS = 2;
// What is left for timers, which count in milliseconds.
const SPARE_MS = 1;

export class Pace {
  private frameMs = 1000 / 60;
  private frameAt = Number.NEGATIVE_INFINITY;
  /** From "drawn", and the wait after it, to the next update. */
  private tripMs = FRAME_MS_MAX;
  private errorMs = 0;
  /** When the next update was wanted; `null` if it is here. */
  private wantedAt: number | null = null;

  frame(at: number): void {
    const took = at - this.frameAt;
    this.frameAt = at;
    if (took > 0 && took < FRAME_MS_MAX) this.frameMs += (took - this.frameMs) * MEAN_SHARE;
  }

  heard(at: number): void {
    if (this.wantedAt === null) return;
    const took = Math.min(FRAME_MS_MAX, Math.max(0, at - this.wantedAt));
    this.wantedAt = null;
    this.errorMs += (Math.abs(took - this.tripMs) - this.errorMs) * ERROR_SHARE;
    this.tripMs += (took - this.tripMs) * MEAN_SHARE;
  }

  /** For how long to wait with the next update, at the moment when "drawn" is said. */
  wait(at: number): number {
    const lead = this.tripMs + ERRORS * this.errorMs + SPARE_MS;
    const wait = Math.max(0, Math.min(FRAME_MS_MAX, this.frameAt + this.frameMs - lead - at));
    this.wantedAt = at + wait;
    return wait;
  }
}
