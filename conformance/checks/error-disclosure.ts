// Checks of what errors reveal: stack traces, messages of data sources, versions, and an unescaped userid.
import type { Check, Topic } from '../check.ts';
import type { Answer } from '../http/endpoint-request.ts';
import { assertConforms, describeAnswer, findMediaType } from '../report/finding.ts';
import { decodeBody } from '../user-info-body.ts';
import { askErrors, type ErrorAnswer, everyError } from './error-cases.ts';
import { findBackendMessage, findStackTrace, findVersion } from './error-leaks.ts';
import { askOrClosed } from './refusal-checks.ts';

interface LeakRule {
  readonly expected: string;
  readonly change: string;
  /** Returns what a response reveals, as text without quoting it; null: nothing. */
  find(answer: Answer): string | null;
}

/** Throws if one of the responses reveals something. */
function assertNoLeak(answers: readonly ErrorAnswer[], { expected, change, find }: LeakRule): void {
  for (const { asked, answer } of answers) {
    const seen = find(answer);
    assertConforms(seen === null, { asked, expected, seen: seen ?? '', change, answers: [answer] });
  }
}

const stackTrace: Check = {
  id: 'errors-no-stack-trace',
  title: 'SHOULD NOT send a stack trace in an error',
  ruleSet: 'hardening',
  level: 'SHOULD',
  clauses: ['H-18'],
  impact: 'information-leak',
  why: 'A stack trace reveals the components of the endpoint, and often the requested user.',
  fix: [
    { stack: 'any', text: 'Log the stack trace, and send a problem document without it.' },
    { stack: 'express', text: 'Set NODE_ENV=production, or handle errors in a function with four parameters.' },
    { stack: 'flask', text: 'Disable debug mode, and register an error handler for Exception.' },
    { stack: 'spring', text: 'Set server.error.include-stacktrace=never.' },
    { stack: 'aspnet', text: 'Use UseExceptionHandler, and UseDeveloperExceptionPage only in development.' },
  ],
  needs: ['control'],
  run: async (context) =>
    assertNoLeak(await askErrors(everyError(context), context), {
      expected: 'an error without a stack trace',
      change: 'log the stack trace, and send a problem document without it',
      find: ({ body }) => findStackTrace(decodeBody(body)),
    }),
};

const backendMessage: Check = {
  id: 'errors-no-inner-messages',
  title: 'SHOULD NOT send messages of data sources or file paths in an error',
  ruleSet: 'hardening',
  level: 'SHOULD',
  clauses: ['H-18'],
  impact: 'information-leak',
  why: 'Messages of a database or an LDAP directory reveal queries, host names and files to an attacker.',
  fix: [
    {
      stack: 'any',
      text: 'Log the message of the data source or the file system, and send a problem document without it.',
    },
    { stack: 'spring', text: 'Set server.error.include-message=never.' },
  ],
  needs: ['control'],
  run: async (context) => {
    const path = context.options.url.pathname;
    assertNoLeak(await askErrors(everyError(context), context), {
      expected: 'an error without messages of data sources and without file paths',
      change: 'log the message of the data source or the file system, and send a problem document without it',
      // The endpoint may quote its own path, which can look like a file path, such as /opt/user-info.
      find: ({ body }) => findBackendMessage(decodeBody(body).replaceAll(path, '')),
    });
  },
};

const version: Check = {
  id: 'no-server-versions',
  title: 'SHOULD NOT reveal software versions',
  ruleSet: 'standards',
  level: 'SHOULD',
  clauses: ['S-17'],
  impact: 'information-leak',
  why: 'A version reveals which published vulnerabilities apply.',
  fix: [
    { stack: 'any', text: 'Remove versions from Server, X-Powered-By and error pages.' },
    { stack: 'express', text: "Set app.disable('x-powered-by')." },
    { stack: 'flask', text: 'The development server sends its version: use a production server.' },
    {
      stack: 'aspnet',
      text: 'Disable X-AspNet-Version with enableVersionHeader="false", and X-Powered-By in web.config.',
    },
    { stack: 'nginx', text: 'Set server_tokens off.' },
  ],
  needs: ['control'],
  run: async (context) => {
    const good = await context.askOnce({ userids: [context.knownUser] });
    const errors = await askErrors(everyError(context), context);
    assertNoLeak([{ asked: 'a known user', answer: good }, ...errors], {
      expected: 'headers and error bodies without versions',
      change: 'remove versions from Server, X-Powered-By and error pages',
      find: findVersion,
    });
  },
};

/** A name that no user has, and that an HTML page shows as bold text. */
const markup = '<b>kit</b>';

const escaped: Check = {
  id: 'errors-html-escaped',
  title: 'SHOULD NOT copy a userid unescaped into an HTML page',
  ruleSet: 'hardening',
  level: 'SHOULD',
  clauses: ['H-19'],
  impact: 'information-leak',
  why: 'If a user with access opens a link whose userid contains a script, the browser runs the script. The script can then read user info.',
  fix: [
    { stack: 'any', text: 'Send errors as application/problem+json, without the userid.' },
    { stack: 'express', text: 'Use res.json: res.send sends a string as HTML.' },
    { stack: 'flask', text: 'Return a dict, or escape(userid): a returned string is sent as HTML.' },
    { stack: 'go', text: 'Use html/template, or http.Error, which sends text/plain.' },
  ],
  needs: ['control'],
  async run(context) {
    const answer = await askOrClosed(context, { userids: [markup] });
    if (answer === null) return;
    const mediaType = findMediaType(answer);
    const isPage = mediaType === null || mediaType === 'text/html' || mediaType === 'application/xhtml+xml';
    assertConforms(!isPage || !decodeBody(answer.body).includes(markup), {
      asked: 'an unknown user whose name contains HTML',
      expected: 'a body that escapes the name, or that is not HTML',
      seen: `${describeAnswer(answer)}, and a body that contains the name unescaped`,
      change: 'send errors as application/problem+json, without the userid',
      answers: [answer],
    });
  },
};

export const errorDisclosure: Topic = {
  title: 'Information in errors',
  checks: [stackTrace, backendMessage, version, escaped],
};
