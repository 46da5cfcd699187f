// Owns the faults: one-line changes of the conformant endpoint, each with the ids of exactly those checks that must find it.
import { setTimeout as sleep } from 'node:timers/promises';
import type { UserInfo } from '../../schemas/generated/user-info.ts';
import type { AuthMode } from '../conformance-options.ts';
import {
  type EndpointOptions,
  type EndpointRequest,
  parseBasic,
  type Refused,
  type Reply,
  type Steps,
} from './conformant-endpoint.ts';

/** The Basic credentials that the endpoint should ask for. */
export type Login = Pick<EndpointOptions, 'username' | 'password'>;

/** One fault. */
export interface Fault {
  /** Permanent and readable. */
  readonly name: string;
  /** The declared authentication of the endpoint that has it. */
  readonly auth: AuthMode;
  /** Ids of the checks that fail, and no other fails. */
  readonly trips: readonly string[];
  alter(good: Steps, login: Login): Partial<Steps>;
}

const empty: UserInfo = { groups: [], authorizations: {} };
const withBody = (reply: Reply, body: string): Reply => ({ ...reply, body });
const json = (value: unknown): string => JSON.stringify(value);
const without = (reply: Reply, name: string): Reply => ({
  ...reply,
  headers: Object.fromEntries(Object.entries(reply.headers).filter(([header]) => header !== name)),
});

/** A fault of the body of a 200. */
function body(name: string, trips: readonly string[], writeBody: Steps['writeBody'], auth: AuthMode = 'none'): Fault {
  return { name, auth, trips, alter: () => ({ writeBody }) };
}

/** A fault of the answers for which `when` holds. */
function reply(
  name: string,
  trips: readonly string[],
  when: (reply: Reply, request: EndpointRequest) => boolean,
  change: (reply: Reply) => Reply,
  auth: AuthMode = 'none',
): Fault {
  const finish: Steps['finish'] = (good, request) => (when(good, request) ? change(good) : good);
  return { name, auth, trips, alter: () => ({ finish }) };
}

/** A refusal with another status. */
function refusedWith(
  name: string,
  trips: readonly string[],
  why: Refused,
  status: number,
  auth: AuthMode = 'none',
): Fault {
  return {
    name,
    auth,
    trips,
    alter: (good) => ({
      refuse: (reason, request) => ({ ...good.refuse(reason, request), ...(reason === why ? { status } : {}) }),
    }),
  };
}

/** An endpoint that lets in more. */
function admits(
  name: string,
  auth: AuthMode,
  trips: readonly string[],
  isEnough: (has: { basic: boolean; certificate: boolean }) => boolean,
): Fault {
  return { name, auth, trips, alter: (good) => ({ admit: (has) => (isEnough(has) ? null : good.admit(has)) }) };
}

/** An endpoint that takes Authorization headers which do not hold. */
function takesBasic(
  name: string,
  trips: readonly string[],
  takes: (authorization: string, login: Login) => boolean,
): Fault {
  return {
    name,
    auth: 'basic',
    trips,
    alter: (good, login) => ({
      holdsBasic: (authorization) => takes(authorization, login) || good.holdsBasic(authorization),
    }),
  };
}

/** A 401 with another status, for some Authorization headers. */
function answersBasicWith(
  name: string,
  trips: readonly string[],
  status: number,
  when: (authorization: string | undefined, login: Login) => boolean,
): Fault {
  return {
    name,
    auth: 'basic',
    trips,
    alter: (_good, login) => ({
      finish: (good, { authorization }) =>
        good.status === 401 && when(authorization, login) ? { ...good, status } : good,
    }),
  };
}

const is200 = ({ status }: Reply) => status === 200;
const isHead = (_reply: Reply, { method }: EndpointRequest) => method === 'HEAD';
const lacksUserid = (_reply: Reply, { userids }: EndpointRequest) => userids.length === 0;
const hasEmptyUserid = (_reply: Reply, { userids }: EndpointRequest) => userids[0] === '';
const decode = (authorization: string) => Buffer.from(authorization.replace(/^basic /i, ''), 'base64').toString();
const hasUsername = (authorization = '', { username }: Login) => parseBasic(authorization)?.username === username;
const hasPassword = (authorization = '', { password }: Login) => parseBasic(authorization)?.password === password;
const isMalformed = (authorization: string | undefined) => authorization !== undefined && decode(authorization) === '';
const lacksColon = (authorization = '') => decode(authorization) !== '' && !decode(authorization).includes(':');
const names = ({ groups }: UserInfo) => groups.map(({ name }) => name);

