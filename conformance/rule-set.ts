// Fingerprint of the rules: which checks exist, and what each requires.
import { createHash } from 'node:crypto';
import type { Topic } from './check.ts';

/** SHA-256, in hexadecimal, of the checks as data. Their code is the kit version's to name. */
export function hashRuleSet(topics: readonly Topic[]): string {
  // Functions are left out by JSON, and the order of keys is that of the source.
  return createHash('sha256').update(JSON.stringify(topics)).digest('hex');
}
