// Owns the checks of how a known user is answered, whatever the body: the status, for every Accept, and out of no cache.
import type { Check, Topic } from '../check.ts';
import { assertConforms, describeAnswer, findMediaType } from '../finding.ts';
import { NoAnswer } from '../no-answer.ts';
import type { Answer } from '../question.ts';
import { askKnownUsers, bodyCheck } from './body-check.ts';
import { toSentence } from './refusal-checks.ts';

const statusChange =
  'check that the user exists in the source and is enabled, that the path is right and that the source works; a user without groups gets 200 too, with [] and {}';
const redirectChange =
  'answer here instead of redirecting, e.g. to a login page: whoever follows it takes the 200 of that page for the answer';

function isRedirect({ status }: Answer): boolean {
  return status >= 300 && status < 400 && status !== 304;
}

const status: Check = {
  id: 'known-user-200',
  level: 'MUST',
  title: 'MUST answer a known user with 200',
  platformVerdict: 'refused',
  source: 'User info contract, the call: 200 carries the user info, anything else means that it could not be retrieved',
  why: 'With anything else the platform has no user info for this user.',
  mend: [{ stack: 'any', text: toSentence(statusChange) }],
  needs: ['known-user'],
  async run(context) {
    const expected = 'status 200';
    try {
      for (const { asked, answer } of await askKnownUsers(context)) {
        const change = isRedirect(answer) ? redirectChange : statusChange;
        const seen = describeAnswer(answer);
        assertConforms(answer.status === 200, { asked, expected, seen, change, answers: [answer] });
      }
    } catch (error) {
      if (!(error instanceof NoAnswer) || !error.metEndpoint) throw error;
      const seen = `no answer (${error.code})`;
      assertConforms(false, {
        asked: 'a known user, with the right credentials',
        expected,
        seen,
        change: statusChange,
      });
    }
  },
};

const noStore = bodyCheck({
  id: 'known-user-no-store',
  level: 'SHOULD',
  title: 'SHOULD forbid caches to store a 200',
  platformVerdict: 'silently-wrong-access',
  source: 'RFC 9111, 5.2.2.5',
  why: 'A cache in between could give one user the access of another, or of yesterday.',
  expected: 'Cache-Control with no-store',
  change: 'send Cache-Control: no-store',
  mend: [{ stack: 'nginx', text: 'Add add_header Cache-Control no-store always; and no proxy_cache for this path.' }],
  takesTruncated: true,
  findFault(answer) {
    const directives = answer.header('cache-control') ?? '';
    if (/(?:^|,)\s*no-store\s*(?:,|$)/i.test(directives)) return null;
    return { seen: directives === '' ? 'no such header' : 'the header without no-store' };
  },
});

const anyAccept: Check = {
  id: 'any-accept-json',
  level: 'SHOULD',
  title: 'SHOULD answer a known user with JSON also when every media type is accepted',
  platformVerdict: 'refused',
  source: 'User info contract, the call: which Accept the platform sends is documented nowhere; RFC 9110, 12.5.1',
  why: 'Most HTTP clients send Accept: */* unless told otherwise. An endpoint that then prefers HTML or XML has no user info for them.',
  mend: [
    { stack: 'any', text: 'Let JSON be the only, or at least the first representation of this path.' },
    {
      stack: 'spring',
      text: 'Give the mapping produces = "application/json": with an XML library on the class path it may win.',
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
      change: 'let JSON be the only, or at least the first representation of this path',
      answers: [answer],
    });
  },
};

export const knownUser: Topic = { title: 'A known user', checks: [status, noStore, anyAccept] };
