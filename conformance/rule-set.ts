// Fingerprint of the rules: the checks and their requirements.
import { createHash } from 'node:crypto';
import type { Topic } from './check.ts';

/** Returns the SHA-256, in hexadecimal, of the checks as data. Their code is identified by the kit version. */
export function hashRuleSet(topics: readonly Topic[]): string {
  // JSON omits functions, and the order of keys is that of the source.
  return createHash('sha256').update(JSON.stringify(topics)).digest('hex');
}
