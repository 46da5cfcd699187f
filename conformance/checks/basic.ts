// Owns the checks of Basic credentials: missing, wrong and malformed ones are refused, with a challenge.
import type { Check, Topic } from '../check.ts';
import { assertConforms, describeAnswer } from '../finding.ts';
import { askRefusal, errorBodyCheck, type Refusal, refusalChecks } from './refusal-checks.ts';

const shared = {
  statusSource: 'User info contract, statuses: credentials missing, malformed or wrong are 401; RFC 9110, 15.5.2',
  status: 401,
  needs: ['basic-credentials', 'control'],
  auth: ['basic', 'both', 'either'],
} as const;

const source = 'User info contract, authentication: the Basic credentials must hold; RFC 7617, 2';

const missing: Refusal = {
  ...shared,
  id: 'credentials-missing',
  request: 'a known user without Basic credentials',
  source,
  why: 'Without credentials everybody who reaches the port learns who is in which group.',
  platformVerdict: 'information-leak',
  change:
    'check the credentials before anything else, and refuse when there are none; where both are declared, the client certificate alone is not enough',
  questions: ({ knownUser, credentials }) => [{ userids: [knownUser], credentials: credentials.withoutBasic }],
};

const wrongPassword: Refusal = {
  ...shared,
  id: 'wrong-password',
  request: 'a known user with a wrong password',
  source,
  why: 'Whoever knows the user name, which is no secret, learns who is in which group.',
  platformVerdict: 'information-leak',
  change: 'compare the whole password, and refuse when it differs',
  questions: ({ knownUser, credentials }) => [{ userids: [knownUser], credentials: credentials.wrongPassword }],
};

const wrongUsername: Refusal = {
  ...shared,
  id: 'wrong-username',
  request: 'a known user with a wrong user name beside the right password',
  source,
  why: 'The password of one account would open the endpoint under every name, and logs would name the wrong one.',
  platformVerdict: 'information-leak',
  change: 'compare the user name too, and refuse when it differs',
  questions: ({ knownUser, credentials }) => [{ userids: [knownUser], credentials: credentials.wrongUsername }],
};

const malformedBase64: Refusal = {
  ...shared,
  id: 'malformed-base64',
  request: 'a known user with an Authorization that is no base64',
  source: 'User info contract, authentication; RFC 7617, 2: credentials are the base64 of user name, colon, password',
  why: 'An error while decoding that lets the request through opens the endpoint to everybody.',
  platformVerdict: 'information-leak',
  change:
    'refuse what can not be decoded, as wrong credentials; an error while decoding must not let the request through',
  questions: ({ knownUser, credentials }) => [{ userids: [knownUser], credentials: credentials.malformedBase64 }],
};

const withoutColon: Refusal = {
  ...shared,
  id: 'credentials-without-colon',
  request: 'a known user with an Authorization without a colon',
  source: 'User info contract, authentication; RFC 7617, 2: credentials are the base64 of user name, colon, password',
  why: 'No password is not the right password: whoever knows the user name would be let in.',
  platformVerdict: 'information-leak',
  change: 'refuse credentials without a colon, as wrong ones: no password is not the right password',
  questions: ({ knownUser, credentials }) => [{ userids: [knownUser], credentials: credentials.withoutColon }],
};

/** Whether a challenge can be used: any scheme, and for Basic with its realm. */
function isChallenge(header: string): boolean {
  return (
    /^\s*[\w!#$%&'*+.^`|~-]+(?:\s|,|$)/.test(header) && (!/\bBasic\b/i.test(header) || /\brealm\s*=/i.test(header))
  );
}

const challenge: Check = {
  id: 'credentials-missing-challenge',
  level: 'MUST',
  title: 'MUST send a challenge in WWW-Authenticate when it answers 401',
  platformVerdict: 'refused',
  source: 'RFC 9110, 11.6.1; RFC 7617, 2: the realm is required',
  why: 'A client that sends credentials only when it is asked for them never sends any.',
  mend: [
    { stack: 'any', text: 'Send WWW-Authenticate: Basic realm="…", charset="UTF-8" with every 401.' },
    { stack: 'nginx', text: 'auth_basic sends it; where an error page replaces the 401, keep the header with always.' },
  ],
  needs: shared.needs,
  auth: shared.auth,
  async run(context) {
    for (const answer of await askRefusal(missing, context)) {
      const header = answer.header('www-authenticate');
      assertConforms(answer.status !== 401 || isChallenge(header ?? ''), {
        asked: missing.request,
        expected: 'with the status 401 a header WWW-Authenticate, for Basic with a realm',
        seen: header === null ? `${describeAnswer(answer)}, and no such header` : 'a header that is no whole challenge',
        change: 'send WWW-Authenticate: Basic realm="…", charset="UTF-8" with every 401',
        answers: [answer],
      });
    }
  },
};

export const basic: Topic = {
  title: 'Basic credentials',
  checks: [
    ...refusalChecks(missing),
    challenge,
    errorBodyCheck(
      'credentials-missing-error-body',
      'MUST NOT send user info in the refusal of missing credentials',
      missing,
    ),
    ...[wrongPassword, wrongUsername, malformedBase64, withoutColon].flatMap(refusalChecks),
  ],
};
