// Stands in for the application while the window is developed in a browser and tested: pretends
// this computer's feed, with gaps, and a second feed that cannot connect. Never shipped.

import { newPanel } from '../board/kinds';
import { withTraces } from '../board/trace';
import { FUNCTIONS } from '../derived/functions';
import { DERIVED } from '../derived/known.svelte';
import type { Alert } from '../generated/Alert';
import type { AlertEvent } from '../generated/AlertEvent';
import type { AlertLogSpan } from '../generated/AlertLogSpan';
import type { AlertRehearsal } from '../generated/AlertRehearsal';
import type { AlertStates } from '../generated/AlertStates';
import type { Alerts } from '../generated/Alerts';
import type { AnnotationsRead } from '../generated/AnnotationsRead';
import type { Board } from '../generated/Board';
import type { BoardChange } from '../generated/BoardChange';
import type { BoardChanged } from '../generated/BoardChanged';
import type { BoardFeed } from '../generated/BoardFeed';
import type { BoardHead } from '../generated/BoardHead';
import type { BoardImport } from '../generated/BoardImport';
import type { BoardList } from '../generated/BoardList';
import type { BoardLook } from '../generated/BoardLook';
import type { Boards } from '../generated/Boards';
import type { CodeAsked } from '../generated/CodeAsked';
import type { Depth } from '../generated/Depth';
import type { DepthAsked } from '../generated/DepthAsked';
import type { Derived } from '../generated/Derived';
import type { DerivedInput } from '../generated/DerivedInput';
import type { DerivedPreview } from '../generated/DerivedPreview';
import type { DerivedSeries } from '../generated/DerivedSeries';
import type { Distribution } from '../generated/Distribution';
import type { DraftChecked } from '../generated/DraftChecked';
import type { Exported } from '../generated/Exported';
import type { Faults } from '../generated/Faults';
import type { Feed } from '../generated/Feed';
import type { FeedWords } from '../generated/FeedWords';
import type { Field } from '../generated/Field';
import type { Freshness } from '../generated/Freshness';
import type { Gap } from '../generated/Gap';
import type { GapList } from '../generated/GapList';
import type { GapsAsked } from '../generated/GapsAsked';
import type { Health } from '../generated/Health';
import type { HealthAsked } from '../generated/HealthAsked';
import type { Heard } from '../generated/Heard';
import type { Heat } from '../generated/Heat';
import type { Histogram } from '../generated/Histogram';
import type { Inspected } from '../generated/Inspected';
import type { InspectMessage } from '../generated/InspectMessage';
import type { InspectPage } from '../generated/InspectPage';
import type { InspectRow } from '../generated/InspectRow';
import type { JsonFault } from '../generated/JsonFault';
import type { LateSpan } from '../generated/LateSpan';
import type { Mistake } from '../generated/Mistake';
import type { PageAsked } from '../generated/PageAsked';
import type { Pairs } from '../generated/Pairs';
import type { Panel } from '../generated/Panel';
import type { Part } from '../generated/Part';
import type { Picture } from '../generated/Picture';
import type { ProbeLook } from '../generated/ProbeLook';
import type { ProbeStep } from '../generated/ProbeStep';
import type { ProfileCard } from '../generated/ProfileCard';
import type { Proposal } from '../generated/Proposal';
import type { Row } from '../generated/Row';
import type { SecretKept } from '../generated/SecretKept';
import type { SendAsked } from '../generated/SendAsked';
import type { SendResult } from '../generated/SendResult';
import type { SentMessage } from '../generated/SentMessage';
import type { Span } from '../generated/Span';
import type { Start } from '../generated/Start';
import type { State } from '../generated/State';
import type { Statistics } from '../generated/Statistics';
import type { Status } from '../generated/Status';
import type { Subscribed } from '../generated/Subscribed';
import type { Template } from '../generated/Template';
import type { Together } from '../generated/Together';
import type { Trace } from '../generated/Trace';
import type { Transition } from '../generated/Transition';
import type { Trouble } from '../generated/Trouble';
import type { Update } from '../generated/Update';
import type { View } from '../generated/View';
import type { Watch } from '../generated/Watch';
import { CHANNEL as HEALTH } from '../health/series';
import type { Column } from '../live/columns';
import { niceStep } from '../plot/ticks';
import { inEnglish, type Key } from '../words/say';
import { MORE_CHANNELS, moreAt, moreTexts } from './pretended';
import { pretendedDepth } from './pretended-book';
import { reckoning } from './pretended-expression';
import { NEVER, PretendedHealth } from './pretended-health';

const SAMPLE_MS = Number(
  new URLSearchParams(globalThis.location?.search ?? '').get('sample') ?? 100,
);
const bornMs = Date.now();
const query = new URLSearchParams(globalThis.location?.search ?? '');

const ALL_CHANNELS: Record<string, string[]> = {
  cpu: ['total', ...Array.from({ length: 8 }, (_, n) => `core${n}`)],
  memory: ['used', 'available', 'swap_used'],
  load: ['one', 'five', 'fifteen'],
  network: ['received', 'sent'],
  disk: ['read', 'written'],
  ...(query.has('more') || query.has('texts') ? MORE_CHANNELS : {}),
};
/** All that holds texts, where a feed has nothing else. */
const TEXTS = {
  machine: (MORE_CHANNELS.machine ?? []).filter((path) => moreTexts('machine', path)),
};
const CHANNELS: Record<string, string[]> = query.has('only-texts') ? TEXTS : ALL_CHANNELS;

const fieldsOf = (channels: Record<string, string[]>): Field[] =>
  Object.entries(channels).flatMap(([channel, paths]) =>
    paths.map((path) => ({ channel, path, number: 0, texts: moreTexts(channel, path) })),
  );
const numbered = (fields: Field[]): Field[] =>
  fields.map((field, number) => ({ ...field, number }));

interface Pretended {
  feed: Feed;
  gaps: Gap[];
}

const ledger = (received: number) => ({
  received,
  delivered: received - 201 - 28,
  control: 201,
  duplicate: 28,
  late: 0,
  undecodable: 0,
  held: 0,
  overflow: 0,
});

function status(feed: string, state: State, received: number): Status {
  return {
    feed,
    state,
    messages_per_second: state === 'live' ? 50 : 0,
    ledger:
      received > 0
        ? ledger(received)
        : { ...ledger(229), received: 0, control: 0, duplicate: 0, delivered: 0 },
    gaps: received > 0 ? 3 : 0,
    missing: received > 0 ? 42 : 0,
    last_message_ms: received > 0 ? Date.now() : null,
    latency: state === 'live' ? { p50_ms: 1.2, p95_ms: 3.4, p99_ms: 8.9 } : null,
    reordered: 0,
    fields_unlisted: 0,
    texts_untold: 0,
  };
}

/** A sentence as the application says it. */
function part(key: Key, values: Record<string, string | Part> = {}): Part {
  const texts = Object.entries(values).map(([name, value]) => [
    name,
    typeof value === 'string' ? value : value.text,
  ]);
  return { key, values, text: inEnglish(key, Object.fromEntries(texts)) };
}

let turns = 0;

const turn = (
  at_ms: number,
  state: State,
  cause: Part,
  more: Partial<Transition> = {},
): Transition => ({
  number: turns++,
  at_ms,
  state,
  cause: cause.text,
  said: [cause],
  until_ms: null,
  trouble: null,
  ...more,
});

function trouble(
  code: string,
  step: Part,
  what: Part,
  answer: string | null,
  advice: Part,
): Trouble {
  const said = { step: [step], what: [what], advice: [advice] };
  return { code, step: step.text, what: what.text, answer, advice: advice.text, said };
}

const closed = part('trouble_closed', { code: '1001', meaning: part('close_going_away') });

const gap = (
  agoMs: number,
  lengthMs: number,
  cause: Gap['cause'],
  story: Part,
  missing: number | null = null,
): Gap => ({
  start_ms: bornMs - agoMs,
  end_ms: bornMs - agoMs + lengthMs,
  cause,
  feed: 'computer',
  channel: null,
  missing,
  story: story.text,
  said: [story],
});

