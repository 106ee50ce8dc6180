// How many panels are drawn in one frame. All of them, where there is time for it; where a frame
// would take too long they take turns, so that the window moves and answers however much is on it.
// Takes counts and times, and knows no clock and no panel.

// What a frame may take of the page's thread. The rest of a sixtieth of a second is the webview's,
// which has to bring it to the screen, and the hand's.
const GOAL_MS = 8;
// A frame that cost less leaves room for one more.
const SPARE = 0.75;
// One slow frame says little.
const LESS = 0.5;
const MORE = 0.25;
/** A panel waits for so many frames at most, whatever that costs. */
export const WAIT_FRAMES_MAX = 6;

export class Turns {
  private most = Number.POSITIVE_INFINITY;
  /** Where the last turn ended, in the order of panels. */
  private at = 0;

  /** Draws a frame's share of the panels by `draw`, which says whether there was anything to see:
   * `first`, which costs no other its turn, and then those whose turn it is. How many it drew, and
   * whether others wait. */
  take<P>(
    panels: readonly P[],
    first: P | undefined,
    draw: (panel: P) => boolean,
  ): { drew: number; waiting: boolean } {
    let drew = first !== undefined && draw(first) ? 1 : 0;
    const most = drew + this.room(panels.length);
    for (let looked = 0; looked < panels.length; looked += 1) {
      if (drew >= most) return { drew, waiting: true };
      this.at = (this.at + 1) % panels.length;
      const panel = panels[this.at] as P;
      if (panel !== first && draw(panel)) drew += 1;
    }
    return { drew, waiting: false };
  }

  private room(panels: number): number {
    return Math.max(1, Math.ceil(panels / WAIT_FRAMES_MAX), Math.floor(this.most));
  }

  /** A frame with so many panels took so long until it was painted; `waiting`: others wait. */
  took(panels: number, ms: number, waiting: boolean): void {
    if (panels === 0) return;
    if (ms > GOAL_MS) {
      this.most = Math.max(1, Math.min(this.most, panels) * Math.max(LESS, GOAL_MS / ms));
    } else if (waiting && ms < GOAL_MS * SPARE) this.most += MORE;
    // All of them were drawn, and in time: there is no bound that is known.
    else if (!waiting) this.most = Math.max(this.most, panels + 1);
  }
}
