// What a probe found, and where secrets are kept, in words.

import type { Heard } from '../generated/Heard';
import type { ProbeStep } from '../generated/ProbeStep';
import type { ReadingSequence } from '../generated/ReadingSequence';
import type { ReadingTime } from '../generated/ReadingTime';
import type { SecretKept } from '../generated/SecretKept';
import type { Times } from '../generated/Times';
import { count, duration } from '../lib/format';
import { say } from '../words/say';

/** A step in words, and whether it wants to be looked at. */
export function stepWords(step: ProbeStep): { text: string; odd: boolean } {
  const fine = (text: string) => ({ text, odd: false });
  const odd = (text: string) => ({ text, odd: true });
  switch (step.found) {
    case 'resolved':
      return fine(
        say('probe_resolved', {
          host: step.host,
          addresses: step.addresses.join(say('list_between')),
        }),
      );
    case 'proxy':
      return fine(say('probe_proxy', { proxy: step.proxy }));
    case 'connected':
      return fine(say('probe_connected', { to: step.to }));
    case 'certificate': {
      const { issuer, days_left: days } = step;
      if (days < 30) return odd(say('probe_certificate_ends', { issuer, days }));
      return fine(say('probe_certificate', { issuer, days }));
    }
    case 'secured':
      return fine(say('probe_secured', { version: step.version }));
    case 'upgraded':
      return fine(
        step.server === null
          ? say('probe_upgraded')
          : say('probe_upgraded_by', { server: step.server }),
      );
    case 'opened': {
      const { answered } = step;
      const number = count(step.number);
      if (step.sent === null) return fine(say('probe_greeted', { number }));
      return fine(say(answered ? 'probe_answered' : 'probe_sent', { number }));
    }
    case 'message':
      return fine(
        step.is_data
          ? say('probe_message', { channel: step.channel })
          : say('probe_message_other', { begins: step.begins }),
      );
    case 'unreadable':
      return odd(say('probe_unreadable', { why: step.why, begins: step.begins }));
    case 'sign':
      return odd(step.text);
    case 'silent':
      return odd(say('probe_silent', { waited: duration(step.waited_ms) }));
    case 'pong':
      return fine(say('probe_pong', { took: duration(step.round_trip_ms) }));
    case 'no-pong':
      return odd(say('probe_no_pong', { waited: duration(step.waited_ms) }));
    case 'clock': {
      const off = duration(Math.abs(step.ahead_ms));
      if (Math.abs(step.ahead_ms) <= step.uncertainty_ms) return fine(say('probe_clock_same'));
      return odd(say(step.ahead_ms > 0 ? 'probe_clock_ahead' : 'probe_clock_behind', { off }));
    }
  }
}

/** How messages are written. */
export function encodingWords({ messages, texts, unreadable }: Heard): string {
  if (messages === 0) return '';
  const said = [];
  if (texts > 0) said.push(say('probe_texts', { n: count(texts) }));
  if (texts < messages) said.push(say('probe_binaries', { n: count(messages - texts) }));
  if (unreadable > 0) said.push(say('probe_unreadables', { n: count(unreadable) }));
  return said.join(say('list_between'));
}

export function numbersWords(sequence: ReadingSequence): string {
  const { rule, scope, number, first, previous } = sequence;
  const of = say(scope === 'connection' ? 'probe_scope_connection' : 'probe_scope_channel');
  switch (rule) {
    case 'range':
      return say('probe_range', { first: first ?? '', number, of });
    case 'previous':
      return say('probe_previous', { previous: previous ?? '', number, of });
    case 'sparse':
      return say('probe_sparse', { number, of });
    default:
      return say('probe_increment', { number, of });
  }
}

/** As it was found, or as it is only known where it is. */
export function timeWords(time: Times | ReadingTime): string {
  const { path } = time;
  const unit = time.unit === 'rfc3339' ? 'RFC 3339' : time.unit;
  if (!('before_ms' in time)) return say('probe_time_known', { path, unit });
  return say('probe_time', { path, unit, before: duration(Math.abs(time.before_ms)) });
}

/** Where a secret is kept. */
export function keptWords(secret: SecretKept | undefined): string {
  switch (secret?.kept) {
    case 'keychain':
      return say('secret_in_keychain');
    case 'memory':
      return say('secret_in_memory');
    case 'environment':
      return say('secret_in_environment');
    case 'nowhere':
      return say('secret_nowhere');
    default:
      if (secret?.why) return say('secret_no_keychain', { why: secret.why });
      // It was deleted, here at any rate.
      return secret ? say('secret_nowhere') : '';
  }
}
