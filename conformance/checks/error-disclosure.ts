// Owns the checks of what errors disclose: stack traces, words of a source, versions, and a userid that a page would run.
import type { Check, Topic } from '../check.ts';
import { assertConforms, describeAnswer, findMediaType } from '../finding.ts';
import type { Answer } from '../question.ts';
import { decodeBody } from '../user-info-body.ts';
import { askErrors, everyError } from './error-cases.ts';
import { findBackendMessage, findStackTrace, findVersion } from './error-leaks.ts';
import { toSentence } from './refusal-checks.ts';

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

export const errorDisclosure: Topic = {
  title: 'What errors disclose',
  checks: [stackTrace, backendMessage, version, escaped],
};
