// Checks of an endpoint whose data source is unavailable: an error instead of an empty or partial 200, and complete data afterwards.
import type { Check, Topic } from '../check.ts';
import type { CheckContext } from '../check-context.ts';
import { Untestable } from '../check-endings.ts';
import type { Answer } from '../http/endpoint-request.ts';
import { NoAnswer } from '../http/no-answer.ts';
import { assertConforms, describeAnswer } from '../report/finding.ts';
import { couldBeUserInfo, decodeBody, describeContent } from '../user-info-body.ts';
import { findBackendMessage, findStackTrace } from './error-leaks.ts';
import { observeOutage } from './source-outage.ts';

// `control` is omitted, because the outage itself sends the control request before the data source is stopped.
const needs = ['hook', 'known-user'] as const;
const asked = 'a known user while the data source is unavailable';

/** Returns the error response during the outage. Throws Untestable if there is none. */
async function findRefusal(context: CheckContext): Promise<Answer> {
  const { refusal } = await observeOutage(context);
  if (refusal === null) throw new Untestable('The request was not refused: see source-down-refused.');
  if (refusal instanceof NoAnswer) throw new Untestable('No response arrived: see source-down-answered.');
  return refusal;
}

const noWrong200: Check = {
  id: 'source-down-no-wrong-200',
  title: 'MUST NOT respond with an empty or partial 200 while the data source is unavailable',
  ruleSet: 'contract',
  level: 'MUST',
  clauses: ['C-7'],
  impact: 'silently-wrong-access',
  sentByPlatform: true,
  why: 'During an outage of the data source, all users would silently lose access, or keep access that should be removed.',
  fix: [
    {
      stack: 'any',
      text: 'Respond with an error to every failure of the data source. Do not return an empty list or a default from a catch block.',
    },
    { stack: 'go', text: 'Check every err before using the value, and rows.Err() after a loop.' },
    { stack: 'express', text: 'Do not use .catch(() => []) or ?? [] on results of the data source.' },
  ],
  needs,
  async run(context) {
    const { down } = await observeOutage(context);
    const answers = down.flatMap(({ came, isAsBefore }) => (came instanceof NoAnswer || isAsBefore ? [] : [came]));
    const wrong = answers.find(({ status }) => status === 200);
    assertConforms(wrong === undefined, {
      asked,
      expected: 'an error, or the complete data from a cache',
      seen: `status 200 with other data than before the outage: ${wrong ? describeContent(wrong.body) : ''}`,
      change:
        'respond with an error to every failure of the data source. Do not return an empty list from a catch block',
      ...(wrong ? { answers: [wrong] } : {}),
    });
  },
};

const refused: Check = {
  id: 'source-down-refused',
  title: 'SHOULD respond with an error while the data source is unavailable',
  ruleSet: 'hardening',
  level: 'SHOULD',
  clauses: ['H-24'],
  impact: 'silently-wrong-access',
  sentByPlatform: true,
  why: 'Cached data can be out of date. A user whose access was removed keeps it until the outage ends or the cached data expires.',
  fix: [
    {
      stack: 'any',
      text: 'Respond with 503. If a cache is intended, limit the age of its entries, and set --hook-timeout-ms to more than this age.',
    },
  ],
  needs,
  async run(context) {
    const { refusal, down } = await observeOutage(context);
    assertConforms(refusal !== null, {
      asked,
      expected: 'an error within --hook-timeout-ms',
      seen: `status 200 for all ${down.length} requests`,
      change:
        'respond with 503; if a cache is intended, limit the age of its entries. Check that the command of --break stops the data source of this endpoint',
    });
  },
};

const answeredInTime: Check = {
  id: 'source-down-answered',
  title: 'SHOULD respond in time while the data source is unavailable',
  ruleSet: 'hardening',
  level: 'SHOULD',
  clauses: ['H-24'],
  impact: 'refused',
  sentByPlatform: true,
  why: 'If each request waits for its timeout, a synchronization of thousands of users can take more than a day.',
  fix: [
    {
      stack: 'any',
      text: 'Set a timeout of a few seconds for each request to the data source, and respond with 504 when it expires.',
    },
  ],
  needs,
  async run(context) {
    const { down } = await observeOutage(context);
    const silent = down.map(({ came }) => came).find((came) => came instanceof NoAnswer);
    assertConforms(silent === undefined, {
      asked,
      expected: 'an error response',
      seen: `no response (${silent instanceof NoAnswer ? silent.code : ''})`,
      change: 'respond to every request: wait a few seconds at most for the data source, then respond with 504',
    });
  },
};

