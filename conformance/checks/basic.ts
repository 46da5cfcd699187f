// Owns the checks of Basic credentials: missing, wrong and malformed ones are refused.
import type { Topic } from '../check.ts';
import { errorBodyCheck, type Refusal, refusalChecks } from './refusal-checks.ts';

/** Of every refusal of Basic credentials. */
export const basicShared = {
  statusSource: 'User info contract, statuses: credentials missing, malformed or wrong are 401; RFC 9110, 15.5.2',
  status: 401,
  // Who understands the request and refuses may say so: RFC 9110, 15.5.4.
  otherStatuses: [403],
  needs: ['basic-credentials', 'control'],
  auth: ['basic', 'both', 'either'],
} as const;

/** Of an Authorization that can't be read; servers say 400 to it too. */
export const malformedShared = {
  ...basicShared,
  otherStatuses: [403, 400],
  source: 'User info contract, authentication; RFC 7617, 2: credentials are the base64 of user name, colon, password',
  platformVerdict: 'information-leak',
} as const;

export const basicSource = 'User info contract, authentication: the Basic credentials must hold; RFC 7617, 2';

export const missing: Refusal = {
  ...basicShared,
  id: 'credentials-missing',
  request: 'a known user without Basic credentials',
  source: basicSource,
  why: 'Without credentials everybody who reaches the port learns who is in which group.',
  platformVerdict: 'information-leak',
  change:
    'check the credentials before anything else, and refuse when there are none; where both are declared, the client certificate alone is not enough',
  questions: ({ knownUser, credentials }) => [{ userids: [knownUser], credentials: credentials.withoutBasic }],
};

export const wrongPassword: Refusal = {
  ...basicShared,
  id: 'wrong-password',
  request: 'a known user with a wrong password',
  source: basicSource,
  why: 'Whoever knows the user name, which is no secret, learns who is in which group.',
  platformVerdict: 'information-leak',
  change: 'compare the whole password, and refuse when it differs',
  questions: ({ knownUser, credentials }) => [{ userids: [knownUser], credentials: credentials.wrongPassword }],
};

export const wrongUsername: Refusal = {
  ...basicShared,
  id: 'wrong-username',
  request: 'a known user with a wrong user name beside the right password',
  source: basicSource,
  why: 'The password of one account would open the endpoint under every name, and logs would name the wrong one.',
  platformVerdict: 'information-leak',
  change: 'compare the user name too, and refuse when it differs',
  questions: ({ knownUser, credentials }) => [{ userids: [knownUser], credentials: credentials.wrongUsername }],
};

export const malformedBase64: Refusal = {
  ...malformedShared,
  id: 'malformed-base64',
  request: 'a known user with an Authorization that is no base64',
  why: 'An error while decoding that lets the request through opens the endpoint to everybody.',
  change:
    'refuse what can not be decoded, as wrong credentials; an error while decoding must not let the request through',
  questions: ({ knownUser, credentials }) => [{ userids: [knownUser], credentials: credentials.malformedBase64 }],
};

export const withoutColon: Refusal = {
  ...malformedShared,
  id: 'credentials-without-colon',
  request: 'a known user with an Authorization without a colon',
  why: 'No password is not the right password: whoever knows the user name would be let in.',
  change: 'refuse credentials without a colon, as wrong ones: no password is not the right password',
  questions: ({ knownUser, credentials }) => [{ userids: [knownUser], credentials: credentials.withoutColon }],
};

export const basic: Topic = {
  title: 'Basic credentials',
  checks: [
    ...refusalChecks(missing),
    errorBodyCheck(
      'credentials-missing-error-body',
      'MUST NOT send user info in the refusal of missing credentials',
      missing,
    ),
    ...[wrongPassword, wrongUsername, malformedBase64, withoutColon].flatMap(refusalChecks),
  ],
};
