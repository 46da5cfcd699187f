// Owns what the answer for a known user means, for the checks that compare it with another.
import { Untestable } from '../check-endings.ts';
import type { Answer } from '../question.ts';
import { findMeaning } from '../user-info-body.ts';

/** A text that is equal for two answers that mean the same, order apart. Throws Untestable when it is no 200 with JSON. */
export function readMeaning({ status, body }: Answer): string {
  const meaning = status === 200 ? findMeaning(body) : null;
  if (meaning !== null) return meaning;
  throw new Untestable('A known user was not answered with 200 and JSON: see known-user-200 and known-user-json.');
}
