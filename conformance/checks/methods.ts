// Owns the checks of the other methods: HEAD is GET without a body, and the rest is refused.
import type { Check, Topic } from '../check.ts';
import { Untestable } from '../check-endings.ts';
import { assertConforms, describeAnswer, findMediaType } from '../finding.ts';
import { type Refusal, refusalChecks } from './refusal-checks.ts';

const headStatus: Check = {
  id: 'head-like-get',
  level: 'SHOULD',
  title: 'SHOULD answer HEAD with the status and content type of GET',
  source: 'RFC 9110, 9.3.2',
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
  source: 'RFC 9110, 9.3.2',
  needs: ['control'],
  async run(context) {
    const bytes = await context.askRaw({ userids: [context.knownUser], method: 'HEAD' });
    const end = bytes.indexOf('\r\n\r\n');
    if (end < 0) throw new Untestable('The headers of the answer to HEAD did not end in time.');
    const surplus = bytes.length - end - 4;
    assertConforms(surplus === 0, {
      asked: 'HEAD for a known user',
      expected: 'headers and nothing more',
      seen: `${surplus} bytes after the headers`,
      change: 'send no body for HEAD: on a kept-alive connection the next answer would begin in its midst',
    });
  },
};

const post: Refusal = {
  id: 'other-method',
  request: 'a POST',
  source: 'User info contract, the call: GET; statuses: another method is an error',
  statusSource: 'User info contract, statuses: another method is 405; RFC 9110, 15.5.6',
  status: 405,
  change:
    'answer 405 with Allow to every method but GET and HEAD: filters and logs in front of the endpoint expect no data there',
  needs: ['control'],
  questions: ({ knownUser }) => [{ userids: [knownUser], method: 'POST' }],
};

const allow: Check = {
  id: 'other-method-allow',
  level: 'MUST',
  title: 'MUST name the allowed methods in Allow when it answers 405',
  source: 'RFC 9110, 15.5.6',
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
