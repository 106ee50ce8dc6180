// When the next update is to be taken: as late as it can be and still be there for the next frame,
// since what comes until then is in it. Takes moments, and knows no clock.

// Longer than this is a pause, and no frame.
const FRAME_MS_MAX = 50;
// A share of the way of each new measure into the mean, and into its usual error, as TCP has it.
const MEAN_SHARE = 1 / 8;
const ERROR_SHARE = 1 / 4;
const ERRORS = 3;
// What is left for timers, which count in milliseconds.
const SPARE_MS = 1;

export class Pace {
  private frameMs = 1000 / 60;
  private frameAt = Number.NEGATIVE_INFINITY;
  /** From when an update is to be taken until it is here. */
  private tripMs: number | null = null;
  private errorMs = 0;
  /** When the next update was to be taken; `null` if it is here. */
  private wantedAt: number | null = null;

  frame(at: number): void {
    const took = at - this.frameAt;
    this.frameAt = at;
    if (took <= 0 || took >= FRAME_MS_MAX) return;
    // Where nothing is drawn, frames are left out.
    const frames = Math.max(1, Math.round(took / this.frameMs));
    this.frameMs += (took / frames - this.frameMs) * MEAN_SHARE;
  }

  heard(at: number): void {
    if (this.wantedAt === null) return;
    const took = Math.min(FRAME_MS_MAX, Math.max(0, at - this.wantedAt));
    this.wantedAt = null;
    this.tripMs ??= took;
    this.errorMs += (Math.abs(took - this.tripMs) - this.errorMs) * ERROR_SHARE;
    this.tripMs += (took - this.tripMs) * MEAN_SHARE;
  }

  /** For how long to wait until the update is taken that there is now. */
  wait(at: number): number {
    const wait = this.room(at - this.frameAt);
    this.wantedAt = at + wait;
    return wait;
  }

  /** What can be spared so long after a frame. */
  private room(since: number): number {
    if (this.tripMs === null || since >= FRAME_MS_MAX) return 0;
    // The first frame that can still be met.
    const frames = Math.ceil((since + this.tripMs) / this.frameMs);
    const lead = this.tripMs + ERRORS * this.errorMs + SPARE_MS;
    return Math.max(0, frames * this.frameMs - lead - since);
  }
}