const knownUserFaults: readonly Fault[] = [
  { name: 'known-user-404', auth: 'none', trips: ['known-user-200'], alter: () => ({ findUser: () => null }) },
  reply('known-user-204', ['known-user-200'], is200, (good) => ({ ...good, status: 204, body: '' })),
  reply('known-user-redirected', ['known-user-200'], is200, (good) => ({
    ...good,
    status: 302,
    headers: { Location: '/login' },
  })),
  reply('text-plain', ['known-user-content-type'], is200, (good) => ({
    ...good,
    headers: { 'Content-Type': 'text/plain' },
  })),
  reply('no-content-type', ['known-user-content-type'], is200, (good) => without(good, 'Content-Type')),
  reply('html-with-200', ['known-user-content-type', 'known-user-json'], is200, (good) => ({
    ...good,
    headers: { 'Content-Type': 'text/html' },
    body: '<!doctype html><title>Log in</title>',
  })),
  reply('cacheable', ['known-user-no-store'], is200, (good) => ({
    ...good,
    headers: { ...good.headers, 'Cache-Control': 'public, max-age=60' },
  })),
  body('latin-1', ['known-user-utf-8'], (user) => Buffer.from(json(user), 'latin1')),
  body('utf-16', ['known-user-utf-8', 'known-user-json'], (user) => Buffer.from(json(user), 'utf16le')),
  body('trailing-comma', ['known-user-json'], (user) => json(user).replace(/\]/g, ',]')),
  body('byte-order-mark', ['known-user-json'], (user) => `\uFEFF${json(user)}`),
  body('comment-in-json', ['known-user-json'], (user) => `// user info\n${json(user)}`),
  body('single-quotes', ['known-user-json'], (user) => json(user).replaceAll('"', "'")),
  body('not-a-number', ['known-user-json'], (user) =>
    json(user).replace('"authorizations":{', '"authorizations":{"level":NaN,'),
  ),
  body('two-json-texts', ['known-user-json'], (user) => `${json(user)}${json(user)}`),
  body('empty-200', ['known-user-json'], () => ''),
  body('groups-as-strings', ['known-user-schema'], (user) => json({ ...user, groups: names(user) })),
  body('groups-null', ['known-user-schema'], (user) => json({ ...user, groups: null })),
  body('groups-missing', ['known-user-schema'], ({ authorizations }) => json({ authorizations })),
  body('group-name-empty', ['known-user-schema'], (user) => json({ ...user, groups: [...user.groups, { name: '' }] })),
  body('group-with-extra-key', ['known-user-schema'], (user) =>
    json({ ...user, groups: names(user).map((name) => ({ name, id: 7 })) }),
  ),
  body('authorizations-missing', ['known-user-schema'], ({ groups }) => json({ groups })),
  body('authorizations-as-list', ['known-user-schema'], (user) =>
    json({ ...user, authorizations: [user.authorizations] }),
  ),
  body('authorizations-scalar', ['known-user-schema'], (user) => json({ ...user, authorizations: { city: 'Zürich' } })),
  body('authorizations-number', ['known-user-schema'], (user) => json({ ...user, authorizations: { level: [7] } })),
  body('authorizations-value-null', ['known-user-schema'], (user) =>
    json({ ...user, authorizations: { level: [null] } }),
  ),
  body('extra-key', ['known-user-schema'], (user) => json({ ...user, userid: 'x' })),
  body('wrapped', ['known-user-schema'], (user) => json({ data: user })),
  body('list-of-one', ['known-user-schema'], (user) => json([user])),
];

const refusalFaults: readonly Fault[] = [
  {
    name: 'unknown-user-200-empty',
    auth: 'none',
    trips: ['unknown-user-refused'],
    alter: (good) => ({ findUser: async (userid) => (await good.findUser(userid)) ?? empty }),
  },
  refusedWith('unknown-user-500', ['unknown-user-404'], 'user', 500),
  reply(
    'unknown-user-404-with-groups',
    ['unknown-user-error-body'],
    ({ status }) => status === 404,
    (good) => withBody(good, json(empty)),
  ),
  reply('userid-missing-200-empty', ['userid-missing-refused'], lacksUserid, (good) => ({
    ...good,
    status: 200,
    body: json(empty),
  })),
  reply('userid-missing-404', ['userid-missing-400'], lacksUserid, (good) => ({ ...good, status: 404 })),
  reply('userid-missing-with-groups', ['userid-missing-error-body'], lacksUserid, (good) =>
    withBody(good, json({ error: { groups: [] } })),
  ),
  reply('userid-empty-200-empty', ['userid-empty-refused'], hasEmptyUserid, (good) => ({
    ...good,
    status: 200,
    body: json(empty),
  })),
  reply('userid-empty-500', ['userid-empty-400'], hasEmptyUserid, (good) => ({ ...good, status: 500 })),
  {
    name: 'userid-repeated-takes-first',
    auth: 'none',
    trips: ['userid-repeated-refused'],
    alter: () => ({ findUserid: ([first]) => first || null }),
  },
  {
    name: 'userid-repeated-takes-last',
    auth: 'none',
    trips: ['userid-repeated-refused'],
    alter: () => ({ findUserid: (userids) => userids.at(-1) || null }),
  },
  {
    name: 'userid-repeated-joined',
    auth: 'none',
    trips: ['userid-repeated-400'],
    alter: () => ({ findUserid: (userids) => userids.join(',') || null }),
  },
];

