// Owns the checks of the other methods: HEAD is GET without a body, and the rest is refused.
import type { Check, Topic } from '../check.ts';
import { assertConforms, describeAnswer, findMediaType } from '../finding.ts';
import { type Refusal, refusalChecks } from './refusal-checks.ts';

const headStatus: Check = {
  id: 'head-like-get',
  level: 'SHOULD',
  title: 'SHOULD answer HEAD with the status and content type of GET',
  platformVerdict: 'cosmetic',
  source: 'RFC 9110, 9.3.2',
  why: 'Monitors and proxies use HEAD to see whether GET works, and are misled when it says something else.',
  mend: [{ stack: 'any', text: 'Route HEAD through the same code as GET, and send all but the body.' }],
  needs: ['control'],
  async run(context) {
    const get = await context.askOnce({ userids: [context.knownUser] });
    const head = await context.askOnce({ userids: [context.knownUser], method: 'HEAD' });
    const describe = (status: number, mediaType: string | null) =>
      `status ${status} with ${mediaType ?? 'no content type'}`;
    const expected = describe(get.status, findMediaType(get));
    const seen = describe(head.status, findMediaType(head));
    assertConforms(seen === expected, {
      asked: 'HEAD for a known user',
      expected: `${expected}, as GET is answered`,
      seen,
      change: 'route HEAD through the same code as GET, and send all but the body',
    });
  },
};

const headBody: Check = {
  id: 'head-without-body',
  level: 'MUST',
  title: 'MUST NOT send a body in answer to HEAD',
  platformVerdict: 'silently-wrong-access',
  source: 'RFC 9110, 9.3.2',
  why: 'On a kept-alive connection the next answer would begin in the midst of these bytes: one user gets what was meant for another.',
  mend: [{ stack: 'any', text: 'Send no body for HEAD.' }],
  needs: ['control'],
  async run(context) {
    const answer = await context.ask({ userids: [context.knownUser], method: 'HEAD', isRaw: true });
    const surplus = answer.surplusBytes ?? 0;
    assertConforms(surplus === 0, {
      asked: 'HEAD for a known user',
      expected: 'headers and nothing more',
      seen: `${surplus} bytes after the headers`,
      change: 'send no body for HEAD: on a kept-alive connection the next answer would begin in its midst',
      answers: [answer],
    });
  },
};

const post: Refusal = {
  id: 'other-method',
  request: 'a POST',
  source: 'User info contract, the call: GET; statuses: another method is an error',
  statusSource: 'User info contract, statuses: another method is 405; RFC 9110, 15.5.6',
  status: 405,
  why: 'Filters and logs in front of the endpoint expect no data where only GET reads it, and let other methods by unseen.',
  change: 'answer 405 with Allow to every method but GET and HEAD',
  needs: ['control'],
  questions: ({ knownUser }) => [{ userids: [knownUser], method: 'POST' }],
};

const allow: Check = {
  id: 'other-method-allow',
  level: 'MUST',
  title: 'MUST name the allowed methods in Allow when it answers 405',
  platformVerdict: 'cosmetic',
  source: 'RFC 9110, 15.5.6',
  why: 'The standard demands it, and tools that meet a 405 look there for what they may send.',
  mend: [{ stack: 'any', text: 'Send Allow: GET, HEAD with every 405.' }],
  needs: ['control'],
  async run(context) {
    const answer = await context.askOnce({ userids: [context.knownUser], method: 'POST' });
    assertConforms(answer.status !== 405 || /\bGET\b/.test(answer.header('allow') ?? ''), {
      asked: 'a POST',
      expected: 'with the status 405 a header Allow that names GET',
      seen:
        answer.header('allow') === null ? `${describeAnswer(answer)}, and no Allow` : 'an Allow that does not name GET',
      change: 'send Allow: GET, HEAD with every 405',
    });
  },
};

export const methods: Topic = { title: 'Methods', checks: [headStatus, headBody, ...refusalChecks(post), allow] };
