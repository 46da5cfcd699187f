// Checks of other methods: HEAD is GET without a body, and the others are refused.
import type { Check, Topic } from '../check.ts';
import type { Answer } from '../http/endpoint-request.ts';
import { assertConforms, describeAnswer, describeMediaType, findMediaType } from '../report/finding.ts';
import { couldBeUserInfo, describeContent } from '../user-info-body.ts';
import { askOrClosed, type Refusal, refusalChecks } from './refusal-checks.ts';

const headStatus: Check = {
  id: 'head-like-get',
  title: 'SHOULD respond to HEAD with the status and content type of GET',
  ruleSet: 'standards',
  level: 'SHOULD',
  clauses: ['S-12'],
  impact: 'cosmetic',
  why: 'Monitoring systems and proxies use HEAD to test whether GET works.',
  fix: [{ stack: 'any', text: 'Handle HEAD with the code for GET, and omit the body.' }],
  needs: ['control'],
  async run(context) {
    const get = await context.askOnce({ userids: [context.knownUser] });
    const head = await askOrClosed(context, { userids: [context.knownUser], method: 'HEAD' });
    if (head === null) return;
    const describe = (answer: Answer) => `status ${answer.status} with ${describeMediaType(answer)}`;
    assertConforms(head.status === get.status && findMediaType(head) === findMediaType(get), {
      asked: 'HEAD for a known user',
      expected: `${describe(get)}, as for GET`,
      seen: describe(head) === describe(get) ? `${describe(head)}, but with a different media type` : describe(head),
      change: 'handle HEAD with the code for GET, and omit the body',
    });
  },
};

const headBody: Check = {
  id: 'head-without-body',
  title: 'MUST NOT send a body in response to HEAD',
  ruleSet: 'standards',
  level: 'MUST',
  clauses: ['S-13'],
  impact: 'silently-wrong-access',
  why: 'On a persistent connection, a client reads the surplus bytes as the next response. One user can then get the data of another.',
  fix: [{ stack: 'any', text: 'Do not send a body in response to HEAD.' }],
  needs: ['control'],
  async run(context) {
    const answer = await context.ask({ userids: [context.knownUser], method: 'HEAD', isRaw: true });
    const surplus = answer.surplusBytes ?? 0;
    assertConforms(surplus === 0, {
      asked: 'HEAD for a known user',
      expected: 'headers and no further bytes',
      seen: `${surplus} bytes after the headers`,
      change: 'do not send a body in response to HEAD',
      answers: [answer],
    });
  },
};

const headLength: Check = {
  id: 'head-content-length',
  title: 'MUST NOT announce a different length for HEAD than for GET',
  ruleSet: 'standards',
  level: 'MUST',
  clauses: ['S-14'],
  impact: 'cosmetic',
  why: 'Caches use HEAD to update stored responses, and discard them when the length differs.',
  fix: [{ stack: 'any', text: 'Send the Content-Length of GET, or none.' }],
  needs: ['control'],
  async run(context) {
    const get = await context.askOnce({ userids: [context.knownUser] });
    const head = await askOrClosed(context, { userids: [context.knownUser], method: 'HEAD' });
    if (head === null) return;
    const length = head.header('content-length');
    const isComparable = get.status === 200 && head.status === 200 && length !== null;
    assertConforms(!isComparable || Number(length) === get.wireBody.length, {
      asked: 'HEAD for a known user',
      expected: `no Content-Length, or ${get.wireBody.length}, the number of bytes that GET returns`,
      seen: 'a different Content-Length',
      change: 'send the Content-Length of GET, or none',
      answers: [head],
    });
  },
};

const headUnknown: Check = {
  id: 'head-unknown-user-refused',
  title: 'SHOULD NOT respond to HEAD with 200 for an unknown user',
  ruleSet: 'standards',
  level: 'SHOULD',
  clauses: ['S-12'],
  impact: 'cosmetic',
  why: 'Monitoring that uses HEAD reports that an unknown user exists.',
  fix: [{ stack: 'any', text: 'Look up the user for HEAD too.' }],
  needs: ['control'],
  async run(context) {
    const answer = await askOrClosed(context, { userids: [context.unknownUser], method: 'HEAD' });
    if (answer === null) return;
    assertConforms(answer.status !== 200, {
      asked: 'HEAD for an unknown user',
      expected: 'any status other than 200',
      seen: describeAnswer(answer),
      change: 'look up the user for HEAD too',
      answers: [answer],
    });
  },
};

const other = {
  // 404 is the response of routers that know the path for GET only, such as those of Express and Fastify.
  statuses: [405, 404],
  change: 'respond with 405 and Allow to every method except GET and HEAD',
} as const;

const post: Refusal = {
  ...other,
  refused: {
    id: 'other-method-refused',
    title: 'SHOULD respond with a non-200 status to POST',
    ruleSet: 'hardening',
    level: 'SHOULD',
    clauses: ['H-13'],
    impact: 'silently-wrong-access',
  },
  status: {
    id: 'other-method-405',
    title: 'SHOULD respond with 405 or 404 to POST',
    ruleSet: 'standards',
    level: 'SHOULD',
    clauses: ['S-15'],
    impact: 'cosmetic',
  },
  request: 'a POST',
  why: 'Filters and logs in front of the endpoint expect user info in responses to GET only. They do not inspect other methods.',
  needs: ['control', 'intrusive'],
  requests: ({ knownUser }) => [{ userids: [knownUser], method: 'POST' }],
};

