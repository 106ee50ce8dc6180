import { beforeEach, describe, expect, it, vi } from 'vitest';
import * as host from '$host';
import type { InspectPage } from '../generated/InspectPage';
import type { InspectRow } from '../generated/InspectRow';
import type { PageAsked } from '../generated/PageAsked';
import { Inspection, isFiltered, noFilter, ROW_PX } from './inspection.svelte';

/** What the application has: the messages from `first` to `end`. */
let first = 0;
let end = 100;
let asked: PageAsked[] = [];

const row = (serial: number): InspectRow => ({
  serial,
  number: serial,
  at_ms: serial,
  direction: 'received',
  kind: 'text',
  code: null,
  channel: null,
  sequence: null,
  size: 2,
  verdict: 'delivered',
  messages: 1,
  since_previous_ms: null,
  unkept_before: 0,
  head: '{}',
});

function pageOf({ from, count }: PageAsked): InspectPage {
  const last = Math.max(first, end - count);
  const start = Math.min(last, Math.max(first, from ?? last));
  const rows = Array.from({ length: Math.min(count, end - start) }, (_, n) => row(start + n));
  return {
    first,
    end,
    from: start,
    rows,
    kept: end - first,
    kept_bytes: 0,
    left: first,
    received: end,
    received_kept: end,
    received_per_second: 0,
    kept_per_second: 0,
    since_pause: 0,
  };
}

vi.mock('$host', () => ({
  inspectOpen: vi.fn(async () => ({ templates: [], sent: [], per_second_max: 0 })),
  inspectClose: vi.fn(async () => {}),
  inspectPage: vi.fn(),
  inspectMessage: vi.fn(async (_inspector: string, serial: number, from: number) => ({
    row: row(serial),
    base64: btoa('{}'.slice(from)),
    from,
    kept: 2,
    source_ms: null,
    why: null,
  })),
}));

const settled = () => new Promise((resolve) => setTimeout(resolve));

async function opened(): Promise<Inspection> {
  const inspection = new Inspection('f', (trouble) => {
    throw trouble;
  });
  inspection.height = 10 * ROW_PX;
  await inspection.open();
  await settled();
  return inspection;
}

beforeEach(() => {
  first = 0;
  end = 100;
  asked = [];
  vi.mocked(host.inspectPage).mockImplementation(async (_inspector, of) => {
    asked.push(of);
    if (of.filter.path === 'a[') throw { code: 'inspect-path', what: 'no', advice: 'no' };
    return pageOf(of);
  });
});

describe('an inspector', () => {
  it('begins with the newest and goes on with them', async () => {
    const inspection = await opened();
    expect(asked[0]?.from).toBeNull();
    expect(inspection.page?.rows.at(-1)?.serial).toBe(99);
    end = 200;
    inspection.ask();
    await settled();
    expect(inspection.page?.rows.at(-1)?.serial).toBe(199);
    expect(inspection.top).toBe((200 - 10) * ROW_PX);
  });

  it('asks for a screenful, whatever there is', async () => {
    end = 20_000;
    const inspection = await opened();
    expect(inspection.count).toBe(20_000);
    expect(inspection.page?.rows.length).toBeLessThan(60);
  });

  it('stays where it was scrolled to while older ones leave', async () => {
    const inspection = await opened();
    inspection.scrolled(50 * ROW_PX, 10 * ROW_PX, false);
    await settled();
    expect(inspection.following).toBe(false);
    let scrolledTo = -1;
    inspection.onscrollto = (top) => {
      scrolledTo = top;
    };
    first = 30;
    end = 130;
    inspection.ask();
    await settled();
    expect([inspection.top, scrolledTo]).toEqual([20 * ROW_PX, 20 * ROW_PX]);
    inspection.follow();
    await settled();
    expect(asked.at(-1)?.from).toBeNull();
  });

  it('is walked by keys, also to what was not there yet', async () => {
    const inspection = await opened();
    expect(inspection.step('ArrowUp')).toBe(true);
    await settled();
    expect([inspection.chosen?.serial, inspection.message?.row.serial]).toEqual([99, 99]);
    inspection.step('Home');
    await settled();
    expect([inspection.top, inspection.message?.row.serial]).toEqual([0, 0]);
    inspection.step('PageDown');
    await settled();
    expect(inspection.message?.row.serial).toBe(9);
    expect(inspection.step('x')).toBe(false);
    inspection.leave();
    expect([inspection.message, inspection.place]).toEqual([null, null]);
  });

  it('says what is wrong with a filter and keeps what it shows', async () => {
    const inspection = await opened();
    inspection.setFilter({ path: 'a[' });
    await settled();
    expect(inspection.trouble?.code).toBe('inspect-path');
    expect(inspection.page?.rows.length).toBeGreaterThan(0);
    inspection.setFilter(noFilter());
    await settled();
    expect(inspection.trouble).toBeNull();
    expect(isFiltered(inspection.filter)).toBe(false);
  });

  it('freezes and goes on with the newest', async () => {
    const inspection = await opened();
    inspection.toggle();
    await settled();
    expect(asked.at(-1)?.paused).toBe(true);
    inspection.toggle();
    await settled();
    expect([asked.at(-1)?.paused, asked.at(-1)?.from]).toEqual([false, null]);
  });

  it('asks for nothing once it is closed', async () => {
    const inspection = await opened();
    inspection.close();
    const before = asked.length;
    inspection.ask();
    await settled();
    expect(asked.length).toBe(before);
  });
});
