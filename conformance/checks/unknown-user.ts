// Owns the checks of a user whom the endpoint does not know: the fault that takes access away, or leaves it, in silence.
import type { Check, Topic } from '../check.ts';
import { assertConforms, assumeRefused } from '../finding.ts';
import { askRefusal, errorBodyCheck, type Refusal, refusalChecks, toSentence } from './refusal-checks.ts';

const unknown: Refusal = {
  id: 'unknown-user',
  request: 'an unknown user',
  source: 'User info contract, semantics: 200 is sent only when the user was found exactly once',
  statusSource: 'User info contract, statuses: an unknown or disabled user is 404; RFC 9110, 15.5.11 and 15.3.5',
  status: 404,
  // Gone, or nothing to tell: nobody takes either for user info.
  otherStatuses: [410, 204],
  why: 'A 200 with empty groups is merged like any other: it silently takes access away, or leaves what should be gone.',
  change: 'answer 404 when the user is not found, and another error when the source fails or is ambiguous',
  needs: ['control'],
  questions: ({ unknownUser }) => [{ userids: [unknownUser] }],
};

/** What a cache may keep of its own accord, without a word of the endpoint: RFC 9110, 15.1. */
const cacheableStatuses: ReadonlySet<number> = new Set([204, 404, 410]);

const noStoreChange = 'send Cache-Control: no-store with errors too';

const noStore: Check = {
  id: 'unknown-user-no-store',
  level: 'SHOULD',
  platformVerdict: 'refused',
  title: 'SHOULD forbid caches to keep the answer for an unknown user',
  source: 'RFC 9110, 15.1; RFC 9111, 4.2.2: caches may keep a 404, a 410 and a 204 unasked',
  why: 'A user who is created today would stay unknown for as long as a cache in between thinks fit.',
  mend: [
    { stack: 'any', text: toSentence(noStoreChange) },
    { stack: 'nginx', text: 'Add the parameter always to add_header: without it errors have no such header.' },
  ],
  needs: ['control'],
  async run(context) {
    for (const answer of await askRefusal(unknown, context)) {
      assumeRefused(answer, 'unknown-user-refused');
      const directives = answer.header('cache-control') ?? '';
      const isForbidden = /(?:^|,)\s*(?:no-store|no-cache|private|max-age=0)\s*(?:,|$)/i.test(directives);
      assertConforms(isForbidden || !cacheableStatuses.has(answer.status), {
        asked: unknown.request,
        expected: 'Cache-Control with no-store, no-cache, private or max-age=0',
        seen: directives === '' ? 'no such header' : 'the header with none of them',
        change: noStoreChange,
        answers: [answer],
      });
    }
  },
};

export const unknownUser: Topic = {
  title: 'An unknown user',
  checks: [
    ...refusalChecks(unknown),
    errorBodyCheck('unknown-user-error-body', 'MUST NOT send user info in the refusal of an unknown user', unknown),
    noStore,
  ],
};
