// Faults in the handling of credentials that are nearly right or written differently, and faults of challenges.
import { answersBasicWith, takesBasic } from './basic-faults.ts';
import { parseBasic, type Reply } from './conformant-endpoint.ts';
import { type Fault, json, type Login, reply, withBody, without } from './fault.ts';

/** Returns the fault of an endpoint that accepts the right user name with additional passwords. */
function takesPassword(name: string, id: string, isTaken: (given: string, password: string) => boolean): Fault {
  return takesBasic(name, [`${id}-refused`], (authorization, { username, password }) => {
    const given = parseBasic(authorization);
    return given?.username === username && isTaken(given.password, password);
  });
}

/** Returns the fault of an endpoint that fails for some Authorization headers. */
function failsAt(name: string, trips: readonly string[], when: (given: string, login: Login) => boolean): Fault {
  return answersBasicWith(name, trips, 500, (given, login) => given !== undefined && when(given, login));
}

/** Returns the fault of an endpoint that fails for the right user name with some passwords. */
function failsAtPassword(id: string, when: (given: string, password: string) => boolean): Fault {
  return failsAt(`${id}-500`, [`${id}-401`], (authorization, { username, password }) => {
    const given = parseBasic(authorization);
    return given?.username === username && when(given.password, password);
  });
}

const beforeColon = (text: string) => text.slice(0, text.lastIndexOf(':'));
const isCut = (given: string, password: string) => given === beforeColon(password);
const isExtended = (given: string, password: string) => beforeColon(given) === password;
const isEmpty = (given: string) => given === '';
const isEnding = (given: string, password: string) => given !== password && given === password.slice(1);
const isOtherCase = (given: string, password: string) =>
  given !== password && given.toLowerCase() === password.toLowerCase();

const tokenOf = (authorization: string) => /^\S+ +(\S+)$/.exec(authorization)?.[1] ?? '';
const rightToken = ({ username, password }: Login) => Buffer.from(`${username}:${password}`).toString('base64');
const isScheme = (scheme: string) => (authorization: string) => authorization.startsWith(`${scheme} `);
const isNotUtf8 = (authorization: string) => tokenOf(authorization).startsWith('//79');
const isEmptyBoth = (authorization: string) => tokenOf(authorization) === Buffer.from(':').toString('base64');
const isBeyondAscii = (authorization: string) => /[\u0080-\uffff]/.test(parseBasic(authorization)?.username ?? '');

const isRefused = ({ status }: Reply) => status === 401;
const challenge =
  (value: string) =>
  (good: Reply): Reply => ({ ...good, headers: { ...good.headers, 'WWW-Authenticate': value } });

const passwordFaults: readonly Fault[] = [
  takesPassword('password-cut-at-colon', 'password-prefix', isCut),
  failsAtPassword('password-prefix', isCut),
  takesPassword('password-cut-behind', 'password-extended', isExtended),
  failsAtPassword('password-extended', isExtended),
  takesPassword('empty-password-accepted', 'empty-password', isEmpty),
  failsAtPassword('empty-password', isEmpty),
  takesPassword('password-ending-accepted', 'password-ending', isEnding),
  failsAtPassword('password-ending', isEnding),
  takesPassword('password-letter-case-ignored', 'password-letter-case', isOtherCase),
  failsAtPassword('password-letter-case', isOtherCase),
];

/** The password of a run in which no colon can be a separator. */
const longPassword = '271828182845';

/** Compares only the part of the password that was sent. */
const comparedByBeginning: Fault = {
  name: 'password-compared-by-its-beginning',
  auth: 'basic',
  trips: ['password-prefix-refused'],
  options: { password: longPassword },
  alter: (_good, { username }) => ({
    holdsBasic(authorization) {
      const given = parseBasic(authorization);
      return given?.username === username && given.password.length > 6 && longPassword.startsWith(given.password);
    },
  }),
};

