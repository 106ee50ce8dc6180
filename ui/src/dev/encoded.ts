// An answer of the application, as bytes. For tests.

import type { Facts } from '../generated/Facts';
import type { Column } from '../live/columns';

export function encoded(
  traces: readonly (readonly Column[])[],
  columnMs: number,
  facts: Partial<Facts> = {},
): ArrayBuffer {
  const text = new TextEncoder().encode(
    JSON.stringify({ gaps: [], latest: [], begins_ms: [], after_update: 0, ...facts }),
  );
  const head = Math.ceil((4 + text.length) / 8) * 8;
  const columns = traces.flatMap((trace) => [trace.length, ...trace.flat()]);
  const numbers = [columnMs, 0, 0, traces.length, ...columns];
  const bytes = new ArrayBuffer(head + numbers.length * 8);
  const whole = new DataView(bytes);
  whole.setUint32(0, text.length, true);
  new Uint8Array(bytes).set(text, 4);
  numbers.forEach((number, n) => {
    whole.setFloat64(head + n * 8, number, true);
  });
  return bytes;
}