const methodFaults: readonly Fault[] = [
  reply('head-with-other-status', ['head-like-get'], isHead, (good) => ({ ...good, status: 405 })),
  reply('head-without-content-type', ['head-like-get'], isHead, (good) => without(good, 'Content-Type')),
  reply('head-with-body', ['head-without-body'], isHead, (good) => ({ ...good, afterHead: String(good.body) })),
  {
    name: 'post-like-get',
    auth: 'none',
    trips: ['other-method-refused'],
    alter: () => ({ isMethodAllowed: () => true }),
  },
  refusedWith('post-501', ['other-method-405'], 'method', 501),
  reply(
    'no-allow',
    ['other-method-allow'],
    ({ status }) => status === 405,
    (good) => without(good, 'Allow'),
  ),
];

const consistencyFaults: readonly Fault[] = [
  {
    name: 'groups-differ-each-time',
    auth: 'none',
    trips: ['same-question-same-answer', 'parallel-users-not-swapped'],
    alter(good) {
      let count = 0;
      return {
        async findUser(userid) {
          const user = await good.findUser(userid);
          count += 1;
          return user && { ...user, groups: [{ name: `session-${count}` }] };
        },
      };
    },
  },
  {
    name: 'current-user-shared-by-requests',
    auth: 'none',
    trips: ['parallel-users-not-swapped'],
    alter(good) {
      let current = '';
      return {
        async findUser(userid) {
          current = userid;
          await sleep(20);
          return good.findUser(current);
        },
      };
    },
  },
];

const certificateFaults: readonly Fault[] = [
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
  refusedWith('missing-certificate-500', ['client-certificate-missing-status'], 'certificate', 500, 'mtls'),
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

const basicFaults: readonly Fault[] = [
  reply(
    'missing-credentials-accepted',
    ['credentials-missing-refused'],
    (_reply, { authorization }) => authorization === undefined,
    (good) => ({ ...good, status: 200 }),
    'basic',
  ),
  answersBasicWith(
    'missing-credentials-403',
    ['credentials-missing-401'],
    403,
    (authorization) => authorization === undefined,
  ),
  reply(
    'no-challenge',
    ['credentials-missing-challenge'],
    ({ status }) => status === 401,
    (good) => without(good, 'WWW-Authenticate'),
    'basic',
  ),
  reply(
    'challenge-without-realm',
    ['credentials-missing-challenge'],
    ({ status }) => status === 401,
    (good) => ({ ...good, headers: { ...good.headers, 'WWW-Authenticate': 'Basic' } }),
    'basic',
  ),
  reply(
    'error-body-with-groups',
    ['credentials-missing-error-body'],
    ({ status }) => status === 401,
    (good) => withBody(good, json(empty)),
    'basic',
  ),
  takesBasic('accepts-any-password', ['wrong-password-refused'], hasUsername),
  answersBasicWith('wrong-password-403', ['wrong-password-401'], 403, hasUsername),
  takesBasic('accepts-any-username', ['wrong-username-refused'], hasPassword),
  answersBasicWith('wrong-username-404', ['wrong-username-401'], 404, hasPassword),
  takesBasic('malformed-base64-accepted', ['malformed-base64-refused'], isMalformed),
  answersBasicWith('malformed-base64-500', ['malformed-base64-401'], 500, isMalformed),
  takesBasic('missing-colon-accepted', ['credentials-without-colon-refused'], lacksColon),
  answersBasicWith('missing-colon-400', ['credentials-without-colon-401'], 400, lacksColon),
];

/** Every fault; each check is tripped by at least one. */
export const faults: readonly Fault[] = [
  ...knownUserFaults,
  ...refusalFaults,
  ...methodFaults,
  ...consistencyFaults,
  ...certificateFaults,
  ...basicFaults,
];
