// What the built-in feed does wrong on purpose, as switches.

import type { Faults } from '../generated/Faults';
import { say } from '../words/say';

export const NO_FAULTS: Faults = { silent: false, delay_ms: 0, duplicate: 0, reorder: 0, lose: 0 };

export interface Switch {
  key: keyof Faults;
  name: 'fault_silent' | 'fault_delay' | 'fault_duplicate' | 'fault_reorder' | 'fault_lose';
  /** How much of it "on" is. */
  on: Partial<Faults>;
}

export const SWITCHES: readonly Switch[] = [
  { key: 'silent', name: 'fault_silent', on: { silent: true } },
  { key: 'delay_ms', name: 'fault_delay', on: { delay_ms: 500 } },
  { key: 'duplicate', name: 'fault_duplicate', on: { duplicate: 0.1 } },
  { key: 'reorder', name: 'fault_reorder', on: { reorder: 0.1 } },
  { key: 'lose', name: 'fault_lose', on: { lose: 0.05 } },
];

export const isOn = (faults: Faults, { key }: Switch): boolean => Boolean(faults[key]);

export const toggled = (faults: Faults, which: Switch): Faults => ({
  ...faults,
  ...(isOn(faults, which) ? { [which.key]: NO_FAULTS[which.key] } : which.on),
});

/** The names of the switches that are on. */
export const faultsOn = (faults: Faults): string[] =>
  SWITCHES.filter((which) => isOn(faults, which)).map((which) => say(which.name));
