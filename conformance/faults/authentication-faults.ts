// Faults of authentication: client certificates and Basic credentials.
import type { AuthMode } from '../conformance-options.ts';
import { answersBasicWith, takesBasic } from './basic-faults.ts';
import { parseBasic } from './conformant-endpoint.ts';
import { type Fault, json, type Login, refusedWith, reply, withBody } from './fault.ts';

/** Returns the fault of an endpoint that accepts more requests than it should. */
function admits(
  name: string,
  auth: AuthMode,
  trips: readonly string[],
  isEnough: (has: { basic: boolean; certificate: boolean }) => boolean,
): Fault {
  return {
    name,
    auth,
    trips,
    alter: (good) => ({ admit: (has, request) => (isEnough(has) ? null : good.admit(has, request)) }),
  };
}

const decode = (authorization: string) => Buffer.from(authorization.replace(/^basic /i, ''), 'base64').toString();
const hasUsername = (authorization = '', { username }: Login) => parseBasic(authorization)?.username === username;
const hasWrongPassword = (authorization = '') => parseBasic(authorization)?.password.startsWith('wrong-') === true;
const hasPassword = (authorization = '', { password }: Login) => parseBasic(authorization)?.password === password;
const isMalformed = (authorization: string | undefined) => authorization !== undefined && decode(authorization) === '';
const lacksColon = (authorization = '') =>
  /^basic ./i.test(authorization) && decode(authorization) !== '' && !decode(authorization).includes(':');

/** Faults of client certificates, and of their combination with Basic. */
export const certificateFaults: readonly Fault[] = [
  admits('ignores-missing-certificate', 'mtls', ['client-certificate-missing-refused'], () => true),
  admits('basic-alone-accepted-in-both', 'both', ['client-certificate-missing-refused'], ({ basic }) => basic),
  admits(
    'certificate-alone-accepted-in-both',
    'both',
    [
      'credentials-missing-refused',
      'wrong-password-refused',
      'wrong-username-refused',
      'malformed-base64-refused',
      'credentials-without-colon-refused',
    ],
    ({ certificate }) => certificate,
  ),
  admits(
    'nothing-presented-accepted-in-both',
    'both',
    ['nothing-presented-refused'],
    ({ basic, certificate }) => !basic && !certificate,
  ),
  admits(
    'nothing-presented-accepted-in-either',
    'either',
    [
      'nothing-presented-refused',
      'credentials-missing-refused',
      'wrong-password-refused',
      'wrong-username-refused',
      'malformed-base64-refused',
      'credentials-without-colon-refused',
    ],
    () => true,
  ),
  refusedWith(
    'missing-certificate-500',
    ['client-certificate-missing-status', 'client-certificate-bad-status'],
    'certificate',
    500,
    'mtls',
  ),
  reply(
    'missing-certificate-with-groups',
    ['client-certificate-missing-error-body'],
    (refusal, { presented }) => refusal.status === 403 && presented === null,
    (good) => withBody(good, json({ groups: [{ name: 'staff' }], authorizations: {} })),
    'mtls',
  ),
  {
    name: 'certificate-demanded-in-either',
    auth: 'either',
    trips: ['either-basic-alone'],
    alter: () => ({ admit: ({ certificate }) => (certificate ? null : 'credentials') }),
  },
  {
    name: 'certificate-ignored-in-either',
    auth: 'either',
    trips: ['either-certificate-alone'],
    alter: () => ({ admit: ({ basic }) => (basic ? null : 'credentials') }),
  },
];

/** Faults of Basic credentials. */
export const basicFaults: readonly Fault[] = [
  reply(
    'missing-credentials-accepted',
    ['credentials-missing-refused'],
    (_reply, { authorization }) => authorization === undefined,
    (good) => ({ ...good, status: 200 }),
    'basic',
  ),
  answersBasicWith(
    'missing-credentials-404',
    ['credentials-missing-401'],
    404,
    (authorization) => authorization === undefined,
  ),
  reply(
    'error-body-with-groups',
    ['credentials-missing-error-body', 'wrong-credentials-error-body'],
    ({ status }) => status === 401,
    (good) => withBody(good, json({ groups: [{ name: 'staff' }], authorizations: {} })),
    'basic',
  ),
  takesBasic('accepts-any-password', ['wrong-password-refused'], hasUsername),
  answersBasicWith('wrong-password-500', ['wrong-password-401'], 500, hasWrongPassword),
  takesBasic('accepts-any-username', ['wrong-username-refused'], hasPassword),
  answersBasicWith('wrong-username-404', ['wrong-username-401'], 404, hasPassword),
  takesBasic('malformed-base64-accepted', ['malformed-base64-refused'], isMalformed),
  answersBasicWith('malformed-base64-500', ['malformed-base64-401'], 500, isMalformed),
  takesBasic('missing-colon-accepted', ['credentials-without-colon-refused'], lacksColon),
  answersBasicWith('missing-colon-500', ['credentials-without-colon-401'], 500, lacksColon),
];