const computer: Pretended = {
  feed: {
    id: 'computer',
    name: 'This computer',
    url: 'ws://127.0.0.1:41234/feed',
    builtin: true,
    has_books: false,
    fields: numbered(fieldsOf(CHANNELS)),
    transitions: [
      turn(bornMs - 420_000, 'connecting', part('cause_started')),
      turn(bornMs - 419_900, 'live', part('cause_connected')),
      turn(bornMs - 40_000, 'waiting', closed, { until_ms: bornMs - 34_000 }),
      turn(bornMs - 34_000, 'live', part('cause_connected')),
      turn(bornMs - 22_000, 'stale', part('trouble_silent', { seconds: '3' })),
      turn(bornMs - 17_000, 'live', part('cause_data_again')),
    ],
    status: status('computer', 'live', 12_408_331),
  },
  gaps: [
    gap(40_000, 6_000, 'outage', closed),
    gap(22_000, 5_000, 'silence', part('trouble_silent', { seconds: '5' })),
    gap(12_000, 200, 'missing', part('gap_missing_many', { first: '4021', last: '4062' }), 42),
  ],
};

const refused = trouble(
  'http-status',
  part('step_handshake'),
  part('trouble_forbidden'),
  'HTTP/1.1 403 Forbidden\nserver: nginx/1.27.2\ncontent-type: application/json\n\n{"error":"missing or invalid API key"}',
  part('advice_forbidden'),
);

function failing(id: string, url: string, state: State): Pretended {
  const name = new URL(url).host;
  return {
    feed: {
      id,
      name,
      url,
      builtin: false,
      has_books: false,
      fields: [],
      transitions: [
        turn(Date.now() - 4000, 'connecting', part('cause_started')),
        turn(Date.now() - 3000, state, part('trouble_forbidden'), {
          until_ms: state === 'waiting' ? Date.now() + 9000 : null,
          trouble: refused,
        }),
      ],
      status: status(id, state, 0),
    },
    gaps: [],
  };
}

const feeds: Pretended[] = query.has('empty') ? [] : [computer];
if (query.has('failing')) {
  feeds.push(failing('stream', 'wss://stream.example.com/v2', 'waiting'));
  feeds.push(failing('market', 'wss://market.example.org/ws', 'stopped'));
}
if (query.has('many')) {
  const many = failing('many', 'wss://many.example.net/', 'live');
  many.feed.fields = numbered(
    fieldsOf(
      Object.fromEntries(
        Array.from({ length: Number(query.get('many')) || 100 }, (_, c) => [
          `channel-${c}`,
          Array.from({ length: 100 }, (_, f) => `data.${f}.price`),
        ]),
      ),
    ),
  );
  many.feed.transitions = [turn(Date.now(), 'live', part('cause_connected'))];
  feeds.push(many);
}

/** What order book there is: see `pretendedDepth`. */
const BOOK = query.get('book');
if (BOOK !== null) {
  const market = failing('market', 'wss://market.example.org/ws', 'live');
  market.feed.has_books = true;
  market.feed.transitions = [turn(Date.now(), 'live', part('cause_connected'))];
  feeds.push(market);
}

const trace = (channel: string, path: string, color: number): Trace => ({
  feed: 'computer',
  channel,
  path,
  label: null,
  color,
});

const LANGUAGE = 'feedscope-fake-language';
const SHORTCUTS = 'feedscope-fake-shortcuts';

/** Texts in each kind of panel that shows such. */
function textPanels(): Panel[] {
  const paths = ['state', 'door', 'mode', 'note'];
  const traces = paths.map((path, n) => trace('machine', path, n));
  const mixed = [...traces, trace('machine', 'code', 4)];
  return [
    { ...newPanel('states', 'Machine', 'none', []), id: 'states', traces },
    { ...newPanel('table', 'Latest', 'none', []), id: 'table', traces: mixed },
    { ...newPanel('number', 'Now', 'none', []), id: 'number', traces: mixed },
  ] as Panel[];
}

function board(): Board {
  const bare = query.has('empty') || query.has('bare');
  return {
    feedscope: 2,
    id: 'this-computer',
    name: 'This computer',
    time: { span_ms: Number(query.get('span') ?? 60_000), axis: 'source', zone: 'local' },
    feeds: feeds.map(({ feed: { id, name, url } }) => ({ id, name, url })),
    layout: query.has('nonsense') ? { grid: { root: 7 }, panels: [] } : null,
    panels: bare
      ? BOOK === null
        ? []
        : [{ ...newPanel('depth', 'BTC-USD', 'none', []), id: 'depth' }]
      : query.has('texts')
        ? textPanels()
        : [
            {
              ...newPanel('time-series', 'CPU by core', 'percent', []),
              id: 'cpu',
              range: [0, 100],
              traces: (CHANNELS.cpu ?? []).slice(1).map((path, n) => trace('cpu', path, n)),
            },
            {
              ...newPanel('time-series', 'Memory', 'bytes', []),
              id: 'memory',
              range: null,
              traces: [trace('memory', 'used', 0), trace('memory', 'available', 1)],
            },
            {
              ...newPanel('time-series', 'Load', 'none', []),
              id: 'load',
              range: null,
              traces: [
                trace('load', 'one', 0),
                trace('load', 'five', 1),
                trace('load', 'fifteen', 2),
              ],
            },
            {
              ...newPanel('time-series', 'Network', 'bytes-per-second', []),
              id: 'network',
              range: null,
              traces: [trace('network', 'received', 0), trace('network', 'sent', 1)],
            },
            {
              ...newPanel('time-series', 'Disk', 'bytes-per-second', []),
              id: 'disk',
              range: null,
              traces: [trace('disk', 'read', 0), trace('disk', 'written', 1)],
            },
          ],
  };
}

let faults: Faults = { silent: false, delay_ms: 0, duplicate: 0, reorder: 0, lose: 0 };

/** A value that is the same whenever it is asked for. */
/** Sentences are not told apart: the latest alone is known. */
function notes(now: number): FeedWords[] {
  const noted = computer.feed.fields.find(({ path }) => path === 'note');
  if (!noted) return [];
  const text = `order ${Math.floor(now / 3000) % 10_000} <b>waits</b> for a tool`;
  return [{ feed: computer.feed.id, words: [{ field: noted.number, code: 3, text }] }];
}

function valueAt(of: { feed?: string; channel: string; path: string }, ms: number): number {
  if (of.feed === DERIVED) return derivedAt(of.path, ms);
  const more = moreAt(of.channel, of.path, ms);
  if (more !== null) return more;
  let seed = 0;
  for (const letter of of.channel + of.path) seed = (seed * 31 + letter.charCodeAt(0)) % 9973;
  const t = ms / 1000 + seed;
  const noise = Math.abs(Math.sin(Math.floor(ms / SAMPLE_MS) * 12.9898 + seed) * 43_758.5453) % 1;
  const wave = 0.5 + 0.3 * Math.sin(t / 7) + 0.15 * Math.sin(t / 1.9) + 0.1 * (noise - 0.5);
  switch (of.channel) {
    case 'cpu':
      return Math.max(0, Math.min(100, wave * (20 + (seed % 60))));
    case 'memory':
      return (4 + (seed % 9) + wave) * 1e9;
    case 'load':
      return wave * 3;
    case 'network':
    case 'disk':
      return noise > 0.8 ? wave * 4e6 : wave * 3e5;
    default:
      return wave * seed * 10;
  }
}

function samples(of: Trace, columnMs: number, from: number, to: number): Column[] {
  if (of.channel === HEALTH)
    return of.feed === 'computer' ? pretendedHealth.columns(of.path, columnMs, from, to) : [];
  const source = of.feed === DERIVED ? 'computer' : of.feed;
  const feed = feeds.find(({ feed }) => feed.id === source);
  const found: Column[] = [];
  if (of.feed === DERIVED && Number.isNaN(derivedAt(of.path, Date.now()))) return found;
  // What never connected has sent nothing.
  if (!feed || feed.feed.fields.length === 0) return found;
  const { gaps } = feed;
  const begin = bornMs - 400_000;
  const stop = Math.min(to * columnMs, Date.now());
  const first = Math.ceil(Math.max(begin, from * columnMs) / SAMPLE_MS) * SAMPLE_MS;
  const lost = (ms: number) =>
    gaps.some((gap) => ms > gap.start_ms && ms < (gap.end_ms ?? Number.POSITIVE_INFINITY));
  let gapped = lost(first - SAMPLE_MS) ? 1 : 0;
  for (let ms = first; ms < stop; ms += SAMPLE_MS) {
    if (lost(ms)) {
      gapped = 1;
      continue;
    }
    const index = Math.floor(ms / columnMs);
    const y = valueAt(of, ms);
    const last = found.at(-1);
    if (last && last[0] === index) {
      last[1] += 1;
      last[3] = Math.min(last[3], y);
      last[4] = Math.max(last[4], y);
      last[5] = y;
    } else {
      found.push([index, 1, y, y, y, y, gapped]);
      gapped = 0;
    }
  }
  return found;
}

