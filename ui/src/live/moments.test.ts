import { describe, expect, it } from 'vitest';
import { type Moment, Moments } from './moments';

const at = (id: string, ms: number): Moment => ({ id, ms, kind: 'note', text: id });

describe('moments', () => {
  it('are those of all groups, and a change of one leaves the others', () => {
    let changes = 0;
    const moments = new Moments(() => {
      changes += 1;
    });
    moments.set('notes', [at('n', 1)]);
    moments.set('alerts', [at('x', 2)]);
    const before = moments.list;
    moments.set('notes', []);
    expect(moments.list.map(({ id }) => id)).toEqual(['x']);
    expect(moments.list).not.toBe(before);
    moments.set('notes', []);
    expect(changes).toBe(3);
  });
});