const writing: Refusal = {
  ...other,
  refused: {
    id: 'writing-method-refused',
    title: 'SHOULD respond with a non-200 status to PUT, PATCH and DELETE',
    ruleSet: 'hardening',
    level: 'SHOULD',
    clauses: ['H-13'],
    impact: 'silently-wrong-access',
  },
  status: {
    id: 'writing-method-405',
    title: 'SHOULD respond with 405, 404 or 501 to PUT, PATCH and DELETE',
    ruleSet: 'standards',
    level: 'SHOULD',
    clauses: ['S-15'],
    impact: 'cosmetic',
  },
  request: 'a PUT, a PATCH or a DELETE',
  // 501: the server does not know the method.
  statuses: [405, 404, 501],
  why: 'A framework that maps every method to one handler returns user info for requests that bypass access rules for GET.',
  fix: [
    { stack: 'express', text: 'Use app.get and then app.all with 405, instead of app.use.' },
    { stack: 'spring', text: 'Use @GetMapping instead of @RequestMapping without a method.' },
    { stack: 'go', text: 'Register "GET /user-info", or check r.Method: HandleFunc accepts every method.' },
  ],
  needs: ['control', 'intrusive'],
  requests: ({ knownUser }) => ['PUT', 'PATCH', 'DELETE'].map((method) => ({ userids: [knownUser], method })),
};

const unexpected: Refusal = {
  ...other,
  refused: {
    id: 'unexpected-method-refused',
    title: 'SHOULD respond with a non-200 status to PROPFIND',
    ruleSet: 'hardening',
    level: 'SHOULD',
    clauses: ['H-13'],
    impact: 'silently-wrong-access',
  },
  status: {
    id: 'unexpected-method-405',
    title: 'SHOULD respond with 405, 404, 501, 400 or 403 to PROPFIND',
    ruleSet: 'standards',
    level: 'SHOULD',
    clauses: ['S-15'],
    impact: 'cosmetic',
  },
  // PROPFIND is a safe method like GET (RFC 4918, 9.1), so it may be sent to any endpoint.
  request: 'a PROPFIND',
  // Servers without WebDAV may not know the method, or consider the request malformed.
  statuses: [405, 404, 501, 400, 403],
  why: 'A list of forbidden methods is never complete. List the allowed methods instead.',
  fix: [
    { stack: 'nginx', text: 'Use limit_except GET { deny all; }, which refuses every method except GET and HEAD.' },
  ],
  needs: ['control'],
  requests: ({ knownUser }) => [{ userids: [knownUser], method: 'PROPFIND' }],
};

const trace: Refusal = {
  ...other,
  refused: {
    id: 'trace-refused',
    title: 'SHOULD respond with a non-200 status to TRACE',
    ruleSet: 'hardening',
    level: 'SHOULD',
    clauses: ['H-13'],
    impact: 'information-leak',
  },
  status: {
    id: 'trace-405',
    title: 'SHOULD respond to TRACE with 405, 501, 400, 403 or 404',
    ruleSet: 'standards',
    level: 'SHOULD',
    clauses: ['S-15'],
    impact: 'cosmetic',
  },
  request: 'a TRACE',
  statuses: [405, 501, 400, 403, 404],
  why: 'TRACE returns the request, including its credentials and the headers that a proxy added.',
  change: 'disable TRACE: respond with 405',
  fix: [{ stack: 'any', text: 'In Apache, set TraceEnable off.' }],
  needs: ['control'],
  requests: ({ knownUser }) => [{ userids: [knownUser], method: 'TRACE' }],
};

const options: Check = {
  id: 'options-without-user-info',
  title: 'SHOULD NOT send user info in response to OPTIONS',
  ruleSet: 'hardening',
  level: 'SHOULD',
  clauses: ['H-13'],
  impact: 'information-leak',
  why: 'Browsers send OPTIONS without credentials, so proxies often let it pass without authentication.',
  fix: [
    {
      stack: 'any',
      text: 'Respond to OPTIONS with 405, or with 204 and Allow, and do not pass the request to the handler for GET.',
    },
  ],
  needs: ['control'],
  async run(context) {
    const answer = await askOrClosed(context, { userids: [context.knownUser], method: 'OPTIONS' });
    if (answer === null) return;
    assertConforms(!couldBeUserInfo(answer.body), {
      asked: 'OPTIONS for a known user',
      expected: 'a response without the keys groups and authorizations',
      seen: `${describeAnswer(answer)}: ${describeContent(answer.body)}`,
      change: 'respond to OPTIONS with 405, or with 204 and Allow, and do not pass the request to the handler for GET',
      answers: [answer],
    });
  },
};

const allow: Check = {
  id: 'other-method-allow',
  title: 'MUST list the allowed methods in the Allow header of a 405',
  ruleSet: 'standards',
  level: 'MUST',
  clauses: ['S-16'],
  impact: 'cosmetic',
  why: 'The HTTP standard requires this header, and tools read the allowed methods from it.',
  fix: [{ stack: 'any', text: 'Send Allow: GET, HEAD with every 405.' }],
  needs: ['control'],
  async run(context) {
    const answer = await askOrClosed(context, { userids: [context.knownUser], method: 'PROPFIND' });
    if (answer === null) return;
    assertConforms(answer.status !== 405 || /\bGET\b/.test(answer.header('allow') ?? ''), {
      asked: 'a PROPFIND',
      expected: 'an Allow header that names GET, with status 405',
      seen:
        answer.header('allow') === null
          ? `${describeAnswer(answer)}, and no Allow header`
          : 'an Allow header that does not name GET',
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