const gapsOf = (traces: Trace[]): Gap[] => {
  const wanted = new Set(traces.map((trace) => (trace.feed === DERIVED ? 'computer' : trace.feed)));
  return feeds.filter(({ feed }) => wanted.has(feed.id)).flatMap(({ gaps }) => gaps);
};
/** Some of what was missing came after all, and the server sent again what an outage cost. */
const lateOf = (traces: Trace[]): LateSpan[] =>
  [...new Set(traces.map(({ channel }) => channel))].flatMap((channel) => {
    const span = (agoMs: number, lengthMs: number, messages: number, replayed: boolean) => {
      const [start_ms, came] = [bornMs - agoMs, bornMs - agoMs + lengthMs + 2000];
      const end_ms = start_ms + lengthMs;
      const [came_from_ms, came_to_ms] = [came, came + 300];
      return {
        feed: 'computer',
        channel,
        start_ms,
        end_ms,
        came_from_ms,
        came_to_ms,
        messages,
        replayed,
      };
    };
    return [span(38_000, 3000, 30, true), span(9000, 400, 4, false)];
  });

function latestOf(traces: Trace[]): (number | null)[] {
  return traces.map((trace) => {
    if (trace.feed === DERIVED) {
      const at = derivedAt(trace.path, Date.now());
      return Number.isNaN(at) ? null : at;
    }
    const feed = feeds.find(({ feed }) => feed.id === trace.feed);
    if (!feed || feed.feed.fields.length === 0) return null;
    const lasting = feed.gaps.find((gap) => gap.end_ms === null);
    return valueAt(trace, lasting?.start_ms ?? Date.now());
  });
}

function answer(traces: Trace[], columnMs: number, from: number, to: number): ArrayBuffer {
  const said = new TextEncoder().encode(
    JSON.stringify({
      gaps: gapsOf(traces),
      late: lateOf(traces),
      latest: latestOf(traces),
      begins_ms: traces.map(() => null),
      after_update: number,
    }),
  );
  const columns = traces.map((trace) => samples(trace, columnMs, from, to));
  const head = Math.ceil((4 + said.length) / 8) * 8;
  const length = columns.reduce((sum, list) => sum + 1 + list.length * 7, 4);
  const bytes = new ArrayBuffer(head + length * 8);
  const whole = new DataView(bytes);
  whole.setUint32(0, said.length, true);
  new Uint8Array(bytes).set(said, 4);
  let offset = head;
  const put = (n: number) => {
    whole.setFloat64(offset, n, true);
    offset += 8;
  };
  for (const n of [columnMs, from, to, traces.length]) put(n);
  for (const list of columns) {
    put(list.length);
    for (const column of list) for (const n of column) put(n);
  }
  return bytes;
}

interface Watched {
  watch: Watch;
  columnMs: number;
  sent: number;
  gaps: string;
}
const watched = new Map<string, Watched>();
let peeked: string[] = [];
let heard: (() => void) | null = null;
let untaken: Update | null = null;
let number = 0;
let undrawn = false;
let ticks = 0;
const news: { feed: string; transitions: Transition[] }[] = [];

const TICK_MS = 16;

function tickUpdate(): void {
  if (!heard || undrawn) return;
  ticks += 1;
  const now = Date.now();
  const quarter = ticks % 15 === 0;
  const panels = [...watched.values()].flatMap((entry) => {
    const { watch, columnMs } = entry;
    if (Math.floor(now / SAMPLE_MS) === Math.floor(entry.sent / SAMPLE_MS)) return [];
    const from = Math.floor(entry.sent / columnMs);
    const gaps = JSON.stringify(gapsOf(watch.traces));
    const changed = gaps !== entry.gaps;
    entry.gaps = gaps;
    entry.sent = now;
    return [
      {
        panel: watch.panel,
        from,
        column_ms: columnMs,
        behind: false,
        traces: watch.traces.map((trace) =>
          samples(trace, columnMs, from, Number.POSITIVE_INFINITY),
        ),
        latest: latestOf(watch.traces),
        gaps: changed ? gapsOf(watch.traces) : null,
        late: changed ? lateOf(watch.traces) : null,
        begins_ms: null,
      },
    ];
  });
  if (panels.length === 0 && !quarter && news.length === 0) return;
  undrawn = true;
  number += 1;
  const open = faults.silent ? 'stale' : 'live';
  if (quarter && computer.feed.status.state === 'live')
    computer.feed.status.ledger = ledger(computer.feed.status.ledger.received + 12);
  untaken = {
    number,
    now_ms: now,
    panels,
    statuses: quarter
      ? feeds.map(({ feed }) => ({
          ...feed.status,
          last_message_ms: feed.status.state === 'live' ? now : feed.status.last_message_ms,
          state:
            feed === computer.feed && feed.status.state !== 'waiting' ? open : feed.status.state,
        }))
      : [],
    values: quarter
      ? peeked.map((id) => ({
          feed: id,
          values:
            id === DERIVED
              ? derivedNow(now)
              : // As many as the application tells at once.
                (feeds.find(({ feed }) => feed.id === id)?.feed.fields ?? [])
                  .slice(0, 1000)
                  .map((field): [number, number] => [field.number, valueAt(field, now)]),
        }))
      : [],
    transitions: news.splice(0),
    fields: [],
    words: quarter ? notes(now) : [],
    derived: derivedUntold ? derivedAll() : null,
    inspected: quarter ? [...inspectors] : [],
    troubles: [],
    alerts: null,
  };
  derivedUntold = false;
  heard();
}

function change(
  pretended: Pretended,
  state: State,
  cause: Part,
  untilMs: number | null = null,
): void {
  pretended.feed.status = { ...pretended.feed.status, state };
  news.push({
    feed: pretended.feed.id,
    transitions: [turn(Date.now(), state, cause, { until_ms: untilMs })],
  });
}

export async function start(): Promise<Start> {
  return {
    version: '0.1.0',
    now_ms: Date.now(),
    boards: told(),
    board: withPopout((boardsOpen[0] as OpenBoard).document),
    feeds: feeds.map(({ feed }) => feed),
    faults,
    derived: derivedAll(),
    language: globalThis.localStorage?.getItem(LANGUAGE) ?? query.get('language'),
    shortcuts: JSON.parse(globalThis.localStorage?.getItem(SHORTCUTS) ?? '{}'),
    toured: !query.has('tour'),
    troubles: [],
    popout: query.get('popout'),
  };
}

/** With `?popout=ID`, this is a window of its own for the panel of that id; with `?away=ID`, there is
 * one elsewhere. */
function withPopout(board: Board): Board {
  const panel = query.get('popout') ?? query.get('away');
  if (!panel) return board;
  const panels = panel.split(',');
  return { ...board, popouts: [{ id: panel, panels, layout: null, place: null }] };
}

let others: Together = {};
let otherTabs: BroadcastChannel | null = null;

/** Other windows are other tabs of the browser. */
export async function onTogether(heard: () => void): Promise<() => void> {
  otherTabs = new BroadcastChannel('together');
  otherTabs.onmessage = ({ data }) => {
    others = { ...others, ...data };
    heard();
  };
  return () => otherTabs?.close();
}

export async function together(shown: Together): Promise<Together> {
  if (Object.keys(shown).length > 0) otherTabs?.postMessage(shown);
  const answer = others;
  others = {};
  return answer;
}

export async function onNews(listener: () => void): Promise<() => void> {
  heard = listener;
  const timer = setInterval(tickUpdate, TICK_MS);
  return () => clearInterval(timer);
}

export async function takeUpdate(): Promise<Update | null> {
  const update = untaken;
  untaken = null;
  return update;
}

export async function drawn(of: number): Promise<void> {
  if (of !== number) throw new Error(`update ${number} was sent, and ${of} is said to be drawn`);
  undrawn = false;
}

export async function watch(watch: Watch): Promise<ArrayBuffer> {
  const columnMs = watch.span_ms / watch.columns;
  const right = Math.floor(Date.now() / columnMs) + 1;
  watched.set(watch.panel, { watch, columnMs, sent: Date.now(), gaps: '' });
  return answer(watch.traces, columnMs, right - watch.columns, right);
}

export async function unwatch(panel: string): Promise<void> {
  watched.delete(panel);
}

