// Owns the checks of what every error answer has in common: nothing of a user in it, and no way round it.
import type { Check, Topic } from '../check.ts';
import { assertConforms, describeAnswer, findMediaType } from '../finding.ts';
import { couldBeUserInfo, decodeBody, findJson } from '../user-info-body.ts';
import { askErrors, everyError, otherErrors, otherPath, usualErrors } from './error-cases.ts';
import { errorSyntax } from './message-syntax.ts';
import { askOrRefusedByTls } from './refusal-checks.ts';

const otherPathRefused: Check = {
  id: 'other-path-refused',
  level: 'SHOULD',
  platformVerdict: 'cosmetic',
  title: 'SHOULD NOT answer on other paths than its own',
  source: 'User info contract, the call: the path is chosen, and configured in the platform; RFC 9110, 15.5.5',
  why: 'Rules of a proxy, a firewall or a log name the path: what is answered under every path goes past them.',
  mend: [
    { stack: 'any', text: 'Compare the path, and answer 404 to every other one.' },
    { stack: 'go', text: 'A pattern that ends in a slash takes every path below it: register the exact one.' },
    { stack: 'nginx', text: 'Use location = /user-info, which takes no longer path.' },
  ],
  needs: ['control'],
  async run(context) {
    const { asked, question } = otherPath(context);
    const answer = await askOrRefusedByTls(context, question);
    if (!answer) return;
    assertConforms(answer.status !== 200, {
      asked: `a known user under ${asked}`,
      expected: 'status 404, or another that is no success',
      seen: describeAnswer(answer),
      change: 'compare the path, and answer 404 to every other one',
      answers: [answer],
    });
  },
};

const otherBodies: Check = {
  id: 'other-errors-error-body',
  level: 'MUST',
  platformVerdict: 'silently-wrong-access',
  title: 'MUST NOT send user info in any other error',
  source: 'User info contract, error bodies: they never carry groups or authorizations',
  why: 'A lenient caller reads any JSON body, whatever the status: it would take the error for the access of the user.',
  mend: [
    {
      stack: 'any',
      text: 'Send an error body without the keys groups and authorizations, e.g. a problem document (RFC 9457).',
    },
  ],
  needs: ['control'],
  async run(context) {
    for (const { asked, answer } of await askErrors(otherErrors(context), context)) {
      assertConforms(!couldBeUserInfo(answer.body), {
        asked,
        expected: 'a body without the keys groups and authorizations',
        seen: `${describeAnswer(answer)} that holds such a key`,
        change: 'send an error body without the keys groups and authorizations, e.g. a problem document (RFC 9457)',
        answers: [answer],
      });
    }
  },
};

const redirect: Check = {
  id: 'errors-no-redirect',
  level: 'SHOULD',
  platformVerdict: 'silently-wrong-access',
  title: 'SHOULD answer what it refuses with an error, not with a redirect',
  source: 'User info contract, what is not known: redirects; RFC 9110, 15.4',
  why: 'Whoever follows it, as most HTTP clients do, ends at a login or an error page with 200, and takes that for the answer.',
  mend: [
    { stack: 'any', text: 'Answer 4xx instead of a redirect to a login or an error page.' },
    { stack: 'spring', text: 'Set an AuthenticationEntryPoint that answers 401: the default of form login redirects.' },
    { stack: 'aspnet', text: 'Use the events of the cookie scheme, OnRedirectToLogin among them, to answer 401.' },
  ],
  needs: ['control'],
  async run(context) {
    for (const { asked, answer } of await askErrors(everyError(context), context)) {
      assertConforms(answer.status >= 400 || answer.status === 304, {
        asked,
        expected: 'an error',
        seen: `a redirect, status ${answer.status}`,
        change: 'answer 4xx instead of a redirect to a login or an error page',
        answers: [answer],
      });
    }
  },
};

const problem: Check = {
  id: 'errors-problem-document',
  level: 'MAY',
  platformVerdict: 'cosmetic',
  title: 'MAY describe an unknown user and a missing userid in a problem document',
  source: 'User info contract, error bodies: problem documents; RFC 9457, 3',
  why: 'Operators and their tools find the cause by a code, where a page of prose has to be read.',
  mend: [
    {
      stack: 'any',
      text: 'Send application/problem+json with type, title and status, and a code of your own that never changes.',
    },
    { stack: 'spring', text: 'Set spring.mvc.problemdetails.enabled=true.' },
    { stack: 'aspnet', text: 'Call AddProblemDetails.' },
  ],
  needs: ['control'],
  async run(context) {
    for (const { asked, answer } of await askErrors(usualErrors(context), context)) {
      const isProblem =
        findMediaType(answer) === 'application/problem+json' && findJson(decodeBody(answer.body)) !== null;
      assertConforms(isProblem || answer.status < 400, {
        asked,
        expected: 'application/problem+json',
        seen: describeAnswer(answer),
        change: 'send application/problem+json with type, title and status',
        answers: [answer],
      });
    }
  },
};

export const errorAnswers: Topic = {
  title: 'Error answers',
  checks: [otherBodies, errorSyntax, redirect, otherPathRefused, problem],
};
