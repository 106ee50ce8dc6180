// JSON as a tree of what stands in it, as it stands there: numbers keep all their digits, names their
// order and their repetitions, and no name means anything to the page.

export type Scalar = 'string' | 'number' | 'boolean' | 'null';

export interface JsonNode {
  kind: Scalar | 'object' | 'array';
  /** The name or the place that it has in what it is in; `null` of the whole. */
  key: string | number | null;
  /** Of a text, what it says; of anything else that has no children, how it is written. */
  text: string;
  children: JsonNode[];
  parent: JsonNode | null;
}

// Deeper ones are shown as they came. Real ones have ten levels.
const DEPTH_MAX = 500;
const NODES_MAX = 1_000_000;

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON has none of them in its texts.
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const WORD = /true|false|null/y;
const SPACE = /[ \t\n\r]*/y;

/** The tree of a text; `null` if it is not JSON, or too deep to be shown as a tree. */
export function parseJson(text: string): JsonNode | null {
  let at = 0;
  let nodes = 0;
  const take = (pattern: RegExp): string | null => {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    if (found === undefined) return null;
    at += found.length;
    return found;
  };
  const space = () => take(SPACE);
  const sign = (wanted: string): boolean => {
    space();
    if (text[at] !== wanted) return false;
    at += 1;
    return true;
  };

  /** A value without what is in it. */
  const value = (parent: JsonNode | null, key: JsonNode['key']): JsonNode | null => {
    nodes += 1;
    if (nodes > NODES_MAX) return null;
    const node = (kind: JsonNode['kind'], written: string): JsonNode => ({
      kind,
      key,
      text: written,
      children: [],
      parent,
    });
    space();
    switch (text[at]) {
      case '{':
        at += 1;
        return node('object', '');
      case '[':
        at += 1;
        return node('array', '');
      case '"': {
        const written = take(STRING);
        return written === null ? null : node('string', JSON.parse(written));
      }
      default: {
        const number = take(NUMBER);
        if (number !== null) return node('number', number);
        const word = take(WORD);
        if (word === null) return null;
        return node(word === 'null' ? 'null' : 'boolean', word);
      }
    }
  };

  const root = value(null, null);
  if (!root) return null;
  const isOpen = (node: JsonNode) => node.kind === 'object' || node.kind === 'array';
  // Not by recursion: what a server sends must not be able to use up the stack.
  const open: JsonNode[] = isOpen(root) ? [root] : [];
  for (let inside = open.at(-1); inside; inside = open.at(-1)) {
    const end = inside.kind === 'object' ? '}' : ']';
    if (sign(end)) {
      open.pop();
      continue;
    }
    if (inside.children.length > 0) {
      if (!sign(',')) return null;
    }
    let key: JsonNode['key'] = inside.children.length;
    if (inside.kind === 'object') {
      space();
      const name = take(STRING);
      if (name === null || !sign(':')) return null;
      key = JSON.parse(name) as string;
    }
    const child = value(inside, key);
    if (!child) return null;
    inside.children.push(child);
    if (!isOpen(child)) continue;
    if (open.length >= DEPTH_MAX) return null;
    open.push(child);
  }
  space();
  return at === text.length ? root : null;
}

/** Where a node is, as the application writes paths: `data.bids[0]`, `["a.b"]`. */
export function pathOf(node: JsonNode): string {
  const steps: (string | number)[] = [];
  for (let of: JsonNode | null = node; of?.parent; of = of.parent) steps.unshift(of.key ?? '');
  return steps
    .map((step, n) => {
      if (typeof step === 'number') return `[${step}]`;
      if (step === '' || /[.[\]"\\]/.test(step)) return `[${JSON.stringify(step)}]`;
      return n === 0 ? step : `.${step}`;
    })
    .join('');
}

export interface TreeRow {
  node: JsonNode;
  depth: number;
  /** Whether what is in it is shown; `null` if there is nothing in it. */
  open: boolean | null;
}

/** A tree is opened so far at first. */
const OPEN_DEPTH = 3;
const OPEN_CHILDREN = 100;

/** What of a tree is opened or closed by hand, which is all that need be remembered. */
export type Turned = ReadonlySet<JsonNode>;

function isOpen(node: JsonNode, depth: number, turned: Turned): boolean {
  const first = depth < OPEN_DEPTH && node.children.length <= OPEN_CHILDREN;
  return first !== turned.has(node);
}

/** The lines of a tree, from top to bottom. */
export function treeRows(root: JsonNode, turned: Turned): TreeRow[] {
  const rows: TreeRow[] = [];
  const left: [JsonNode, number][] = [[root, 0]];
  for (let next = left.pop(); next; next = left.pop()) {
    const [node, depth] = next;
    const open = node.children.length === 0 ? null : isOpen(node, depth, turned);
    rows.push({ node, depth, open });
    if (!open) continue;
    for (let n = node.children.length - 1; n >= 0; n -= 1) {
      left.push([node.children[n] as JsonNode, depth + 1]);
    }
  }
  return rows;
}

/** What is in a node that is closed, in a few letters. */
export function brief(node: JsonNode, max: number): string {
  const [open, close] = node.kind === 'object' ? '{}' : '[]';
  let text = '';
  for (const child of node.children) {
    const key = typeof child.key === 'string' ? `${child.key}: ` : '';
    text += `${text === '' ? '' : ', '}${key}${written(child)}`;
    if (text.length > max) return `${open}${text.slice(0, max)}…${close}`;
  }
  return `${open}${text}${close}`;
}

/** A value as it is written where it is short. */
export function written(node: JsonNode): string {
  if (node.kind === 'object') return node.children.length === 0 ? '{}' : '{…}';
  if (node.kind === 'array') return node.children.length === 0 ? '[]' : '[…]';
  return node.kind === 'string' ? `"${node.text}"` : node.text;
}