export async function gaps(asked: GapsAsked): Promise<GapList> {
  const found = feeds
    .filter(({ feed }) => asked.feed === null || asked.feed === feed.id)
    .flatMap(({ gaps }) => gaps)
    .sort((a, b) => b.start_ms - a.start_ms);
  const { before_ms, after_ms, most } = asked;
  const next = found.filter(
    (gap) =>
      (before_ms === null || gap.start_ms < before_ms) &&
      (after_ms === null || (gap.end_ms ?? Number.POSITIVE_INFINITY) > after_ms),
  );
  const told = after_ms === null ? next.slice(0, most) : next.slice(-most);
  return { gaps: told, total: next.length };
}

const pretendedHealth = new PretendedHealth(bornMs, query.has('flapping'), {
  closed,
  connected: part('cause_connected'),
  silent: part('trouble_silent', { seconds: '3' }),
  absent: part('gap_not_running', { from: '23:12:00', to: '07:12:00' }),
});

export async function health(asked: HealthAsked): Promise<Health | null> {
  if (asked.feed === 'computer') return pretendedHealth.answer(asked);
  return feeds.some(({ feed }) => feed.id === asked.feed) ? NEVER : null;
}

/** Of the second channel, nothing comes any more, where that is asked for. */
export async function freshness(feed: string, channels: string[]): Promise<Freshness[]> {
  const found = feeds.find((one) => one.feed.id === feed)?.feed;
  return channels.map((channel, n) => {
    const known = found?.fields.some((field) => field.channel === channel) ?? false;
    if (!known) return { records: 0, first_ms: null, last_ms: null };
    const silent = query.has('silent') && n % 3 === 1;
    const last_ms = silent ? bornMs - 9000 : Date.now() - (Date.now() % SAMPLE_MS);
    const records = Math.round((last_ms - bornMs + 60_000) / SAMPLE_MS);
    return { records, first_ms: bornMs - 60_000, last_ms };
  });
}

export async function statistics(span: Span): Promise<Statistics[]> {
  return span.traces.map((trace) => {
    // Of hours, every second is enough.
    const step =
      trace.channel === HEALTH ? Math.max(1000, (span.to_ms - span.from_ms) / 5000) : 100;
    const [from, to] = [Math.floor(span.from_ms / step), Math.ceil(span.to_ms / step)];
    const columns = samples(trace, step, from, to);
    const values = columns.map((column) => column[5]).sort((a, b) => a - b);
    const count = values.length;
    const quantile = (q: number) => values[Math.round((count - 1) * q)] ?? null;
    const mean = values.reduce((sum, value) => sum + value, 0) / count;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / count;
    return {
      count,
      min: quantile(0),
      max: quantile(1),
      mean: count > 0 ? mean : null,
      std_dev: count > 0 ? Math.sqrt(variance) : null,
      p50: quantile(0.5),
      p95: quantile(0.95),
      p99: quantile(0.99),
      samples_per_second: count > 1 ? (count - 1) / ((span.to_ms - span.from_ms) / 1000) : null,
    };
  });
}

/** Of so many at most an answer is exact; with `?some`, of so few that it never is. */
const EXACT_MAX = query.has('some') ? 100 : Number.POSITIVE_INFINITY;

/** The moments at which there are samples, and of how many they are. */
function moments(of: Trace, fromMs: number, toMs: number): { at: number[]; total: number } {
  const all: number[] = [];
  const found = samples(of, SAMPLE_MS, Math.ceil(fromMs / SAMPLE_MS), toMs / SAMPLE_MS);
  for (const [index] of found) all.push(index * SAMPLE_MS);
  const every = Math.ceil(all.length / EXACT_MAX) || 1;
  return { at: all.filter((_, n) => n % every === 0), total: all.length };
}

export async function depth(asked: DepthAsked): Promise<Depth | null> {
  return BOOK === null ? null : pretendedDepth(BOOK, asked, bornMs);
}

export async function histogram(asked: Histogram): Promise<Distribution> {
  const found = asked.traces.map((trace) => {
    const { at, total } = moments(trace, asked.from_ms, asked.to_ms);
    const values = at.map((ms) => valueAt(trace, ms)).sort((a, b) => a - b);
    return { values, total };
  });
  const on = (value: number) => (asked.log ? Math.log10(value) : value);
  const all = found.flatMap(({ values }) => values).filter((value) => !asked.log || value > 0);
  const quantile = (values: number[], q: number) => values[Math.round((values.length - 1) * q)];
  const [least, greatest] = [Math.min(...all), Math.max(...all)];
  const widths = found
    .filter(({ values }) => values.length > 0)
    .map(({ values }) => {
      const [first, third] = [quantile(values, 0.25), quantile(values, 0.75)] as [number, number];
      return (2 * (on(third) - on(first))) / Math.cbrt(values.length);
    });
  const narrowest = (on(greatest) - on(least)) / Math.max(1, asked.bins_max - 2);
  const width = niceStep(Math.max(narrowest, Math.min(...widths)));
  const first = Math.floor(on(least) / width);
  const last = Math.floor(on(greatest) / width) + 1;
  const bins = all.length > 0 ? (asked.bins ?? last - first) : 0;
  const [from, to] =
    asked.bins === null ? [first * width, last * width] : [on(least), on(greatest)];
  const back = (value: number) => (asked.log ? 10 ** value : value);
  return {
    least: bins > 0 ? back(from) : 0,
    greatest: bins > 0 ? back(to) : 1,
    log: asked.log,
    traces: found.map(({ values, total }) => {
      const counts = Array.from({ length: bins }, () => 0);
      let below = 0;
      for (const value of values) {
        if (asked.log && value <= 0) below += 1;
        else {
          const bin = Math.floor(((on(value) - from) / (to - from)) * bins);
          const at = Math.max(0, Math.min(bins - 1, bin));
          counts[at] = (counts[at] ?? 0) + 1;
        }
      }
      return {
        counts,
        below,
        above: 0,
        not_finite: 0,
        counted: values.length,
        total,
        p50: quantile(values, 0.5) ?? null,
        p95: quantile(values, 0.95) ?? null,
        p99: quantile(values, 0.99) ?? null,
      };
    }),
  };
}

/** Bytes as the application answers with: JSON, numbers, and counts. */
function bytesOf(facts: unknown, numbers: number[], counts: number[] = []): ArrayBuffer {
  const said = new TextEncoder().encode(JSON.stringify(facts));
  const head = Math.ceil((4 + said.length) / 8) * 8;
  const bytes = new ArrayBuffer(head + numbers.length * 8 + counts.length * 4);
  const whole = new DataView(bytes);
  whole.setUint32(0, said.length, true);
  new Uint8Array(bytes).set(said, 4);
  numbers.forEach((n, at) => {
    whole.setFloat64(head + at * 8, n, true);
  });
  counts.forEach((n, at) => {
    whole.setUint32(head + numbers.length * 8 + at * 4, n, true);
  });
  return bytes;
}

export async function heat(asked: Heat): Promise<ArrayBuffer> {
  const columnMs = (asked.to_ms - asked.from_ms) / asked.columns;
  const { at, total } = moments(asked.trace, asked.from_ms, asked.to_ms);
  const all = samples(
    asked.trace,
    columnMs,
    Math.round(asked.from_ms / columnMs),
    Math.round(asked.to_ms / columnMs),
  );
  const [least, greatest] = asked.range ?? [0, 1];
  const rows = new Map(
    all.map(([index, count]) => [
      index,
      { count, counted: 0, counts: Array.from({ length: asked.bins }, () => 0) },
    ]),
  );
  for (const ms of at) {
    const row = rows.get(Math.floor(ms / columnMs));
    if (!row) continue;
    row.counted += 1;
    const share = (valueAt(asked.trace, ms) - least) / (greatest - least);
    const bin = share === 1 ? asked.bins - 1 : Math.floor(share * asked.bins);
    if (bin >= 0 && bin < asked.bins) row.counts[bin] = (row.counts[bin] ?? 0) + 1;
  }
  return bytesOf(
    { least, greatest, bins: asked.bins, counted: at.length, total },
    [columnMs, rows.size, ...[...rows].flatMap(([n, row]) => [n, row.count, row.counted])],
    [...rows.values()].flatMap(({ counts }) => counts),
  );
}

