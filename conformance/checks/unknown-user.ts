// Checks of the response for a user whom the endpoint does not know.
import type { Check, Topic } from '../check.ts';
import type { CheckContext } from '../check-context.ts';
import { Untestable } from '../check-endings.ts';
import { assertConforms, assumeRefused } from '../report/finding.ts';
import { readCacheControl } from './cache-control.ts';
import { askRefusal, assertNoUserInfo, errorBody, type Refusal, refusalChecks, toSentence } from './refusal-checks.ts';

const unknown: Refusal = {
  refused: {
    id: 'unknown-user-refused',
    title: 'MUST respond with a non-200 status for an unknown user',
    ruleSet: 'contract',
    level: 'MUST',
    clauses: ['C-8'],
    impact: 'silently-wrong-access',
    sentByPlatform: true,
  },
  status: {
    id: 'unknown-user-404',
    title: 'SHOULD respond with 404, 410, 204, 403, 400 or 422 for an unknown user',
    ruleSet: 'hardening',
    level: 'SHOULD',
    clauses: ['H-9'],
    impact: 'cosmetic',
    sentByPlatform: true,
  },
  request: 'an unknown user',
  // Gone, no content, forbidden, invalid: none of them can be mistaken for user info.
  statuses: [404, 410, 204, 403, 400, 422],
  why: 'The platform merges a 200 with empty groups like any other 200. The user silently loses access, or keeps access that should be removed.',
  change:
    'respond with 404 when the user is not found. Respond with another error when the data source fails or its result is ambiguous',
  needs: ['control'],
  requests: ({ unknownUser }) => [{ userids: [unknownUser] }],
};

/** Statuses of responses that a cache may store by default (RFC 9110, 15.1). */
const cacheableStatuses: ReadonlySet<number> = new Set([204, 404, 410]);

const cacheChange = 'send Cache-Control: no-store with errors too';

const cacheShared: Pick<Check, 'why' | 'fix' | 'needs'> = {
  why: 'A new user stays unknown as long as a cache between the platform and the endpoint stores the response.',
  fix: [
    { stack: 'any', text: toSentence(cacheChange) },
    {
      stack: 'nginx',
      text: 'Add the "always" parameter to add_header: without it, nginx does not add the header to errors.',
    },
  ],
  needs: ['control'],
};

/** Reads Cache-Control of the response for an unknown user. */
async function readCaching(context: CheckContext) {
  const [answer] = await askRefusal(unknown, context);
  if (!answer) throw new Untestable('The connection was closed, so there is no header.');
  assumeRefused(answer, 'unknown-user-refused');
  return { answer, ...readCacheControl(answer) };
}

const cachingAllowed: Check = {
  ...cacheShared,
  id: 'unknown-user-caching-not-asked-for',
  title: 'SHOULD NOT allow caches to store the response for an unknown user',
  ruleSet: 'hardening',
  level: 'SHOULD',
  clauses: ['H-1'],
  impact: 'refused',
  sentByPlatform: true,
  async run(context) {
    const { answer, isAllowed } = await readCaching(context);
    assertConforms(!isAllowed, {
      asked: unknown.request,
      expected: 'no Cache-Control header that allows caches to store the response',
      seen: 'max-age, s-maxage or public',
      change: cacheChange,
      answers: [answer],
    });
  },
};

const cachingForbidden: Check = {
  ...cacheShared,
  id: 'unknown-user-caching-forbidden',
  title: 'MAY forbid caches to store the response for an unknown user',
  ruleSet: 'hardening',
  level: 'MAY',
  clauses: ['H-2'],
  impact: 'refused',
  sentByPlatform: true,
  async run(context) {
    const { answer, directives, isForbidden, isAllowed } = await readCaching(context);
    if (isAllowed) throw new Untestable(`Caches are allowed to store the response: see ${cachingAllowed.id}.`);
    assertConforms(isForbidden || !cacheableStatuses.has(answer.status), {
      asked: unknown.request,
      expected: 'Cache-Control with no-store, no-cache, private or max-age=0',
      seen: directives === '' ? 'no such header' : 'Cache-Control without any of these directives',
      change: cacheChange,
      answers: [answer],
    });
  },
};

const unknownErrorBody: Check = {
  id: 'unknown-user-error-body',
  title: 'SHOULD NOT send user info in the response for an unknown user',
  ruleSet: 'hardening',
  level: 'SHOULD',
  clauses: ['H-15'],
  impact: 'silently-wrong-access',
  sentByPlatform: true,
  why: 'A client that ignores the status reads the body of the error as user info.',
  fix: errorBody.fix,
  needs: unknown.needs,
  run: (context) => assertNoUserInfo([unknown], context),
};

export const unknownUser: Topic = {
  title: 'An unknown user',
  checks: [...refusalChecks(unknown), unknownErrorBody, cachingAllowed, cachingForbidden],
};
