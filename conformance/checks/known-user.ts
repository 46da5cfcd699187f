// Checks of the response for a known user, except its body: response time, status, Accept and caching.
import type { Check, Topic } from '../check.ts';
import { Untestable } from '../check-endings.ts';
import type { Answer } from '../http/endpoint-request.ts';
import { NoAnswer } from '../http/no-answer.ts';
import { assertConforms, describeAnswer, findMediaType } from '../report/finding.ts';
import { askKnownUsers, bodyCheck } from './body-check.ts';
import { readCacheControl } from './cache-control.ts';
import { toSentence } from './refusal-checks.ts';
import { responseTime } from './response-time.ts';

const statusChange =
  'check that the user exists and is enabled, that the path is right, and that the data source works; a user without groups also gets 200, with [] and {}';
const redirectChange =
  'respond directly instead of redirecting, e.g. to a login page. A client that follows the redirect mistakes the 200 of that page for user info';

function isRedirect({ status }: Answer): boolean {
  return status >= 300 && status < 400 && status !== 304;
}

const status: Check = {
  id: 'known-user-200',
  title: 'MUST respond with 200 for a known user',
  ruleSet: 'contract',
  level: 'MUST',
  clauses: ['C-1', 'C-3'],
  impact: 'refused',
  sentByPlatform: true,
  why: 'With any other status, the platform gets no user info for this user.',
  fix: [{ stack: 'any', text: toSentence(statusChange) }],
  needs: ['known-user'],
  async run(context) {
    for (const { asked, came } of await askKnownUsers(context)) {
      const isAnswer = !(came instanceof NoAnswer);
      assertConforms(isAnswer && came.status === 200, {
        asked,
        expected: 'status 200',
        seen: isAnswer ? describeAnswer(came) : `no response (${came.code})`,
        change: isAnswer && isRedirect(came) ? redirectChange : statusChange,
        ...(isAnswer ? { answers: [came] } : {}),
      });
    }
  },
};

const cachingAllowed = bodyCheck({
  id: 'known-user-caching-not-asked-for',
  title: 'SHOULD NOT allow shared caches to store a 200',
  ruleSet: 'hardening',
  level: 'SHOULD',
  clauses: ['H-1'],
  impact: 'information-leak',
  sentByPlatform: true,
  why: 'public and s-maxage allow a shared cache to respond to the next client, even without credentials (RFC 9111, section 3.5). The cached access can also be outdated.',
  expected: 'no Cache-Control header that allows shared caches to store the response',
  change: 'send Cache-Control: no-store instead of a Cache-Control header with public, s-maxage or max-age',
  fix: [
    { stack: 'nginx', text: 'Remove expires and add_header Cache-Control "public" for this path.' },
    { stack: 'spring', text: 'Keep the default headers of Spring Security enabled: they include no-store.' },
  ],
  takesTruncated: true,
  findFault: (answer) =>
    readCacheControl(answer).isAllowed ? { seen: 'a Cache-Control header with public, s-maxage or max-age' } : null,
});

const noStore = bodyCheck({
  id: 'known-user-no-store',
  title: 'SHOULD forbid caches to store a 200',
  ruleSet: 'hardening',
  level: 'SHOULD',
  clauses: ['H-1'],
  impact: 'silently-wrong-access',
  sentByPlatform: true,
  why: 'A cache could give one user the access of another, or outdated access.',
  expected: 'Cache-Control with no-store',
  change: 'send Cache-Control: no-store',
  fix: [
    { stack: 'nginx', text: 'Set add_header Cache-Control no-store always, and do not use proxy_cache for this path.' },
  ],
  takesTruncated: true,
  findFault(answer) {
    const { directives, isStoringForbidden, isAllowed } = readCacheControl(answer);
    if (isStoringForbidden) return null;
    if (isAllowed) throw new Untestable(`Caches are allowed to store the response: see ${cachingAllowed.id}.`);
    return { seen: directives === '' ? 'no such header' : 'a Cache-Control header without no-store' };
  },
});

const anyAccept: Check = {
  id: 'any-accept-json',
  title: 'SHOULD respond with JSON for a known user if the request accepts every media type',
  ruleSet: 'standards',
  level: 'SHOULD',
  clauses: ['S-8'],
  impact: 'refused',
  sentByPlatform: true,
  why: 'Most HTTP clients send Accept: */* by default. An endpoint that prefers HTML or XML then sends these clients no user info.',
  fix: [
    { stack: 'any', text: 'Make JSON the only, or at least the preferred, representation of this path.' },
    {
      stack: 'spring',
      text: 'Set produces = "application/json" on the mapping: an XML library on the class path may take precedence.',
    },
    { stack: 'aspnet', text: 'Return Json(…) or add [Produces("application/json")].' },
  ],
  needs: ['control'],
  async run(context) {
    const plain = await context.askOnce({ userids: [context.knownUser] });
    const answer = await context.askOnce({ userids: [context.knownUser], headers: [['Accept', '*/*']] });
    const isSame = answer.status === 200 && findMediaType(answer) === findMediaType(plain);
    assertConforms(isSame, {
      asked: 'a known user, with Accept: */*',
      expected: `${describeAnswer(plain)}, as for Accept: application/json`,
      seen: describeAnswer(answer),
      change: 'make JSON the only, or at least the preferred, representation of this path',
      answers: [answer],
    });
  },
};

export const knownUser: Topic = {
  title: 'A known user',
  checks: [responseTime, status, cachingAllowed, noStore, anyAccept],
};
