// Checks of error responses: body, message syntax, redirects, other paths and problem documents.
import type { Check, Topic } from '../check.ts';
import { assertConforms, describeAnswer, findMediaType } from '../report/finding.ts';
import { couldBeUserInfo, decodeBody, findJson } from '../user-info-body.ts';
import { askErrors, everyError, otherErrors, otherPath, usualErrors } from './error-cases.ts';
import { errorSyntax } from './message-syntax.ts';
import { askOrClosed } from './refusal-checks.ts';

const otherPathRefused: Check = {
  id: 'other-path-refused',
  title: 'SHOULD NOT respond with 200 on other paths',
  ruleSet: 'hardening',
  level: 'SHOULD',
  clauses: ['H-14'],
  impact: 'cosmetic',
  why: 'The rules of a proxy, firewall or log apply to a path: requests for other paths bypass them.',
  fix: [
    { stack: 'any', text: 'Compare the path exactly, and respond with 404 to every other path.' },
    { stack: 'go', text: 'A pattern that ends in a slash matches every path below it: register the exact path.' },
    { stack: 'nginx', text: 'Use location = /user-info, which does not match longer paths.' },
  ],
  needs: ['control'],
  async run(context) {
    const { asked, request } = otherPath(context);
    const answer = await askOrClosed(context, request);
    if (!answer) return;
    assertConforms(answer.status !== 200, {
      asked: `a known user under ${asked}`,
      expected: 'status 404, or any other status except 200',
      seen: describeAnswer(answer),
      change: 'compare the path exactly, and respond with 404 to every other path',
      answers: [answer],
    });
  },
};

const otherBodies: Check = {
  id: 'other-errors-error-body',
  title: 'SHOULD NOT send user info in errors that other checks do not cover',
  ruleSet: 'hardening',
  level: 'SHOULD',
  clauses: ['H-15'],
  impact: 'silently-wrong-access',
  why: 'A client that ignores the status reads the body of the error as user info.',
  fix: [
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
        seen: `${describeAnswer(answer)}, and a body with such a key`,
        change: 'send an error body without the keys groups and authorizations, e.g. a problem document (RFC 9457)',
        answers: [answer],
      });
    }
  },
};

const redirect: Check = {
  id: 'errors-no-redirect',
  title: 'SHOULD respond to a refused request with an error instead of a redirect',
  ruleSet: 'hardening',
  level: 'SHOULD',
  clauses: ['H-16'],
  impact: 'silently-wrong-access',
  why: 'Most HTTP clients follow a redirect, and mistake the 200 of a login or error page for user info.',
  fix: [
    { stack: 'any', text: 'Respond with 4xx instead of a redirect to a login or error page.' },
    {
      stack: 'spring',
      text: 'Set an AuthenticationEntryPoint that responds with 401: form login redirects by default.',
    },
    { stack: 'aspnet', text: 'Respond with 401 in the events of the cookie scheme, such as OnRedirectToLogin.' },
  ],
  needs: ['control'],
  async run(context) {
    for (const { asked, answer } of await askErrors(everyError(context), context)) {
      assertConforms(answer.status >= 400 || answer.status === 304, {
        asked,
        expected: 'an error',
        seen: `a redirect, status ${answer.status}`,
        change: 'respond with 4xx instead of a redirect to a login or error page',
        answers: [answer],
      });
    }
  },
};

const problem: Check = {
  id: 'errors-problem-document',
  title: 'MAY describe an unknown user and a missing userid in a problem document',
  ruleSet: 'hardening',
  level: 'MAY',
  clauses: ['H-17'],
  impact: 'cosmetic',
  why: 'Operators and tools can identify the cause by its code instead of reading an error page.',
  fix: [
    {
      stack: 'any',
      text: 'Send application/problem+json with type, title and status, and a stable code of your own.',
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

export const errorResponses: Topic = {
  title: 'Error responses',
  checks: [otherBodies, errorSyntax, redirect, otherPathRefused, problem],
};
