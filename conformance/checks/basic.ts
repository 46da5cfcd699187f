// Checks that missing, wrong and malformed Basic credentials are refused.
import type { Check, Topic } from '../check.ts';
import type { CheckContext } from '../check-context.ts';
import { moreFailedLogins } from '../http/credentials.ts';
import { assertNothingDisclosed, disclosure } from './disclosure.ts';
import { type Refusal, refusalChecks } from './refusal-checks.ts';

/** Shared fields of all checks that Basic credentials are refused. */
export const basicShared = {
  // 403 refuses a request that the server understood (RFC 9110, 15.5.4).
  statuses: [401, 403],
  needs: ['basic-credentials', 'control'],
  auth: ['basic', 'both', 'either'],
} as const;

/** Shared fields of the checks that a malformed Authorization header is refused; some servers respond with 400. */
export const malformedShared = {
  ...basicShared,
  statuses: [401, 403, 400],
} as const;

export const missing: Refusal = {
  ...basicShared,
  refused: {
    id: 'credentials-missing-refused',
    title: 'MUST respond with a non-200 status when Basic credentials are missing',
    ruleSet: 'contract',
    level: 'MUST',
    clauses: ['C-13'],
    impact: 'information-leak',
  },
  status: {
    id: 'credentials-missing-401',
    title: 'SHOULD respond with 401 or 403 when Basic credentials are missing',
    ruleSet: 'standards',
    level: 'SHOULD',
    clauses: ['S-18'],
    impact: 'cosmetic',
  },
  request: 'a known user without Basic credentials',
  why: 'Every client that reaches the port can read the groups and attributes of every user.',
  change:
    'check the credentials first, and respond with 401 when there are none. A client certificate that is also required is not sufficient on its own',
  requests: ({ knownUser, credentials }) => [{ userids: [knownUser], credentials: credentials.withoutBasic }],
};

export const wrongPassword: Refusal = {
  ...basicShared,
  refused: {
    id: 'wrong-password-refused',
    title: 'MUST respond with a non-200 status when the password is wrong',
    ruleSet: 'contract',
    level: 'MUST',
    clauses: ['C-14'],
    impact: 'information-leak',
  },
  status: {
    id: 'wrong-password-401',
    title: 'SHOULD respond with 401 or 403 when the password is wrong',
    ruleSet: 'standards',
    level: 'SHOULD',
    clauses: ['S-18'],
    impact: 'cosmetic',
  },
  request: 'a known user with a wrong password',
  why: 'A client that knows the user name, which is not secret, can read the groups of every user.',
  change: 'compare the whole password, and respond with 401 when it differs',
  requests: ({ knownUser, credentials }) => [{ userids: [knownUser], credentials: credentials.wrongPassword }],
};

export const wrongUsername: Refusal = {
  ...basicShared,
  refused: {
    id: 'wrong-username-refused',
    title: 'MUST respond with a non-200 status when the user name is wrong',
    ruleSet: 'contract',
    level: 'MUST',
    clauses: ['C-14'],
    impact: 'information-leak',
  },
  status: {
    id: 'wrong-username-401',
    title: 'SHOULD respond with 401 or 403 when the user name is wrong',
    ruleSet: 'standards',
    level: 'SHOULD',
    clauses: ['S-18'],
    impact: 'cosmetic',
  },
  request: 'a known user with a wrong user name and the right password',
  why: 'Any user name works with the password, and logs record the wrong user name.',
  change: 'compare the user name too, and respond with 401 when it differs',
  requests: ({ knownUser, credentials }) => [{ userids: [knownUser], credentials: credentials.wrongUsername }],
};

const malformedBase64: Refusal = {
  ...malformedShared,
  refused: {
    id: 'malformed-base64-refused',
    title: 'MUST respond with a non-200 status when the credentials are not Base64',
    ruleSet: 'contract',
    level: 'MUST',
    clauses: ['C-14'],
    impact: 'information-leak',
  },
  status: {
    id: 'malformed-base64-401',
    title: 'SHOULD respond with 401, 403 or 400 when the credentials are not Base64',
    ruleSet: 'standards',
    level: 'SHOULD',
    clauses: ['S-18'],
    impact: 'cosmetic',
  },
  request: 'a known user with an Authorization header that is not Base64',
  why: 'If a decoding error lets the request pass, the endpoint is open to every client.',
  change: 'treat credentials as wrong if they cannot be decoded',
  requests: ({ knownUser, credentials }) => [{ userids: [knownUser], credentials: credentials.malformedBase64 }],
};

const withoutColon: Refusal = {
  ...malformedShared,
  refused: {
    id: 'credentials-without-colon-refused',
    title: 'MUST respond with a non-200 status when the credentials have no colon',
    ruleSet: 'contract',
    level: 'MUST',
    clauses: ['C-14'],
    impact: 'information-leak',
  },
  status: {
    id: 'credentials-without-colon-401',
    title: 'SHOULD respond with 401, 403 or 400 when the credentials have no colon',
    ruleSet: 'standards',
    level: 'SHOULD',
    clauses: ['S-18'],
    impact: 'cosmetic',
  },
  request: 'a known user with credentials without a colon',
  needs: [...malformedShared.needs, 'more-failed-logins'],
  why: 'If a missing password is accepted, every client that knows the user name can read user info.',
  change: 'treat credentials without a colon as wrong credentials',
  requests: ({ knownUser, credentials }) => [{ userids: [knownUser], credentials: credentials.withoutColon }],
};

/** Returns the requests with wrong credentials for which the budget of failed logins suffices. */
export function wrongCredentials({ options }: CheckContext): readonly Refusal[] {
  const rarer = options.maxFailedLogins >= moreFailedLogins ? [withoutColon] : [];
  return [wrongPassword, wrongUsername, malformedBase64, ...rarer];
}

const missingErrorBody: Check = {
  id: 'credentials-missing-error-body',
  title: 'MUST NOT send user info in the response to missing credentials',
  ruleSet: 'contract',
  level: 'MUST',
  clauses: ['C-13'],
  impact: 'information-leak',
  ...disclosure,
  needs: basicShared.needs,
  auth: basicShared.auth,
  run: (context) => assertNothingDisclosed([missing], context),
};

export const basic: Topic = {
  title: 'Basic credentials',
  checks: [
    ...refusalChecks(missing),
    missingErrorBody,
    ...[wrongPassword, wrongUsername, malformedBase64, withoutColon].flatMap(refusalChecks),
  ],
};
