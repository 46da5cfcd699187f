// Owns the checks of what every error answer has in common: nothing of a user, nothing of the inside, and no way round it.
import type { Check, Topic } from '../check.ts';
import type { CheckContext, ShortQuestion } from '../check-context.ts';
import { assertConforms, describeAnswer, findMediaType } from '../finding.ts';
import type { Answer } from '../question.ts';
import { couldBeUserInfo, decodeBody, findJson } from '../user-info-body.ts';
import { findBackendMessage, findStackTrace, findVersion } from './error-leaks.ts';
import { askOrRefusedByTls, toSentence } from './refusal-checks.ts';

/** One error that an endpoint can be made to answer without doing harm. */
interface ErrorCase {
  readonly asked: string;
  readonly question: ShortQuestion;
}

/** Another path, of which the endpoint knows nothing. */
function otherPath({ options, knownUser }: CheckContext): ErrorCase {
  const path = `${options.url.pathname.replace(/\/$/, '')}-kit-no-such-path`;
  return { asked: 'another path', question: { userids: [knownUser], path } };
}

/** The errors that have no check of their own body. Questions are those of other checks, and sent once for all. */
function otherErrors(context: CheckContext): readonly ErrorCase[] {
  const { knownUser, unknownUser } = context;
  return [
    { asked: 'an empty userid', question: { userids: [''] } },
    { asked: 'a repeated userid', question: { userids: [knownUser, unknownUser] } },
    {
      asked: 'a known user with NUL behind it',
      question: {
        userids: [],
        query: `userid=${encodeURIComponent(knownUser)}%00`,
        shown: 'userid=$KNOWN_USER%00',
      },
    },
    { asked: 'another method', question: { userids: [knownUser], method: 'PROPFIND' } },
    otherPath(context),
  ];
}

/** The errors that have a check of their own body too. */
function usualErrors({ unknownUser }: CheckContext): readonly ErrorCase[] {
  return [
    { asked: 'an unknown user', question: { userids: [unknownUser] } },
    { asked: 'a request without userid', question: { userids: [] } },
  ];
}

function everyError(context: CheckContext): readonly ErrorCase[] {
  return [...usualErrors(context), ...otherErrors(context)];
}

interface ErrorAnswer {
  readonly asked: string;
  readonly answer: Answer;
}

/** What was answered with anything but success; that there was a 200 is for other checks to say. */
async function askErrors(cases: readonly ErrorCase[], context: CheckContext): Promise<readonly ErrorAnswer[]> {
  const errors: ErrorAnswer[] = [];
  for (const { asked, question } of cases) {
    const answer = await askOrRefusedByTls(context, question);
    if (answer && answer.status >= 300) errors.push({ asked, answer });
  }
  return errors;
}

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

/** A SHOULD that no error tells of the inside what `find` finds, in words without what it found. */
function leakCheck(
  data: Pick<Check, 'id' | 'title' | 'source' | 'why' | 'mend'> & {
    readonly expected: string;
    readonly change: string;
  },
  takesSuccess: boolean,
  find: (answer: Answer) => string | null,
): Check {
  const { expected, change, ...rest } = data;
  return {
    ...rest,
    level: 'SHOULD',
    platformVerdict: 'information-leak',
    mend: [{ stack: 'any', text: toSentence(change) }, ...data.mend],
    needs: ['control'],
    async run(context) {
      const good = await context.askOnce({ userids: [context.knownUser] });
      const success = takesSuccess ? [{ asked: 'a known user', answer: good }] : [];
      for (const { asked, answer } of [...success, ...(await askErrors(everyError(context), context))]) {
        const seen = find(answer);
        assertConforms(seen === null, { asked, expected, seen: seen ?? '', change, answers: [answer] });
      }
    },
  };
}