export async function pairs(asked: Pairs): Promise<ArrayBuffer> {
  const gaps = gapsOf(asked.traces);
  const facts = [];
  const numbers: number[] = [];
  for (const trace of asked.traces) {
    const { at, total } = moments(trace, asked.from_ms, asked.to_ms);
    const every = Math.ceil(at.length / Math.max(1, asked.most / asked.traces.length)) || 1;
    const taken = at.filter((_, n) => (at.length - 1 - n) % every === 0);
    facts.push({ counted: taken.length, total, alone: 0 });
    numbers.push(taken.length);
    taken.forEach((ms, n) => {
      const before = taken[n - 1] ?? ms;
      const gap = gaps.some(({ start_ms, end_ms }) => start_ms < ms && (end_ms ?? ms) > before);
      numbers.push(valueAt(asked.x, ms), valueAt(trace, ms), ms, gap ? 1 : 0);
    });
  }
  return bytesOf({ traces: facts }, numbers);
}

export async function view(view: View): Promise<ArrayBuffer> {
  const columnMs = (view.to_ms - view.from_ms) / view.columns;
  return answer(
    view.traces,
    columnMs,
    Math.floor(view.from_ms / columnMs),
    Math.ceil(view.to_ms / columnMs),
  );
}

export async function peek(wanted: string[]): Promise<void> {
  peeked = wanted;
}

export async function feed(id: string): Promise<Feed> {
  const found = feeds.find(({ feed }) => feed.id === id);
  if (!found) throw new Error(`there is no feed ${id}`);
  return found.feed;
}

export async function feedAdd(board: string, url: string, label: string): Promise<Feed> {
  if (!/^wss?:\/\//.test(url)) {
    const scheme = url.split('://')[0] ?? '';
    throw trouble(
      'url-scheme',
      part('step_url'),
      part('trouble_url_scheme', { scheme }),
      null,
      part('advice_url'),
    );
  }
  const added = failing(`feed-${feeds.length}`, url, 'waiting');
  feeds.push(added);
  const { id, name } = added.feed;
  step(open(board), label, (document) => ({
    ...document,
    feeds: [...document.feeds, { id, name, url }],
  }));
  return added.feed;
}

const PROFILES: ProfileCard[] = [
  profile(
    'kraken',
    'Kraken',
    'Order book, ticker and trades of one market.',
    ['crypto', 'market'],
    {
      variables: [
        { name: 'depth', about: 'Levels of the book', default: '10', choices: ['10', '25', '100'] },
        {
          name: 'symbol',
          about: 'The market, such as BTC/USD',
          default: 'BTC/USD',
          choices: ['BTC/USD', 'ETH/USD', 'SOL/USD', 'XRP/USD', 'ADA/USD', 'DOT/USD'],
        },
      ],
    },
  ),
  profile('bluesky', 'Bluesky', 'Everything that is posted, liked and followed.', ['social']),
  profile('house', 'Home Assistant', 'Every change of state in a house.', ['home', 'sensors'], {
    secrets: ['home-assistant'],
    variables: [
      {
        name: 'url',
        about: 'Where your Home Assistant is',
        default: 'ws://homeassistant.local:8123/api/websocket',
        choices: [],
      },
    ],
  }),
  profile('this-computer', 'This computer', 'CPU, memory, disks and network.', ['computer']),
  profile('json', 'JSON', 'Any feed of JSON messages.', ['any'], {
    variables: [{ name: 'url', about: 'Where the feed is', default: null, choices: [] }],
  }),
];

function profile(
  id: string,
  name: string,
  about: string,
  tags: string[],
  more: Partial<ProfileCard> = {},
): ProfileCard {
  const url = `wss://${id}.example/v2`;
  return { id, name, about, docs: null, tags, url, secrets: [], variables: [], ...more };
}

export const profiles = async (): Promise<ProfileCard[]> => PROFILES;

/** The secrets that were given, whatever they were. */
const given = new Set<string>();

function secretsOf(draft: BoardFeed): SecretKept[] {
  const named = PROFILES.find(({ id }) => id === draft.profile)?.secrets ?? [];
  const headers = Object.values(draft.headers ?? {}).join(' ');
  const inHeaders = [...headers.matchAll(/\$\{secret:([^}]+)\}/g)].map(([, name]) => name ?? '');
  return [...new Set([...named, ...inHeaders])].map(keptNow);
}

const keptNow = (name: string): SecretKept => ({
  name,
  kept: given.has(name) ? 'keychain' : 'nowhere',
  why: null,
});

export async function draftCheck(draft: BoardFeed): Promise<DraftChecked> {
  const url = draft.url ?? PROFILES.find(({ id }) => id === draft.profile)?.url;
  const lines = [`name = "${draft.name || url}"`, '', '[connection]', `url = "${url}"`];
  const { time, sequence } = draft.reading ?? {};
  if (time) lines.push('', '[decode]', `time = { path = "${time.path}", unit = "${time.unit}" }`);
  if (sequence) {
    lines.push('', '[[sequence]]', `rule = "${sequence.rule}"`, `number = "${sequence.number}"`);
  }
  return { toml: `${lines.join('\n')}\n`, secrets: secretsOf(draft), problems: [] };
}

export async function feedSubscribe(
  board: string,
  draft: BoardFeed,
  secrets: Record<string, string>,
  label: string,
): Promise<Subscribed> {
  for (const name of Object.keys(secrets)) given.add(name);
  const url = draft.url ?? `wss://${draft.profile}.example/`;
  const feed = await feedAdd(board, url, label);
  return { feed: { ...feed, name: draft.name || feed.name }, unkept: null };
}

export const feedChange = (
  board: string,
  _feed: string,
  draft: BoardFeed,
  secrets: Record<string, string>,
  label: string,
): Promise<Subscribed> => feedSubscribe(board, draft, secrets, label);

export async function feedDraft(board: string, feed: string): Promise<BoardFeed> {
  const found = open(board).document.feeds.find(({ id }) => id === feed);
  return found ?? { id: feed, name: feed, url: `wss://${feed}.example/` };
}

export const feedSecrets = async (feed: string): Promise<SecretKept[]> =>
  feed === 'market' ? [keptNow('market-key')] : [];

/** As on a computer without one, if the address says so: `?keychain=none`. */
export const noKeychain = async (): Promise<string | null> =>
  new URLSearchParams(location.search).get('keychain') === 'none'
    ? 'org.freedesktop.secrets is not there'
    : null;

export async function secretSet(_feed: string, name: string, _secret: string): Promise<SecretKept> {
  given.add(name);
  return keptNow(name);
}

export async function secretRemove(name: string): Promise<SecretKept> {
  given.delete(name);
  return keptNow(name);
}

let probeBegan = 0;
let probed: BoardFeed | null = null;

export async function probeStart(_probe: string, draft: BoardFeed): Promise<void> {
  probeBegan = Date.now();
  probed = draft;
}

const PROBED: [number, ProbeStep][] = [
  [200, { took_ms: 12.4, found: 'resolved', host: 'kraken.example', addresses: ['192.0.2.7'] }],
  [400, { took_ms: 31.2, found: 'connected', to: '192.0.2.7:443' }],
  [600, { took_ms: null, found: 'certificate', issuer: 'Example Trust', days_left: 61 }],
  [700, { took_ms: 48.9, found: 'secured', version: 'TLS 1.3' }],
  [900, { took_ms: 29.1, found: 'upgraded', server: 'cloudflare' }],
  [1200, { took_ms: 40.2, found: 'opened', number: 1, sent: '{}', answered: true }],
  [
    1400,
    {
      took_ms: 5.1,
      found: 'message',
      channel: 'trade',
      begins: '{"channel":"trade",',
      is_data: true,
    },
  ],
  [1500, { took_ms: null, found: 'pong', round_trip_ms: 28.4 }],
];

