// Owns the faults of the 200 of a known user.
import type { UserInfo } from '../../schemas/generated/user-info.ts';
import type { Reply } from './conformant-endpoint.ts';
import { body, type Fault, json, reply, without } from './fault.ts';

const is200 = ({ status }: Reply) => status === 200;
const names = ({ groups }: UserInfo) => groups.map(({ name }) => name);

/** Faults of the known user's status, headers and body. */
export const knownUserFaults: readonly Fault[] = [
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
  body('authorizations-scalar', ['known-user-schema'], (user) =>
    json({ ...user, authorizations: { city: 'canary-value' } }),
  ),
  body('authorizations-number', ['known-user-schema'], (user) => json({ ...user, authorizations: { level: [7] } })),
  body('authorizations-value-null', ['known-user-schema'], (user) =>
    json({ ...user, authorizations: { level: [null] } }),
  ),
  body('extra-key', ['known-user-schema'], (user) => json({ ...user, userid: 'x' })),
  body('wrapped', ['known-user-schema'], (user) => json({ data: user })),
  body('list-of-one', ['known-user-schema'], (user) => json([user])),
];