const headerFaults: readonly Fault[] = [
  takesBasic('empty-credentials-accepted', ['empty-credentials-refused'], isEmptyBoth),
  failsAt('empty-credentials-500', ['empty-credentials-401'], isEmptyBoth),
  takesBasic('missing-token-accepted', ['credentials-without-token-refused'], (given) => given === 'Basic'),
  failsAt('missing-token-500', ['credentials-without-token-401'], (given) => given === 'Basic'),
  takesBasic('bytes-that-are-no-utf-8-accepted', ['credentials-not-utf-8-refused'], isNotUtf8),
  failsAt('bytes-that-are-no-utf-8-500', ['credentials-not-utf-8-401'], isNotUtf8),
  takesBasic('scheme-not-looked-at', ['other-scheme-refused'], (given, login) => tokenOf(given) === rightToken(login)),
  takesBasic('scheme-found-anywhere', ['other-scheme-refused'], (given, login) =>
    given.endsWith(`Basic ${rightToken(login)}`),
  ),
  failsAt('bearer-500', ['other-scheme-401'], isScheme('Bearer')),
  failsAt('x-basic-500', ['other-scheme-401'], isScheme('XBasic')),
  {
    name: 'scheme-in-one-letter-case',
    auth: 'basic',
    trips: ['scheme-letter-case'],
    alter: (good) => ({ holdsBasic: (given) => isScheme('Basic')(given) && good.holdsBasic(given) }),
  },
  {
    name: 'two-spaces-500',
    auth: 'basic',
    trips: ['scheme-two-spaces'],
    alter: () => ({
      finish: (good, { authorization = '' }) => (authorization.includes('  ') ? { ...good, status: 500 } : good),
    }),
  },
  takesBasic(
    'base64-with-other-signs-accepted',
    ['base64-with-other-signs'],
    (given, login) =>
      Buffer.from(tokenOf(given), 'base64').toString('base64') === rightToken(login) && given.includes('!'),
  ),
  failsAt('letters-beyond-ascii-500', ['credentials-beyond-ascii-401'], isBeyondAscii),
];

const challengeFaults: readonly Fault[] = [
  reply(
    'no-challenge-for-wrong-credentials',
    ['wrong-credentials-challenge'],
    (good, { authorization }) => isRefused(good) && authorization !== undefined,
    (good) => without(good, 'WWW-Authenticate'),
    'basic',
  ),
  reply(
    'no-challenge-for-missing-credentials',
    ['credentials-missing-challenge'],
    (good, { authorization }) => isRefused(good) && authorization === undefined,
    (good) => without(good, 'WWW-Authenticate'),
    'basic',
  ),
  ...Object.entries({
    'challenge-without-realm': 'Basic',
    'challenge-that-does-not-end': 'Basic realm="user info',
    'challenge-with-a-semicolon': 'Basic realm="x"; charset="UTF-8"',
    'challenge-that-is-empty': '',
    'challenge-without-realm-behind-another': 'Bearer realm="x", Basic',
  }).map(([name, value]) =>
    reply(name, ['credentials-missing-challenge', 'wrong-credentials-challenge'], isRefused, challenge(value), 'basic'),
  ),
  reply(
    'realm-without-quotes',
    ['challenge-realm-quoted'],
    isRefused,
    challenge('Basic realm=x, charset="UTF-8"'),
    'basic',
  ),
  reply(
    'second-realm-without-quotes',
    ['challenge-realm-quoted'],
    isRefused,
    challenge('Basic realm="x", charset="UTF-8", Basic realm=x, charset="UTF-8"'),
    'basic',
  ),
  ...Object.entries({
    'challenge-without-charset': 'Basic realm="x"',
    'challenge-in-latin-1': 'Basic realm="x", charset="ISO-8859-1"',
    'challenge-in-nearly-utf-8': 'Basic realm="x", charset="UTF-8M"',
    'challenge-in-more-than-utf-8': 'Basic realm="x", charset="XUTF-8"',
    'second-challenge-without-charset': 'Basic realm="x", charset="UTF-8", Basic realm="y"',
  }).map(([name, value]) => reply(name, ['challenge-charset-utf-8'], isRefused, challenge(value), 'basic')),
  reply(
    'wrong-credentials-with-groups',
    ['wrong-credentials-error-body'],
    (good, { authorization }) => isRefused(good) && authorization !== undefined,
    (good) => withBody(good, json({ groups: [{ name: 'staff' }], authorizations: {} })),
    'basic',
  ),
];

export const credentialFaults: readonly Fault[] = [
  ...passwordFaults,
  comparedByBeginning,
  ...headerFaults,
  ...challengeFaults,
];