export async function probeLook(_probe: string, known: number): Promise<ProbeLook | null> {
  const since = Date.now() - probeBegan;
  if (probed?.url?.includes('wrong')) {
    const steps = PROBED.slice(0, 1).map(([, step]) => step);
    return { steps: steps.slice(known), heard: null, done: true, trouble: refused };
  }
  const steps = PROBED.filter(([at]) => at <= since).map(([, step]) => step);
  const listened = Math.min(since, 7000);
  const messages = Math.round(Math.max(0, listened - 1400) / 12);
  const heard: Heard | null =
    since < 1600
      ? null
      : {
          listened_ms: listened,
          messages,
          bytes: messages * 97,
          texts: messages,
          without_data: 2,
          unreadable: 0,
          channels: [
            {
              name: 'trade',
              messages,
              fields: ['data.price', 'data.qty', 'data.seq'],
              fields_count: 3,
            },
            {
              name: 'book',
              messages,
              fields: ['data.bids[0][0]', 'data.asks[0][0]'],
              fields_count: 40,
            },
          ],
          channels_count: 2,
          fields_count: 43,
          numbers: [
            {
              rule: 'increment',
              scope: 'channel',
              number: 'data.seq',
              first: null,
              previous: null,
              steps: messages,
              share: 1,
            },
            {
              rule: 'sparse',
              scope: 'connection',
              number: 'data.trade_id',
              first: null,
              previous: null,
              steps: messages,
              share: 0.5,
            },
          ],
          times: [{ path: 'data.time', unit: 'ms', before_ms: 18.2, share: 1 }],
        };
  return { steps: steps.slice(known), heard, done: since > 7000, trouble: null };
}

export async function probeStop(_probe: string): Promise<void> {}

export async function feedRemove(board: string, id: string, label: string): Promise<BoardChanged> {
  return step(open(board), label, (document) => ({
    ...document,
    feeds: document.feeds.filter((feed) => feed.id !== id),
    panels: document.panels.map((panel) =>
      withTraces(panel, (traces) => traces.filter((trace) => trace.feed !== id)),
    ),
  }));
}

export async function feedReconnect(id: string): Promise<void> {
  const found = feeds.find(({ feed }) => feed.id === id);
  if (found) change(found, 'connecting', part('cause_reconnect'));
}

export async function feedStop(id: string): Promise<void> {
  const found = feeds.find(({ feed }) => feed.id === id);
  if (found) change(found, 'stopped', part('cause_stopped'));
}

export async function faultsSet(wanted: Faults): Promise<void> {
  const last = computer.gaps.at(-1);
  if (wanted.silent && !faults.silent) {
    computer.gaps.push({
      ...gap(0, 0, 'silence', part('trouble_silent', { seconds: '1' })),
      start_ms: Date.now(),
      end_ms: null,
    });
    change(computer, 'stale', part('trouble_silent', { seconds: '1' }));
  } else if (!wanted.silent && faults.silent && last) {
    last.end_ms = Date.now();
    change(computer, 'live', part('cause_data_again'));
  }
  faults = wanted;
}

export async function feedCut(): Promise<void> {
  const cut: Gap = {
    ...gap(0, 0, 'outage', part('trouble_cut')),
    start_ms: Date.now(),
    end_ms: null,
  };
  computer.gaps.push(cut);
  change(computer, 'waiting', part('trouble_cut'), Date.now() + 3000);
  setTimeout(() => {
    cut.end_ms = Date.now();
    change(computer, 'live', part('cause_connected'));
  }, 3000);
}

interface OpenBoard {
  document: Board;
  revision: number;
  undo: { label: string; document: Board }[];
  redo: { label: string; document: Board }[];
}

const boardOf = (document: Board): OpenBoard => ({ document, revision: 1, undo: [], redo: [] });
let boardsOpen: OpenBoard[] = [boardOf(board())];
let boardsRemoved: OpenBoard[] = [];
let version = 1;
let heardBoards: ((boards: Boards) => void) | null = null;

const head = (of: OpenBoard): BoardHead => ({
  id: of.document.id,
  name: of.document.name,
  revision: of.revision,
  undo: of.undo.at(-1)?.label ?? null,
  redo: of.redo.at(-1)?.label ?? null,
});

const told = (): Boards => ({
  version,
  list: boardsOpen.map(head),
  feeds: feeds.map(({ feed }) => feed.id),
});

const changed = (of: OpenBoard): BoardChanged => ({
  head: head(of),
  stale: false,
  document: structuredClone(of.document),
});

function open(id: string): OpenBoard {
  const found = boardsOpen.find(({ document }) => document.id === id);
  if (!found) throw new Error(`there is no board ${id}`);
  return found;
}

function tellBoards(): void {
  version += 1;
  const now = told();
  setTimeout(() => heardBoards?.(now));
}

function put(of: OpenBoard, document: Board): void {
  of.document = document;
  version += 1;
  of.revision = version;
  tellBoards();
}

function step(of: OpenBoard, label: string | null, to: (document: Board) => Board): BoardChanged {
  if (label !== null) {
    of.undo.push({ label, document: of.document });
    of.redo = [];
  }
  put(of, to(of.document));
  return changed(of);
}

function walk(id: string, from: 'undo' | 'redo', onto: 'undo' | 'redo'): BoardChanged {
  const of = open(id);
  const last = of[from].pop();
  if (last) {
    of[onto].push({ label: last.label, document: of.document });
    put(of, last.document);
  }
  return changed(of);
}

function add(document: Board): string {
  const id = `board-${version}`;
  boardsOpen.push(boardOf({ ...document, id }));
  tellBoards();
  return id;
}

export async function onBoards(listener: (boards: Boards) => void): Promise<() => void> {
  heardBoards = listener;
  return () => {
    heardBoards = null;
  };
}

export const boards = async (): Promise<BoardList> => ({ open: told(), closed: [] });
export const boardGet = async (id: string): Promise<BoardChanged> => changed(open(id));
export const boardShow = boardGet;
export const boardOpen = async (file: string): Promise<string> => file;
export const boardUndo = async (id: string): Promise<BoardChanged> => walk(id, 'undo', 'redo');
export const boardRedo = async (id: string): Promise<BoardChanged> => walk(id, 'redo', 'undo');

export async function boardNew(template: string, name: string | null): Promise<string> {
  if (template === 'this-computer') return add(board());
  return add({ ...board(), name: name ?? 'New board', panels: [], layout: null });
}

export async function boardDuplicate(id: string, name: string): Promise<string> {
  return add({ ...open(id).document, name });
}

export async function boardRename(id: string, name: string, label: string): Promise<BoardChanged> {
  return step(open(id), label, (document) => ({ ...document, name }));
}

export async function boardClose(id: string): Promise<void> {
  const closed = open(id);
  boardsOpen = boardsOpen.filter((other) => other !== closed);
  tellBoards();
}

export async function boardRemove(id: string): Promise<void> {
  boardsRemoved = [...boardsRemoved, open(id)];
  await boardClose(id);
}

export async function boardRestore(id: string): Promise<void> {
  const found = boardsRemoved.find(({ document }) => document.id === id);
  if (found) boardsOpen = [...boardsOpen, found];
  tellBoards();
}

export async function boardsReorder(order: string[]): Promise<void> {
  boardsOpen = order.map(open);
  tellBoards();
}

export async function boardChange(change: BoardChange): Promise<BoardChanged> {
  const of = open(change.board);
  if (of.revision !== change.revision) return { ...changed(of), stale: true };
  step(of, change.label, () => change.document);
  return { head: head(of), stale: false, document: null };
}

const boardStep = part('step_board');

function secretsIn(url: string): string[] {
  return [...url.matchAll(/\$\{secret:([^}]*)\}/g)].map(([, name]) => name ?? '');
}

