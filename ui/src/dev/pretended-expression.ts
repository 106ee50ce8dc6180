// Reads and reckons expressions well enough to develop the window: a function is its first
// argument. Never shipped.

export interface Wrong {
  from: number;
  to: number;
  part: string;
  is: 'missing' | 'name' | 'function';
}

type Reckoned = (of: (name: string) => number) => number;

const TOKEN = /\s*(\d[\d.a-z]*|[\p{L}_][\p{L}\p{N}_]*|&&|\|\||[=!<>]=|[-+*/%()<>!,])/uy;
const TWO: Record<string, (a: number, b: number) => number> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '>': (a, b) => Number(a > b),
  '<': (a, b) => Number(a < b),
};

export function reckoning(
  text: string,
  names: readonly string[],
  functions: readonly string[],
): { reckoned: Reckoned } | { wrong: Wrong } {
  let at = 0;
  const peek = () => {
    TOKEN.lastIndex = at;
    return TOKEN.exec(text)?.[1] ?? null;
  };
  const next = () => {
    TOKEN.lastIndex = at;
    const found = TOKEN.exec(text);
    if (found) at = TOKEN.lastIndex;
    return found?.[1] ?? null;
  };
  const fail = (part: string, is: Wrong['is']): never => {
    const wrong: Wrong = { from: Math.max(0, at - part.length), to: at, part, is };
    throw wrong;
  };
  function one(): Reckoned {
    const token = next();
    if (token === null) return fail('', 'missing');
    if (token === '(') {
      const inner = many();
      if (next() !== ')') fail(')', 'missing');
      return inner;
    }
    if (token === '-') {
      const of = one();
      return (value) => -of(value);
    }
    if (/^\d/.test(token)) return () => Number.parseFloat(token);
    if (!/^[\p{L}_]/u.test(token)) return fail(token, 'missing');
    if (peek() === '(') {
      if (!functions.includes(token)) fail(token, 'function');
      next();
      const first = many();
      while (peek() === ',') {
        next();
        many();
      }
      if (next() !== ')') fail(')', 'missing');
      return first;
    }
    if (!names.includes(token)) fail(token, 'name');
    return (of) => of(token);
  }
  function many(): Reckoned {
    let left = one();
    for (let sign = TWO[peek() ?? '']; sign; sign = TWO[peek() ?? '']) {
      next();
      const [a, b, by] = [left, one(), sign];
      left = (of) => by(a(of), b(of));
    }
    return left;
  }
  try {
    const reckoned = many();
    const rest = peek();
    if (rest !== null) {
      next();
      fail(rest, 'missing');
    }
    return { reckoned };
  } catch (wrong) {
    return { wrong: wrong as Wrong };
  }
}
