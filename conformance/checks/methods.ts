// Owns the checks of the other methods: HEAD is GET without a body, and the rest is refused.
import type { Check, Topic } from '../check.ts';
import { assertConforms, describeAnswer, describeMediaType, findMediaType } from '../finding.ts';
import type { Answer } from '../question.ts';
import { couldBeUserInfo, describeContent } from '../user-info-body.ts';
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
    const describe = (answer: Answer) => `status ${answer.status} with ${describeMediaType(answer)}`;
    assertConforms(head.status === get.status && findMediaType(head) === findMediaType(get), {
      asked: 'HEAD for a known user',
      expected: `${describe(get)}, as GET is answered`,
      seen: describe(head) === describe(get) ? `${describe(head)}, but not the same one` : describe(head),
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

const headLength: Check = {
  id: 'head-content-length',
  level: 'MUST',
  title: 'MUST NOT announce another length for HEAD than GET has',
  platformVerdict: 'cosmetic',
  source: 'RFC 9110, 8.6',
  why: 'Caches update what they hold by HEAD, and throw it away, or wait for bytes, when the length differs.',
  mend: [
    { stack: 'any', text: 'Send the Content-Length of GET, or none: the body is not empty, it is only not sent.' },
  ],
  needs: ['control'],
  async run(context) {
    const get = await context.askOnce({ userids: [context.knownUser] });
    const head = await context.askOnce({ userids: [context.knownUser], method: 'HEAD' });
    const length = head.header('content-length');
    const isComparable = get.status === 200 && head.status === 200 && length !== null;
    assertConforms(!isComparable || Number(length) === get.wireBody.length, {
      asked: 'HEAD for a known user',
      expected: `no Content-Length, or ${get.wireBody.length}, as many bytes as GET has`,
      seen: 'another Content-Length',
      change: 'send the Content-Length of GET, or none',
      answers: [head],
    });
  },
};

const headUnknown: Check = {
  id: 'head-unknown-user-refused',
  level: 'SHOULD',
  title: 'SHOULD NOT answer HEAD for an unknown user with 200',
  platformVerdict: 'cosmetic',
  source: 'RFC 9110, 9.3.2',
  why: 'Monitors that ask with HEAD see a user who is not there.',
  mend: [{ stack: 'any', text: 'Look the user up for HEAD too.' }],
  needs: ['control'],
  async run(context) {
    const answer = await context.askOnce({ userids: [context.unknownUser], method: 'HEAD' });
    assertConforms(answer.status !== 200, {
      asked: 'HEAD for an unknown user',
      expected: 'the status of GET',
      seen: describeAnswer(answer),
      change: 'look the user up for HEAD too',
      answers: [answer],
    });
  },
};

const other = {
  source: 'User info contract, the call: GET; statuses: another method is an error',
  statusSource: 'User info contract, statuses: another method is 405; RFC 9110, 15.5.6',
  status: 405,
  // What a router answers that knows the path for GET alone, as those of Express and Fastify do.
  otherStatuses: [404],
  change: 'answer 405 with Allow to every method but GET and HEAD',
} as const;

const post: Refusal = {
  ...other,
  id: 'other-method',
  request: 'a POST',
  why: 'Filters and logs in front of the endpoint expect no data where only GET reads it, and let other methods by unseen.',
  needs: ['control', 'intrusive'],
  questions: ({ knownUser }) => [{ userids: [knownUser], method: 'POST' }],
};

const writing: Refusal = {
  ...other,
  id: 'writing-method',
  request: 'a PUT, a PATCH or a DELETE',
  // 501: the method is known to nobody here.
  otherStatuses: [404, 501],
  why: 'A framework that maps every method to one handler tells by them what it tells by GET, past the rules that name GET.',
  mend: [
    { stack: 'express', text: 'Use app.get and then app.all with 405, instead of app.use.' },
    { stack: 'spring', text: 'Use @GetMapping instead of @RequestMapping without a method.' },
    { stack: 'go', text: 'Register "GET /user-info", or look at r.Method: HandleFunc takes every method.' },
  ],
  needs: ['control', 'intrusive'],
  questions: ({ knownUser }) => ['PUT', 'PATCH', 'DELETE'].map((method) => ({ userids: [knownUser], method })),
};

const unexpected: Refusal = {
  ...other,
  id: 'unexpected-method',
  // Safe as GET is (RFC 4918, 9.1), so that it may be sent to any endpoint.
  request: 'a PROPFIND',
  // Servers without WebDAV may know nothing of it, or take it for a malformed request.
  otherStatuses: [404, 501, 400, 403],
  why: 'Rules that name the methods to be refused never name them all: what is allowed has to be named.',
  mend: [{ stack: 'nginx', text: 'Use limit_except GET { deny all; }, which refuses every other method.' }],
  mayClose: true,
  needs: ['control'],
  questions: ({ knownUser }) => [{ userids: [knownUser], method: 'PROPFIND' }],
};

const trace: Refusal = {
  ...other,
  id: 'trace',
  request: 'a TRACE',
  source: 'User info contract, statuses: another method is an error; RFC 9110, 9.3.8',
  otherStatuses: [501, 400, 403, 404],
  platformVerdict: 'information-leak',
  why: 'TRACE gives back the request, with the credentials in it, to whoever makes a client send it.',
  change: 'switch TRACE off: answer 405',
  mend: [{ stack: 'any', text: 'In Apache it is TraceEnable off.' }],
  mayClose: true,
  needs: ['control'],
  questions: ({ knownUser }) => [{ userids: [knownUser], method: 'TRACE' }],
};

const options: Check = {
  id: 'options-without-user-info',
  level: 'MUST',
  title: 'MUST NOT send user info in answer to OPTIONS',
  platformVerdict: 'information-leak',
  source: 'User info contract, the call: GET; RFC 9110, 9.3.7',
  why: 'Browsers and scanners send OPTIONS without credentials, so that it is often let by where GET is not.',
  mend: [{ stack: 'any', text: 'Answer OPTIONS with 405, or with 204 and Allow, and never by the handler of GET.' }],
  needs: ['control'],
  async run(context) {
    const answer = await context.askOnce({ userids: [context.knownUser], method: 'OPTIONS' });
    assertConforms(!couldBeUserInfo(answer.body), {
      asked: 'OPTIONS for a known user',
      expected: 'an answer without the keys groups and authorizations',
      seen: `${describeAnswer(answer)}: ${describeContent(answer.body)}`,
      change: 'answer OPTIONS with 405, or with 204 and Allow, and never by the handler of GET',
      answers: [answer],
    });
  },
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
    const answer = await context.askOnce({ userids: [context.knownUser], method: 'PROPFIND' });
    assertConforms(answer.status !== 405 || /\bGET\b/.test(answer.header('allow') ?? ''), {
      asked: 'a PROPFIND',
      expected: 'with the status 405 a header Allow that names GET',
      seen:
        answer.header('allow') === null ? `${describeAnswer(answer)}, and no Allow` : 'an Allow that does not name GET',
      change: 'send Allow: GET, HEAD with every 405',
    });
  },
};

export const methods: Topic = {
  title: 'Methods',
  checks: [
    ...[headStatus, headBody, headLength, headUnknown, options],
    ...refusalChecks(unexpected),
    allow,
    ...[trace, post, writing].flatMap(refusalChecks),
  ],
};
