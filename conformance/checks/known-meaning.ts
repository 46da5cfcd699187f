// Reader of the groups and authorizations of a known user, for checks that compare responses.
import { Untestable } from '../check-endings.ts';
import type { Answer } from '../http/endpoint-request.ts';
import { findMeaning } from '../user-info-body.ts';

/**
 * Returns text that is equal for two responses with the same groups and authorizations, ignoring order. Throws Untestable if the response is not a
 * 200 with JSON.
 */
export function readMeaning({ status, body }: Answer): string {
  const meaning = status === 200 ? findMeaning(body) : null;
  if (meaning !== null) return meaning;
  throw new Untestable(
    'A known user did not get a 200 with readable JSON: see known-user-200, known-user-json, known-user-byte-order-mark and known-user-schema.',
  );
}
