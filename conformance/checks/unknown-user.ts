// Owns the checks of a user whom the endpoint does not know: the fault that takes access away, or leaves it, in silence.
import type { Check, Topic } from '../check.ts';
import type { CheckContext } from '../check-context.ts';
import { Untestable } from '../check-endings.ts';
import { assertConforms, assumeRefused } from '../finding.ts';
import { askRefusal, errorBodyCheck, type Refusal, refusalChecks, toSentence } from './refusal-checks.ts';

const unknown: Refusal = {
  id: 'unknown-user',
  request: 'an unknown user',
  source: 'User info contract, semantics: 200 is sent only when the user was found exactly once',
  statusSource: 'User info contract, statuses: an unknown or disabled user is 404; RFC 9110, 15.5.11 and 15.3.5',
  status: 404,
  // Gone, nothing to tell, no access, no such value: nobody takes any of them for user info.
  otherStatuses: [410, 204, 403, 400, 422],
  why: 'A 200 with empty groups is merged like any other: it silently takes access away, or leaves what should be gone.',
  change: 'answer 404 when the user is not found, and another error when the source fails or is ambiguous',
  needs: ['control'],
  questions: ({ unknownUser }) => [{ userids: [unknownUser] }],
};

/** What a cache may keep of its own accord, without a word of the endpoint: RFC 9110, 15.1. */
const cacheableStatuses: ReadonlySet<number> = new Set([204, 404, 410]);

const cacheChange = 'send Cache-Control: no-store with errors too';

const cacheShared: Pick<Check, 'why' | 'mend' | 'needs'> = {
  why: 'A user who is created today would stay unknown for as long as a cache in between thinks fit.',
  mend: [
    { stack: 'any', text: toSentence(cacheChange) },
    { stack: 'nginx', text: 'Add the parameter always to add_header: without it errors have no such header.' },
  ],
  needs: ['control'],
};

/** What Cache-Control says of the answer for an unknown user. */
async function readCaching(context: CheckContext) {
  const [answer] = await askRefusal(unknown, context);
  if (!answer) throw new Untestable('The unknown user was not asked for.');
  assumeRefused(answer, 'unknown-user-refused');
  const directives = answer.header('cache-control') ?? '';
  const has = (names: string) => new RegExp(`(?:^|,)\\s*(?:${names})\\s*(?:,|$)`, 'i').test(directives);
  const isForbidden = has('no-store|no-cache|private|max-age=0');
  return {
    answer,
    directives,
    isForbidden,
    isAllowed: !isForbidden && has('public|(?:s-maxage|max-age)="?[1-9]\\d*"?'),
  };
}

const cachingAllowed: Check = {
  ...cacheShared,
  id: 'unknown-user-caching-not-asked-for',
  level: 'SHOULD',
  platformVerdict: 'refused',
  title: 'SHOULD NOT tell caches to keep the answer for an unknown user',
  source: 'RFC 9111, 5.2.2: max-age, s-maxage and public let caches keep an answer',
  async run(context) {
    const { answer, isAllowed } = await readCaching(context);
    assertConforms(!isAllowed, {
      asked: unknown.request,
      expected: 'no Cache-Control that lets caches keep it',
      seen: 'max-age, s-maxage or public',
      change: cacheChange,
      answers: [answer],
    });
  },
};

const cachingForbidden: Check = {
  ...cacheShared,
  id: 'unknown-user-caching-forbidden',
  level: 'MAY',
  platformVerdict: 'refused',
  title: 'MAY forbid caches to keep the answer for an unknown user',
  source: 'RFC 9110, 15.1; RFC 9111, 4.2.2: caches may keep a 404, a 410 and a 204 unasked',
  async run(context) {
    const { answer, directives, isForbidden, isAllowed } = await readCaching(context);
    if (isAllowed) throw new Untestable(`Caches are told to keep it: see ${cachingAllowed.id}.`);
    assertConforms(isForbidden || !cacheableStatuses.has(answer.status), {
      asked: unknown.request,
      expected: 'Cache-Control with no-store, no-cache, private or max-age=0',
      seen: directives === '' ? 'no such header' : 'the header with none of them',
      change: cacheChange,
      answers: [answer],
    });
  },
};

export const unknownUser: Topic = {
  title: 'An unknown user',
  checks: [
    ...refusalChecks(unknown),
    errorBodyCheck('unknown-user-error-body', 'MUST NOT send user info in the refusal of an unknown user', unknown),
    cachingAllowed,
    cachingForbidden,
  ],
};