const status5xx: Check = {
  id: 'source-down-5xx',
  title: 'SHOULD respond with a 5xx status while the data source is unavailable',
  ruleSet: 'hardening',
  level: 'SHOULD',
  clauses: ['H-24'],
  impact: 'cosmetic',
  sentByPlatform: true,
  why: 'A 404 means that the user does not exist. A script that removes such users would remove all users.',
  fix: [
    {
      stack: 'any',
      text: 'Respond with 503, and with 404 only if the data source has responded and does not contain the user.',
    },
  ],
  needs,
  async run(context) {
    const answer = await findRefusal(context);
    assertConforms(answer.status >= 500, {
      asked,
      expected: 'a 5xx status',
      seen: describeAnswer(answer),
      change: 'respond with 503, and with 404 only if the data source has responded and does not contain the user',
      answers: [answer],
    });
  },
};

const retryAfter: Check = {
  id: 'source-down-retry-after',
  title: 'MAY send Retry-After with a 503',
  ruleSet: 'standards',
  level: 'MAY',
  clauses: ['S-38'],
  impact: 'cosmetic',
  sentByPlatform: true,
  why: 'A client that honors Retry-After does not overload a data source that is just restarting.',
  fix: [{ stack: 'any', text: 'Send Retry-After with a value of a few seconds.' }],
  needs,
  async run(context) {
    const answer = await findRefusal(context);
    assertConforms(answer.status !== 503 || answer.header('retry-after') !== null, {
      asked,
      expected: 'a 503 with Retry-After',
      seen: 'a 503 without Retry-After',
      change: 'send Retry-After with a value of a few seconds',
      answers: [answer],
    });
  },
};

const errorBody: Check = {
  id: 'source-down-error-body',
  title: 'SHOULD NOT send user info in the error while the data source is unavailable',
  ruleSet: 'hardening',
  level: 'SHOULD',
  clauses: ['H-15'],
  impact: 'silently-wrong-access',
  sentByPlatform: true,
  why: 'A client that ignores the status reads the body of the error as user info.',
  fix: [
    {
      stack: 'any',
      text: 'Send an error body without the keys groups and authorizations, e.g. a problem document (RFC 9457).',
    },
  ],
  needs,
  async run(context) {
    const { refusal: answer } = await observeOutage(context);
    // Without an error response, there is no error body.
    if (answer === null || answer instanceof NoAnswer) return;
    assertConforms(!couldBeUserInfo(answer.body), {
      asked,
      expected: 'a body without the keys groups and authorizations',
      seen: `${describeAnswer(answer)}, and a body with such a key`,
      change: 'send an error body without the keys groups and authorizations',
      answers: [answer],
    });
  },
};

const noInnerMessages: Check = {
  id: 'source-down-no-inner-messages',
  title: 'SHOULD NOT reveal messages of the data source in the error while the data source is unavailable',
  ruleSet: 'hardening',
  level: 'SHOULD',
  clauses: ['H-18'],
  impact: 'information-leak',
  sentByPlatform: true,
  why: 'Addresses, statements and stack traces of the data source help attackers.',
  fix: [
    { stack: 'any', text: 'Write the cause to the log, and send a fixed message.' },
    { stack: 'flask', text: 'Disable debug mode, and register an error handler for exceptions.' },
    { stack: 'spring', text: 'Set server.error.include-message and include-stacktrace to never.' },
  ],
  needs,
  async run(context) {
    const answer = await findRefusal(context);
    const text = decodeBody(answer.body);
    const found = findStackTrace(text) ?? findBackendMessage(text);
    assertConforms(found === null, {
      asked,
      expected: 'an error without details of the data source',
      seen: `${describeAnswer(answer)}, with ${found}`,
      change: 'write the cause to the log, and send a fixed message',
      answers: [answer],
    });
  },
};

const back200: Check = {
  id: 'source-back-200',
  title: 'MUST respond with 200 for a known user when the data source is available again',
  ruleSet: 'contract',
  level: 'MUST',
  clauses: ['C-1'],
  impact: 'refused',
  sentByPlatform: true,
  why: 'An endpoint that must be restarted after each outage of its data source provides no user info until an operator notices.',
  fix: [
    {
      stack: 'any',
      text: 'Reconnect to the data source after a failure. Let a circuit breaker retry after a few seconds. Do not cache failures.',
    },
  ],
  needs,
  async run(context) {
    const { back } = await observeOutage(context);
    const { came, isAsBefore } = back;
    const isAnswer = !(came instanceof NoAnswer);
    assertConforms(isAnswer && came.status === 200 && isAsBefore, {
      asked: 'a known user after the data source was restarted',
      expected: 'status 200 with the same data as before, within --hook-timeout-ms',
      seen: !isAnswer
        ? `no response (${came.code})`
        : came.status === 200
          ? `status 200 with ${describeContent(came.body)} that differs from the data before the outage`
          : describeAnswer(came),
      change: 'reconnect to the data source after a failure, and do not cache failures',
      ...(isAnswer ? { answers: [came] } : {}),
    });
  },
};

export const sourceFailure: Topic = {
  title: 'Data source failure',
  checks: [noWrong200, refused, answeredInTime, status5xx, retryAfter, errorBody, noInnerMessages, back200],
};
