import { describe, expect, it } from 'vitest';
import {
  bound,
  type Chosen,
  DEFAULTS,
  isDefault,
  isHeld,
  keysOf,
  ownerOf,
  refused,
  withDefaults,
} from './bindings';
import { shown } from './keys';

const IDS = Object.keys(DEFAULTS);
const DOCS = import.meta.glob<string>('../../../docs/shortcuts.md', {
  query: '?raw',
  import: 'default',
  eager: true,
});

describe('shortcuts', () => {
  it('are the default ones until others are chosen', () => {
    expect(keysOf('undo', {})).toEqual(['mod+z']);
    expect(keysOf('undo', { undo: ['u'] })).toEqual(['u']);
    expect(keysOf('undo', { undo: [] })).toEqual([]);
    expect(keysOf('board.new', {})).toEqual([]);
    expect(keysOf('constructor', {})).toEqual([]);
  });

  it('are one command’s each, from the start', () => {
    const all = Object.values(DEFAULTS).flat();
    expect(new Set(all).size).toBe(all.length);
    expect(all.filter(refused)).toEqual([]);
  });

  it('are taken from the command that had them, and come back with its default', () => {
    const chosen = bound('gaps', ['m'], {});
    expect(keysOf('gaps', chosen)).toEqual(['m']);
    expect(keysOf('measure', chosen)).toEqual([]);
    expect(ownerOf('m', IDS, chosen)).toBe('gaps');
    expect(ownerOf('g', IDS, chosen)).toBeUndefined();
    // Only the one key of two is lost.
    expect(keysOf('time.in', bound('gaps', ['='], {}))).toEqual(['+']);

    expect(withDefaults('gaps', chosen)).toEqual({});
    expect(withDefaults('measure', chosen)).toEqual({ gaps: [] });
    const further = bound('alerts', ['m'], chosen);
    expect(further).toEqual({ gaps: [], alerts: ['m'] });
    expect(bound('gaps', ['g'], further)).toEqual({ alerts: ['m'] });
  });

  it('are kept only where they are not the default ones', () => {
    expect(bound('undo', ['mod+z'], { undo: [] })).toEqual({});
    expect(bound('undo', ['u', 'u'], {})).toEqual({ undo: ['u'] });
    expect(bound('undo', ['1', '2', '3', '4', '5'], {})).toEqual({ undo: ['1', '2', '3', '4'] });
    expect([isDefault('undo', {}), isDefault('undo', { undo: [] })]).toEqual([true, false]);
    const taken: Chosen = { gaps: ['m'] };
    expect(isDefault('measure', taken)).toBe(false);
  });

  it('are not what everything is operated by, nor what texts are copied with', () => {
    expect(['enter', 'tab', 'mod+c', 'mod+shift+c', 'f2'].map(refused)).toEqual([
      'needed',
      'needed',
      'system',
      null,
      null,
    ]);
  });

  it('are meant where one types only if nothing is typed by them', () => {
    expect(['mod+k', 'alt+1', 'f2', 'k', 'shift+k', '+', 'f'].map(isHeld)).toEqual([
      true,
      true,
      true,
      false,
      false,
      false,
      false,
    ]);
  });

  it('are in the docs as they are', () => {
    const text = Object.values(DOCS)[0] ?? '';
    const rows = [...text.matchAll(/^\| (.+?) \| (.+?) \|$/gm)].slice(1);
    const listed = rows.map(([, , keys]) => keys);
    const keys = (of: readonly string[]) => of.map((key) => `\`${shown(key)}\``).join(', ');
    expect(listed.toSorted()).toEqual(Object.values(DEFAULTS).map(keys).toSorted());
  });
});
