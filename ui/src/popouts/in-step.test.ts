import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Chosen } from '../commands/bindings';
import type { Together } from '../generated/Together';
import type { Zone } from '../generated/Zone';
import type { Hover } from '../live/drawing';
import { TimeWindow } from '../live/time-window';
import { InStep } from './in-step';

/** Between the windows: what each of them does not know of yet, and who asks just now. */
const unknown: Together[] = [];
let asks = 0;
let turn = 0;
const windows: FakeWindow[] = [];
vi.mock('$host', () => ({
  together: async (shown: Together) => {
    asks += 1;
    const from = turn;
    const answer = unknown[from] ?? {};
    unknown[from] = {};
    for (const key of Object.keys(shown)) delete answer[key as keyof Together];
    if (Object.keys(shown).length > 0) {
      windows.forEach((_, at) => {
        if (at !== from) unknown[at] = { ...unknown[at], ...shown };
      });
    }
    return answer;
  },
}));

const frames: (() => void)[] = [];
vi.stubGlobal('requestAnimationFrame', (draw: () => void) => frames.push(draw));

class FakeWindow {
  readonly time = new TimeWindow();
  pointedTime = this.time;
  hover: Hover | null = null;
  elsewhere: (() => number) | null = null;
  onHover = () => {};
  between: [number, number] | null = null;
  zone: Zone = 'local';
  language: string | null = null;
  shortcuts: Chosen = {};
  readonly measure = {
    between: null as [number, number] | null,
    onChange: () => {},
    adopt: (between: readonly [number, number] | null) => {
      this.measure.between = between && [...between];
      // As the real one, which does not know who changes it.
      this.measure.onChange();
    },
  };
  readonly inStep: InStep;

  constructor() {
    this.time.heard(1_000_000);
    this.inStep = new InStep(
      this,
      this.measure,
      {
        now: () => this.zone,
        set: (zone) => {
          this.zone = zone;
          this.inStep.changed('zone');
        },
      },
      {
        language: (tag) => {
          this.language = tag;
        },
        shortcuts: (chosen) => {
          this.shortcuts = chosen;
        },
      },
    );
  }

  get pointsHere(): boolean {
    return this.hover !== null;
  }

  pointElsewhere(ms: (() => number) | null): void {
    this.elsewhere = ms;
  }

  point(ms: number): void {
    this.hover = { panel: 'p', x: 0, y: 0, ms: () => ms };
    this.onHover();
  }
}

/** A frame of a window: what it has to tell is told, and all that follows from it. */
async function frame(at: number): Promise<void> {
  turn = at;
  for (const draw of frames.splice(0)) draw();
  await new Promise((resolve) => setTimeout(resolve));
}

async function told(at: number): Promise<void> {
  turn = at;
  windows[at]?.inStep.told();
  await new Promise((resolve) => setTimeout(resolve));
}

let a: FakeWindow;
let b: FakeWindow;

beforeEach(async () => {
  windows.length = 0;
  frames.length = 0;
  unknown.length = 0;
  a = new FakeWindow();
  b = new FakeWindow();
  windows.push(a, b);
  turn = 0;
  a.inStep.start(true);
  await frame(0);
  turn = 1;
  b.inStep.start(false);
  await frame(1);
  asks = 0;
});

describe('windows in step', () => {
  it('show the time that the first one shows, from the start on', async () => {
    expect([a.inStep.follows, b.inStep.follows]).toEqual([false, true]);
    const late = new FakeWindow();
    a.time.setAxis('arrival');
    a.time.setSpan(300_000);
    windows.push(late);
    await frame(0);
    await told(2);
    expect(late.time.shown).toEqual({ frozen: null, span_ms: 300_000, axis: 'arrival' });
  });

  it('pause together, whichever of them is paused, and nothing goes back and forth', async () => {
    b.time.pause();
    await frame(1);
    await told(0);
    expect(a.time.shown).toEqual(b.time.shown);
    expect(a.time.following).toBe(false);
    expect(frames, 'what came from elsewhere is not told again').toHaveLength(0);
    expect(asks).toBe(2);
  });

  it('tell what was done within a frame once, as it is last', async () => {
    for (let step = 0; step < 20; step += 1) a.time.pan(-1000);
    a.point(5);
    a.point(6);
    expect(frames).toHaveLength(1);
    await frame(0);
    expect(asks).toBe(1);
    await told(1);
    expect(b.time.shown).toEqual(a.time.shown);
    expect(b.elsewhere?.()).toBe(6);
  });

  it('go back and forward together', async () => {
    a.time.show(1000, 2000);
    await frame(0);
    await told(1);
    b.time.back();
    await frame(1);
    await told(0);
    expect([a.time.following, b.time.following]).toEqual([true, true]);
    a.time.forward();
    expect(a.time.shown.frozen).toEqual([1000, 2000]);
  });

  it('mark the moment that is pointed at in one of them, as long ago while time is followed', async () => {
    const ms = a.time.nowMs() - 5000;
    a.point(ms);
    await frame(0);
    await told(1);
    expect(Math.abs((b.elsewhere?.() ?? 0) - ms)).toBeLessThan(500);
    a.time.pause();
    await frame(0);
    await told(1);
    expect(b.elsewhere?.()).toBe(ms);
    a.hover = null;
    a.onHover();
    await frame(0);
    await told(1);
    expect(b.elsewhere).toBeNull();
  });

  it('mark a moment of a panel that shows its own time as that time goes', async () => {
    const own = new TimeWindow(a.time);
    a.pointedTime = own;
    a.time.pause();
    const ms = a.time.nowMs() - 5000;
    a.point(ms);
    await frame(0);
    await told(1);
    b.time.heard(1_060_000);
    expect((b.elsewhere?.() ?? 0) - ms, 'it goes on, as its panel does').toBeGreaterThan(50_000);

    own.show(1000, 2000);
    a.time.follow();
    a.point(1500);
    await frame(0);
    await told(1);
    b.time.heard(1_120_000);
    expect(b.elsewhere?.(), 'it stands, as its panel does').toBe(1500);
  });

  it('measure the same, in the same zone, in the same language, by the same keys', async () => {
    b.measure.between = [1, 2];
    b.measure.onChange();
    b.zone = 'utc';
    b.inStep.changed('zone');
    await frame(1);
    const chosen = { language: { tag: 'zh-CN' }, shortcuts: { measure: ['x'] } };
    unknown[0] = { ...unknown[0], ...chosen };
    await told(0);
    expect(a.shortcuts).toEqual({ measure: ['x'] });
    expect([a.measure.between, a.zone, a.language]).toEqual([[1, 2], 'utc', 'zh-CN']);
    expect(frames).toHaveLength(0);
  });

  it('keep what was done here while the answer was under way', async () => {
    b.time.setSpan(10_000);
    await frame(1);
    turn = 0;
    a.inStep.told();
    a.time.setSpan(900_000);
    await new Promise((resolve) => setTimeout(resolve));
    expect(a.time.spanMs).toBe(900_000);
    await frame(0);
    await told(1);
    expect(b.time.spanMs).toBe(900_000);
  });
});
