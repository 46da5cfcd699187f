// Owns the checks of an endpoint whose source is down: an error, never an empty or partial 200, and whole answers afterwards.
import type { Check, Topic } from '../check.ts';
import type { CheckContext } from '../check-context.ts';
import { Untestable } from '../check-endings.ts';
import { assertConforms, describeAnswer } from '../finding.ts';
import { NoAnswer } from '../no-answer.ts';
import type { Answer } from '../question.ts';
import { couldBeUserInfo, decodeBody, describeContent } from '../user-info-body.ts';
import { findBackendMessage, findStackTrace } from './error-leaks.ts';
import { observeOutage } from './source-outage.ts';

// The control is part of the outage: it comes before the source is taken down.
const needs = ['hook', 'known-user'] as const;
const asked = 'a known user while the source is down';

/** The answer with which the endpoint refused. Throws Untestable when there is none. */
async function findRefusal(context: CheckContext): Promise<Answer> {
  const { refusal } = await observeOutage(context);
  if (refusal === null) throw new Untestable('It was not refused at all: see source-down-refused.');
  if (refusal instanceof NoAnswer) throw new Untestable('No answer came: see source-down-answered.');
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
  why: 'An outage of the directory would take everybody’s access away in silence, or keep what was to be taken.',
  fix: [
    {
      stack: 'any',
      text: 'Let every failure of the source reach the answer as an error: no catch that returns an empty list, no default.',
    },
    { stack: 'go', text: 'Check every err before the value beside it is used, also rows.Err() behind a loop.' },
    { stack: 'express', text: 'Leave out .catch(() => []) and ?? [] around what the source gives.' },
  ],
  needs,
  async run(context) {
    const { down } = await observeOutage(context);
    const answers = down.flatMap(({ came, isAsBefore }) => (came instanceof NoAnswer || isAsBefore ? [] : [came]));
    const wrong = answers.find(({ status }) => status === 200);
    assertConforms(wrong === undefined, {
      asked,
      expected: 'an error, or the whole answer out of a cache',
      seen: `status 200 with ${wrong ? describeContent(wrong.body) : ''} that differs from what was answered before`,
      change: 'let every failure of the source reach the answer as an error: no catch that returns an empty list',
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
  why: 'What a cache holds was true once. Who lost a right since keeps it for as long as the outage and the cache last.',
  fix: [
    {
      stack: 'any',
      text: 'Answer 503. Where a cache is wanted, bound how old its answers may be, and give --hook-timeout-ms a longer time than that.',
    },
  ],
  needs,
  async run(context) {
    const { refusal, down } = await observeOutage(context);
    assertConforms(refusal !== null, {
      asked,
      expected: 'an error within the time of --hook-timeout-ms',
      seen: `status 200 all the time, ${down.length} times`,
      change:
        'answer 503; where a cache is wanted, bound how old its answers may be. See also that the command of --break takes down what this endpoint asks',
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
  why: 'A caller that waits for each user in turn makes a synchronisation of thousands last for days.',
  fix: [
    {
      stack: 'any',
      text: 'Give every question to the source a deadline of a few seconds, and answer 504 when it is over.',
    },
  ],
  needs,
  async run(context) {
    const { down } = await observeOutage(context);
    const silent = down.map(({ came }) => came).find((came) => came instanceof NoAnswer);
    assertConforms(silent === undefined, {
      asked,
      expected: 'an answer with an error',
      seen: `no answer (${silent instanceof NoAnswer ? silent.code : ''})`,
      change: 'give every question to the source a deadline of a few seconds, and answer 504 when it is over',
    });
  },
};

const status5xx: Check = {
  id: 'source-down-5xx',
  title: 'SHOULD respond with 500, 502, 503 or 504 while the data source is unavailable',
  ruleSet: 'hardening',
  level: 'SHOULD',
  clauses: ['H-24'],
  impact: 'cosmetic',
  sentByPlatform: true,
  why: 'A 404 says that the user does not exist. Whoever acts on that, a script that removes leavers, removes everybody.',
  fix: [{ stack: 'any', text: 'Answer 503, and keep 404 for users whom the source was asked for and does not have.' }],
  needs,
  async run(context) {
    const answer = await findRefusal(context);
    assertConforms(answer.status >= 500, {
      asked,
      expected: 'a status of 500 or more',
      seen: describeAnswer(answer),
      change: 'answer 503, and keep 404 for users whom the source was asked for and does not have',
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
  why: 'A caller that honours it leaves a source alone that is just coming up again.',
  fix: [{ stack: 'any', text: 'Send Retry-After with a few seconds.' }],
  needs,
  async run(context) {
    const answer = await findRefusal(context);
    assertConforms(answer.status !== 503 || answer.header('retry-after') !== null, {
      asked,
      expected: 'a 503 with Retry-After',
      seen: 'a 503 without',
      change: 'send Retry-After with a few seconds',
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
  why: 'A lenient caller reads any JSON body, whatever the status: it would take the error for the access of the user.',
  fix: [
    {
      stack: 'any',
      text: 'Send an error body without the keys groups and authorizations, e.g. a problem document (RFC 9457).',
    },
  ],
  needs,
  async run(context) {
    const { refusal: answer } = await observeOutage(context);
    // Without an error there is no body that could be misread.
    if (answer === null || answer instanceof NoAnswer) return;
    assertConforms(!couldBeUserInfo(answer.body), {
      asked,
      expected: 'a body without the keys groups and authorizations',
      seen: `${describeAnswer(answer)} that holds such a key`,
      change: 'send an error body without the keys groups and authorizations',
      answers: [answer],
    });
  },
};

const noInnerMessages: Check = {
  id: 'source-down-no-inner-messages',
  title: 'SHOULD NOT reveal messages of the data source in the error while it is unavailable',
  ruleSet: 'hardening',
  level: 'SHOULD',
  clauses: ['H-18'],
  impact: 'information-leak',
  sentByPlatform: true,
  why: 'Addresses, statements and stack traces of the source help whoever looks for a way in.',
  fix: [
    { stack: 'any', text: 'Write the cause to the log, and send a fixed text.' },
    { stack: 'flask', text: 'Leave debug off, and register an error handler for exceptions.' },
    { stack: 'spring', text: 'Set server.error.include-message and include-stacktrace to never.' },
  ],
  needs,
  async run(context) {
    const answer = await findRefusal(context);
    const text = decodeBody(answer.body);
    const found = findStackTrace(text) ?? findBackendMessage(text);
    assertConforms(found === null, {
      asked,
      expected: 'an error that tells nothing of the source',
      seen: `${describeAnswer(answer)}, with ${found}`,
      change: 'write the cause to the log, and send a fixed text',
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
  why: 'An endpoint that has to be restarted after each outage of its directory gives nobody access until somebody notices.',
  fix: [
    {
      stack: 'any',
      text: 'Open a broken connection to the source anew, and let a breaker try again after some seconds; keep no failure in a cache.',
    },
  ],
  needs,
  async run(context) {
    const { back } = await observeOutage(context);
    const { came, isAsBefore } = back;
    const isAnswer = !(came instanceof NoAnswer);
    assertConforms(isAnswer && came.status === 200 && isAsBefore, {
      asked: 'a known user after the source was brought back',
      expected: 'status 200 with the same data as before, within the time of --hook-timeout-ms',
      seen: !isAnswer
        ? `no answer (${came.code})`
        : came.status === 200
          ? `status 200 with ${describeContent(came.body)} that differs from before`
          : describeAnswer(came),
      change: 'open a broken connection to the source anew, and keep no failure in a cache',
      ...(isAnswer ? { answers: [came] } : {}),
    });
  },
};

export const sourceFailure: Topic = {
  title: 'Data source failure',
  checks: [noWrong200, refused, answeredInTime, status5xx, retryAfter, errorBody, noInnerMessages, back200],
};