/** Reads a file as little as it takes to show what is asked about it. */
export async function boardLook(file: string, text: string): Promise<BoardLook> {
  let read: Partial<Board>;
  try {
    read = JSON.parse(text);
  } catch (error) {
    const what = part('trouble_no_board', { path: file });
    throw trouble('board-unreadable', boardStep, what, String(error), part('advice_no_board'));
  }
  const known = read.feeds ?? [];
  const names = [...new Set([...text.matchAll(/"feed":\s*"([^"]+)"/g)].map(([, id]) => id ?? ''))];
  const panels = (id: string) =>
    (read.panels ?? []).filter((panel) => JSON.stringify(panel).includes(`"feed":"${id}"`)).length;
  return {
    name: read.name ?? file,
    panels: read.panels?.length ?? 0,
    feeds: [
      ...known
        .filter(({ id }) => id !== 'computer')
        .map(({ id, name, url, profile }) => ({
          id,
          name,
          url: url ?? null,
          profile: profile ?? null,
          panels: panels(id),
          state: feeds.some(({ feed }) => feed.url === url) ? ('open' as const) : ('new' as const),
          address: url ?? null,
          host: url?.split('/')[2] ?? null,
          secrets: secretsIn(url ?? ''),
          asks: secretsIn(url ?? ''),
        })),
      ...names
        .filter((id) => id !== 'computer' && !known.some((feed) => feed.id === id))
        .map((id) => ({
          id,
          name: id,
          url: null,
          profile: null,
          panels: panels(id),
          state: 'missing' as const,
          address: null,
          host: null,
          secrets: [],
          asks: [],
        })),
    ],
    troubles:
      (read.feedscope ?? 2) > 2
        ? [
            trouble(
              'board-newer',
              boardStep,
              part('trouble_board_newer', { file }),
              null,
              part('advice_board_newer'),
            ),
            trouble(
              'board-kind',
              boardStep,
              part('trouble_board_kind', { file, place: 'panels[3].kind' }),
              null,
              part('advice_board_kind'),
            ),
          ]
        : [],
  };
}

export async function boardImport({ text }: BoardImport): Promise<string> {
  return add({ ...board(), ...JSON.parse(text) });
}

export async function annotationsExport(id: string, format: string): Promise<string> {
  return `/home/me/Downloads/${id}.annotations.${format}`;
}

export async function annotationsRead(_: string, text: string): Promise<AnnotationsRead> {
  return { annotations: JSON.parse(text).annotations, left_out: 0 };
}

export async function boardExport(id: string): Promise<Exported> {
  const path = `/home/you/Downloads/${open(id).document.name}.feedscope.json`;
  return { path, without_secrets: query.has('secret') ? ['stream.example.com'] : [] };
}

export async function boardFileShow(): Promise<void> {}
export async function exportShow(): Promise<void> {}

const ROWS: Row[] = [
  { height: 2, tiles: [tile(3, 'time-series', 'p1'), tile(1, 'gauge', 'p2')] },
  { height: 2, tiles: [tile(2, 'heat-map', 'p3'), tile(2, 'time-series', 'p4')] },
];

function tile(width: number, kind: string, panel: string) {
  return { width, kind, panel };
}

export async function boardSuggest(feed: string): Promise<Proposal> {
  if (query.has('gone')) {
    const what = part('trouble_feed_unknown', { id: feed });
    throw trouble('feed-unknown', boardStep, what, null, part('advice_feed_unknown'));
  }
  const of = (channel: string) =>
    (CHANNELS[channel] ?? []).map((path, n) => trace(channel, path, n));
  return {
    panels: [
      { ...newPanel('time-series', 'cpu', 'percent', of('cpu')), id: 'p1' },
      { ...newPanel('gauge', 'cpu total', 'percent', of('cpu').slice(0, 1)), id: 'p2' },
      { ...newPanel('heat-map', 'cpu core', 'percent', of('cpu').slice(1)), id: 'p3' },
      { ...newPanel('time-series', 'memory', 'bytes', of('memory')), id: 'p4' },
    ],
    derived: [],
    rows: ROWS,
  };
}

export async function boardTemplates(): Promise<Template[]> {
  const rows = (...of: [number, ...[number, string][]][]): Row[] =>
    of.map(([height, ...tiles]) => ({
      height,
      tiles: tiles.map(([width, kind]) => ({ width, kind, panel: null })),
    }));
  const lines = 'time-series';
  return [
    {
      id: 'overview',
      rows: rows(
        [1, [1, 'number'], [1, 'number'], [1, 'number'], [1, 'number']],
        [3, [1, lines]],
        [2, [1, lines], [1, 'table']],
      ),
    },
    {
      id: 'market',
      rows: rows([3, [3, 'candles'], [1, 'number']], [2, [1, lines], [1, 'histogram']]),
    },
    {
      id: 'machine',
      rows: rows(
        [1, [1, 'gauge'], [1, 'gauge'], [2, 'states']],
        [2, [1, lines], [1, lines]],
        [2, [1, lines], [1, 'table']],
      ),
    },
    { id: 'number', rows: rows([1, [1, 'number'], [1, 'histogram']], [2, [1, lines]]) },
    { id: 'many', rows: rows([2, [1, 'heat-map']], [2, [1, 'table'], [1, lines]]) },
    { id: 'messages', rows: rows([1, [3, lines], [1, 'number']], [3, [1, 'inspector']]) },
  ];
}

export async function boardFill(_: string, feed: string): Promise<Proposal> {
  return boardSuggest(feed);
}

export async function languageSet(language: string | null): Promise<void> {
  if (language) globalThis.localStorage?.setItem(LANGUAGE, language);
  else globalThis.localStorage?.removeItem(LANGUAGE);
}

export async function shortcutsSet(
  shortcuts: Readonly<Record<string, readonly string[]>>,
): Promise<void> {
  globalThis.localStorage?.setItem(SHORTCUTS, JSON.stringify(shortcuts));
}

export async function tourOver(): Promise<void> {}

export async function pictureSave(picture: Picture): Promise<string> {
  return `/home/you/Pictures/${picture.title}.${picture.format}`;
}

export async function pictureShow(): Promise<void> {}

export async function linkOpen(link: string): Promise<void> {
  console.log(`opened ${link}`);
}

const inspectors = new Set<string>();
const sentBefore: SentMessage[] = [];
const frozen = new Map<string, number>();
const sentByHand: { at: number; text: string }[] = [];

const MESSAGE_MS = 50;
const RING = 2_000;
const HOSTILE =
  '{"name":"<img src=x onerror=harm()>\u202egnp.exe","__proto__":{"a":1},"big":12345678901234567890}';
const VERDICTS = ['delivered', 'delivered', 'delivered', 'duplicate', 'late', 'held'] as const;

/** The payload of the message with this number: now and then one that is made to do harm, or is no
 * text. */
function payload(serial: number): { text: string | null; bytes: Uint8Array } {
  const byHand = sentByHand.find((message) => message.at === serial);
  if (serial % 37 === 36 && !byHand) {
    return { text: null, bytes: Uint8Array.from({ length: 300 }, (_, n) => (n * serial) % 256) };
  }
  const data = { total: valueAt({ channel: 'cpu', path: 'total' }, serial * MESSAGE_MS), ok: true };
  const text =
    byHand?.text ??
    (serial % 23 === 22
      ? HOSTILE
      : JSON.stringify({ type: 'data', channel: 'cpu', sequence: serial, data }));
  return { text, bytes: new TextEncoder().encode(text) };
}

function inspectRow(serial: number): InspectRow {
  const { text, bytes } = payload(serial);
  const byHand = sentByHand.some((message) => message.at === serial);
  const wrong = text === null;
  return {
    serial,
    number: byHand ? null : serial,
    at_ms: bornMs + serial * MESSAGE_MS,
    direction: byHand ? 'sent' : 'received',
    kind: wrong ? 'binary' : 'text',
    code: null,
    channel: byHand || wrong ? null : 'cpu',
    sequence: byHand || wrong ? null : String(serial),
    size: bytes.length,
    verdict: byHand ? null : wrong ? 'undecodable' : (VERDICTS[serial % 29] ?? 'delivered'),
    messages: 1,
    since_previous_ms: serial === 0 ? null : MESSAGE_MS,
    unkept_before: serial % 101 === 100 ? 1203 : 0,
    head:
      text?.slice(0, 200) ??
      [...bytes.subarray(0, 64)].map((byte) => byte.toString(16).padStart(2, '0')).join(' '),
  };
}

export async function inspectOpen(inspector: string): Promise<Inspected> {
  inspectors.add(inspector);
  return {
    templates: [
      { kind: 'opening', text: '{"type":"subscribe","id":1,"channels":["*"]}' },
      { kind: 'ping', text: '{"op":"ping"}' },
    ],
    sent: [...sentBefore],
    per_second_max: 5,
  };
}

export async function inspectClose(inspector: string): Promise<void> {
  inspectors.delete(inspector);
  frozen.delete(inspector);
}

export async function inspectPage(inspector: string, asked: PageAsked): Promise<InspectPage> {
  if (/\[$/.test(asked.filter.path)) {
    throw trouble(
      'inspect-path',
      part('step_inspector'),
      part('trouble_inspect_path', { path: asked.filter.path }),
      null,
      part('advice_inspect_path'),
    );
  }
  const next = query.has('quiet') ? 0 : Math.floor((Date.now() - bornMs) / MESSAGE_MS) + 500;
  if (!asked.paused) frozen.delete(inspector);
  else if (!frozen.has(inspector)) frozen.set(inspector, next);
  const end = frozen.get(inspector) ?? next;
  const first = Math.max(0, end - RING);
  const { text, channel, direction, verdict } = asked.filter;
  const all = Array.from({ length: end - first }, (_, n) => first + n).filter((serial) => {
    if (text === '' && channel === '' && !direction && !verdict) return true;
    const row = inspectRow(serial);
    return (
      row.head.toLowerCase().includes(text.toLowerCase()) &&
      (row.channel ?? '').includes(channel) &&
      (!direction || row.direction === direction) &&
      (!verdict || row.verdict === verdict)
    );
  });
  const base = all.length === end - first ? first : 0;
  const last = Math.max(0, all.length - asked.count);
  const from = asked.from === null ? last : Math.min(last, Math.max(0, asked.from - base));
  return {
    first: base,
    end: base + all.length,
    from: base + from,
    rows: all.slice(from, from + asked.count).map(inspectRow),
    kept: Math.min(RING, next),
    kept_bytes: Math.min(RING, next) * 380,
    left: Math.max(0, next - RING),
    received: next,
    received_kept: next,
    received_per_second: query.has('fast') ? 812_331 : 20,
    kept_per_second: query.has('fast') ? 20_000 : 20,
    since_pause: next - end,
  };
}

export async function inspectMessage(
  _inspector: string,
  serial: number,
  from: number,
): Promise<InspectMessage> {
  const row = inspectRow(serial);
  const { bytes } = payload(serial);
  const binary = Array.from(bytes.subarray(from), (byte) => String.fromCharCode(byte)).join('');
  return {
    row,
    base64: btoa(binary),
    from,
    kept: bytes.length,
    source_ms: row.channel ? row.at_ms - 1.4 : null,
    why: row.verdict === 'undecodable' ? 'expected value at byte 0' : null,
  };
}

export async function inspectCode({ tool }: CodeAsked): Promise<string> {
  return `${tool} ws://127.0.0.1:41234/feed`;
}

export async function jsonCheck(text: string): Promise<JsonFault | null> {
  try {
    JSON.parse(text);
    return null;
  } catch {
    const what = part('json_fault_value');
    const said = part('json_fault', { line: '1', column: String(text.length), what });
    return {
      line: 1,
      column: text.length,
      at: Math.max(0, text.length - 1),
      what: said.text,
      said: [said],
    };
  }
}

export async function feedSend({ what, content }: SendAsked): Promise<SendResult> {
  sentByHand.push({ at: Math.floor((Date.now() - bornMs) / MESSAGE_MS) + 500, text: content });
  sentBefore.unshift({ what, content });
  return { outcome: 'sent', answer: null, sent: [...sentBefore] };
}

// Alerts: `?alerts` pretends some, one of which fires.
const used = { feed: 'computer', channel: 'memory', path: 'data.used' };
const total = { feed: 'computer', channel: 'cpu', path: 'data.total' };
const basics = {
  enabled: true,
  for_ms: 10_000,
  clear: { by: 5, for_ms: 3000 },
  notify: { desktop: true, sound: true },
};
let pretendedAlerts: Alert[] = query.has('alerts')
  ? [
      { ...basics, id: 'hot', name: 'CPU is hot', what: { on: 'above', field: total, value: 60 } },
      { ...basics, id: 'full', name: '', what: { on: 'above', field: used, value: 11e9 } },
      { ...basics, id: 'gone', name: '', what: { on: 'absent', field: total } },
      { ...basics, id: 'down', name: '', enabled: false, what: { on: 'gap', feed: 'computer' } },
    ]
  : [];
let alertVersion = 0;

const pretendedEvents = (): AlertEvent[] =>
  pretendedAlerts.slice(0, 1).flatMap((alert) =>
    [8000, 25_000, 40_000].map((agoMs, n) => ({
      number: 3 - n,
      alert: alert.id,
      name: alert.name,
      feed: 'computer',
      field: total,
      begin_ms: bornMs - agoMs,
      end_ms: n === 0 ? null : bornMs - agoMs + 6000,
      firing: n === 0,
      times: 1 + n,
      worst: 71.3 + n,
      text: 'cpu data.total is above 60: 63.2.',
      said: [],
    })),
  );

function alertStates(): AlertStates {
  alertVersion += 1;
  const phases = ['firing', 'pending', 'ok'] as const;
  const enabled = pretendedAlerts.filter((alert) => alert.enabled);
  return {
    version: alertVersion,
    rules: 0,
    states: enabled.map((alert, n) => ({
      alert: alert.id,
      phase: phases[n] ?? 'ok',
      since_ms: n < 2 ? bornMs - 8000 : null,
      blind: false,
    })),
    events: 3,
  };
}

export async function alerts(): Promise<Alerts> {
  return { alerts: pretendedAlerts, states: alertStates() };
}

export async function alertSet(alert: Alert): Promise<Alert> {
  const kept = { ...alert, id: alert.id || `alert-${pretendedAlerts.length + 1}` };
  pretendedAlerts = [...pretendedAlerts.filter(({ id }) => id !== kept.id), kept];
  return kept;
}

export async function alertRemove(id: string): Promise<void> {
  pretendedAlerts = pretendedAlerts.filter((alert) => alert.id !== id);
}

export async function alertTest(): Promise<void> {}

export async function alertRehearse(): Promise<AlertRehearsal | null> {
  const now = Date.now();
  return { from_ms: now - 3_600_000, to_ms: now, begins_ms: [now - 600_000], times: 3 };
}

export async function alertLog(_span: AlertLogSpan): Promise<AlertEvent[]> {
  return pretendedEvents();
}

// Derived series

const derivedList: DerivedSeries[] = [];
let derivedUntold = false;
/** What the last preview was of. */
let previewed: DerivedSeries | null = null;

function reckonedOf(expression: string, inputs: Record<string, DerivedInput>) {
  const functions = FUNCTIONS.map(({ name }) => name);
  return reckoning(expression, Object.keys(inputs), functions);
}

function derivedAt(id: string, ms: number): number {
  const found = id === 'preview' ? previewed : derivedList.find((series) => series.id === id);
  if (!found) return Number.NaN;
  const { expression, inputs } = found;
  if (derivedStateOf(found) === 'waiting') return Number.NaN;
  const read = reckonedOf(expression, inputs);
  if (!('reckoned' in read)) return Number.NaN;
  return read.reckoned((name) => {
    const input = inputs[name];
    return input ? valueAt(input, ms) : Number.NaN;
  });
}

const derivedNow = (now: number): [number, number][] =>
  derivedList.map((series, n) => [n, derivedAt(series.id, now)]);

const derivedStateOf = ({ inputs }: DerivedSeries): Derived['state'] =>
  Object.values(inputs).every((input) =>
    feeds
      .find(({ feed }) => feed.id === input.feed)
      ?.feed.fields.some(({ channel, path }) => channel === input.channel && path === input.path),
  )
    ? 'live'
    : 'waiting';

const derivedAll = (): Derived[] =>
  derivedList.map((series, number) => {
    const state = derivedStateOf(series);
    return { series, number, state, made_percent: state === 'live' ? 100 : 0 };
  });

export async function derivedCheck(
  expression: string,
  inputs: Record<string, DerivedInput>,
): Promise<Mistake[]> {
  const read = reckonedOf(expression, inputs);
  if (!('wrong' in read)) return [];
  const { from, to, part: of, is } = read.wrong;
  const what =
    is === 'name'
      ? part('mistake_name', { name: of })
      : is === 'function'
        ? part('mistake_function', { name: of })
        : part('mistake_missing');
  const advice =
    is === 'name'
      ? part('advice_expression_bind', { name: of })
      : part('advice_expression_missing');
  const said = { what: [what], advice: [advice] };
  return [{ from, to, code: `expression-${is}`, what: what.text, advice: advice.text, said }];
}

export async function derivedPreview(asked: DerivedPreview): Promise<ArrayBuffer> {
  const { expression, inputs, axis, from_ms, to_ms, columns } = asked;
  previewed = { id: 'preview', name: '', unit: 'none', expression, inputs };
  const trace = { feed: DERIVED, channel: '', path: 'preview', label: null, color: 0 };
  return view({ traces: [trace], axis, from_ms, to_ms, columns });
}

export async function derivedSet(series: DerivedSeries): Promise<Derived> {
  const id = series.id || `${series.name.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '-')}`;
  const kept = { ...series, id };
  const at = derivedList.findIndex((other) => other.id === id);
  if (at < 0) derivedList.push(kept);
  else derivedList[at] = kept;
  derivedUntold = true;
  return derivedAll()[at < 0 ? derivedList.length - 1 : at] as Derived;
}

export async function derivedRemove(id: string): Promise<void> {
  const at = derivedList.findIndex((series) => series.id === id);
  if (at >= 0) derivedList.splice(at, 1);
  derivedUntold = true;
}
