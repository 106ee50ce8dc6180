// What the built-in feed does wrong on purpose, as switches.

import type { Faults } from '../generated/Faults';

export const NO_FAULTS: Faults = { silent: false, delay_ms: 0, duplicate: 0, reorder: 0, lose: 0 };

export interface Switch {
  key: keyof Faults;
  name: string;
  meaning: string;
  /** How much of it "on" is. */
  on: Partial<Faults>;
}

export const SWITCHES: readonly Switch[] = [
  {
    key: 'silent',
    name: 'Go silent',
    meaning: 'The socket is open, nothing comes',
    on: { silent: true },
  },
  {
    key: 'delay_ms',
    name: 'Delay by 500 ms',
    meaning: 'Everything comes half a second later',
    on: { delay_ms: 500 },
  },
  {
    key: 'duplicate',
    name: 'Send twice 10%',
    meaning: 'One in ten comes two times',
    on: { duplicate: 0.1 },
  },
  {
    key: 'reorder',
    name: 'Reorder 10%',
    meaning: 'One in ten comes after a later one',
    on: { reorder: 0.1 },
  },
  {
    key: 'lose',
    name: 'Lose 5%',
    meaning: 'One in twenty never comes',
    on: { lose: 0.05 },
  },
];

export const isOn = (faults: Faults, { key }: Switch): boolean => Boolean(faults[key]);

export const toggled = (faults: Faults, which: Switch): Faults => ({
  ...faults,
  ...(isOn(faults, which) ? { [which.key]: NO_FAULTS[which.key] } : which.on),
});

/** The names of the switches that are on. */
export const faultsOn = (faults: Faults): string[] =>
  SWITCHES.filter((which) => isOn(faults, which)).map((which) => which.name);