const stackTrace = leakCheck(
  {
    id: 'errors-no-stack-trace',
    title: 'SHOULD NOT send a stack trace in an error',
    source: 'User info contract, statuses: nothing of the inside is shown; RFC 9457, 5',
    why: 'A stack trace tells what the endpoint is made of, and often whom it was asked for.',
    expected: 'an error without a stack trace',
    change: 'log the stack trace, and send a problem document without it',
    mend: [
      { stack: 'express', text: 'Set NODE_ENV=production, or handle errors with a function of four parameters.' },
      { stack: 'flask', text: 'Run without debug, and handle Exception.' },
      { stack: 'spring', text: 'Set server.error.include-stacktrace=never.' },
      { stack: 'aspnet', text: 'Use UseExceptionHandler, and UseDeveloperExceptionPage in development only.' },
    ],
  },
  false,
  ({ body }) => findStackTrace(decodeBody(body)),
);

const backendMessage = leakCheck(
  {
    id: 'errors-no-inner-messages',
    title: 'SHOULD NOT send messages of its source, or paths of its files, in an error',
    source: 'User info contract, statuses: nothing of the inside is shown; RFC 9457, 5',
    why: 'The words of a database or a directory tell an attacker how its query is made, and the names of hosts and files.',
    expected: 'an error in words of its own',
    change: 'log what the source or the file system said, and send a problem document without it',
    mend: [{ stack: 'spring', text: 'Set server.error.include-message=never.' }],
  },
  false,
  ({ body }) => findBackendMessage(decodeBody(body)),
);

const version = leakCheck(
  {
    id: 'no-server-versions',
    title: 'SHOULD NOT tell the versions of its software',
    source: 'RFC 9110, 10.2.4: needlessly fine-grained detail should not be sent',
    why: 'A version says which published hole fits.',
    expected: 'headers and error bodies without versions',
    change: 'leave versions out of Server, X-Powered-By and error pages',
    mend: [
      { stack: 'express', text: "Set app.disable('x-powered-by')." },
      { stack: 'flask', text: 'The development server tells Werkzeug’s and Python’s: put a real server in front.' },
      {
        stack: 'aspnet',
        text: 'Take X-AspNet-Version out with enableVersionHeader="false", and X-Powered-By in web.config.',
      },
      { stack: 'nginx', text: 'Set server_tokens off.' },
    ],
  },
  true,
  findVersion,
);

/** Nobody's name, and one that a page would show as bold text. */
const markup = '<b>kit</b>';

const escaped: Check = {
  id: 'errors-html-escaped',
  level: 'SHOULD',
  platformVerdict: 'information-leak',
  title: 'SHOULD NOT put a userid as it is into a page of HTML',
  source: 'User info contract, statuses: an error shows nothing of the request; RFC 9110, 17',
  why: 'A link with a script as userid would run in the browser of whoever is let in, and read what the endpoint tells.',
  mend: [
    { stack: 'any', text: 'Send errors as application/problem+json, and do not repeat the userid.' },
    { stack: 'express', text: 'Use res.json: res.send of a string is HTML.' },
    { stack: 'flask', text: 'Return a dict, or escape(userid): a returned string is HTML.' },
    { stack: 'go', text: 'Use http.Error, which is text/plain, or html/template.' },
  ],
  needs: ['control'],
  async run(context) {
    const answer = await context.askOnce({ userids: [markup] });
    const mediaType = findMediaType(answer);
    const isPage = mediaType === null || mediaType === 'text/html' || mediaType === 'application/xhtml+xml';
    assertConforms(!isPage || !decodeBody(answer.body).includes(markup), {
      asked: 'an unknown user whose name has the signs of HTML',
      expected: 'a body that does not have them as they were sent, or that is no HTML',
      seen: `${describeAnswer(answer)}, with the name in it as it was sent`,
      change: 'send errors as application/problem+json, and do not repeat the userid',
      answers: [answer],
    });
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
  checks: [otherBodies, redirect, otherPathRefused, stackTrace, backendMessage, version, escaped, problem],
};
