// Faults of the response for a known user: status, headers, and encoding of the JSON.
import { gzipSync } from 'node:zlib';
import type { EndpointRequest, Reply } from './conformant-endpoint.ts';
import { body, type Fault, json, reply, withLines, without } from './fault.ts';

const is200 = ({ status }: Reply) => status === 200;

/** Returns whether the response is a 200, and the request has a header that contains `value`. */
const is200For = (name: string, value: string) => (good: Reply, request: EndpointRequest) =>
  is200(good) && request.headers.some(([each, found]) => each.toLowerCase() === name && found.includes(value));

/** Returns the response with headers in addition to, or instead of, the usual ones. */
const withHeaders =
  (headers: Reply['headers']) =>
  (good: Reply): Reply => ({ ...good, headers: { ...good.headers, ...headers } });

/** Returns the response as bytes: with a length that may be wrong, or (null) in one chunk without the last, empty one. */
function onWire(good: Reply, length: ((bytes: number) => number) | null, after = ''): Reply {
  const bytes = Buffer.byteLength(good.body);
  const framing = length === null ? 'Transfer-Encoding: chunked' : `Content-Length: ${length(bytes)}`;
  const type = `Content-Type: ${good.headers['Content-Type']}`;
  const head = ['HTTP/1.1 200 OK', type, 'Cache-Control: no-store', framing].join('\r\n');
  const content = length === null ? `${bytes.toString(16)}\r\n${good.body}\r\n` : good.body;
  return { ...good, wire: `${head}\r\n\r\n${content}${after}` };
}

const isGet200 = (good: Reply, { method }: EndpointRequest) => is200(good) && method === 'GET';

/** Faults of the known user's status and headers. */
export const knownUserFaults: readonly Fault[] = [
  {
    // Unless one known user gets a 200, the inputs are probably wrong.
    name: 'known-user-404',
    auth: 'none',
    trips: ['known-user-200'],
    alter: (good) => ({ findUser: (userid) => (userid.startsWith('canary-ada') ? null : good.findUser(userid)) }),
  },
  {
    name: 'second-user-404',
    auth: 'none',
    trips: ['known-user-200', 'expected-user-200'],
    alter: (good) => ({ findUser: (userid) => (userid.startsWith('canary-bob') ? null : good.findUser(userid)) }),
  },
  reply(
    'second-user-closes',
    ['known-user-200'],
    (_good, { userids: [userid = ''] }) => userid.startsWith('canary-bob'),
    (good) => ({ ...good, wire: '' }),
  ),
  reply('known-user-304', ['known-user-200'], is200, (good) => ({ ...good, status: 304 })),
  reply('known-user-204', ['known-user-200'], is200, (good) => ({ ...good, status: 204, body: '' })),
  reply('known-user-redirected', ['known-user-200'], is200, (good) => ({
    ...good,
    status: 302,
    headers: { Location: '/v2/users' },
  })),
  ...Object.entries({
    'cacheable-public': 'public, max-age=60',
    'cacheable-by-shared-caches': 's-maxage=60, must-revalidate',
    'cacheable-for-an-hour': 'max-age=3600',
  }).map(([name, value]) =>
    reply(name, ['known-user-caching-not-asked-for'], is200, withHeaders({ 'Cache-Control': value })),
  ),
  reply(
    'cacheable-by-the-client',
    ['known-user-no-store'],
    is200,
    withHeaders({ 'Cache-Control': 'private, max-age=60' }),
  ),
  reply(
    'cacheable-by-a-longer-word',
    ['known-user-no-store'],
    is200,
    withHeaders({ 'Cache-Control': 'no-store-at-all' }),
  ),
  reply('any-accept-html', ['any-accept-json'], is200For('accept', '*/*'), (good) => ({
    ...good,
    headers: { 'Content-Type': 'text/html' },
    body: '<!doctype html><title>User info</title>',
  })),
  reply('any-accept-406', ['any-accept-json'], is200For('accept', '*/*'), (good) => ({ ...good, status: 406 })),
];

/** Faults of the encoding of the JSON as bytes. */
export const encodingFaults: readonly Fault[] = [
  reply('text-plain', ['known-user-content-type'], is200, withHeaders({ 'Content-Type': 'text/plain' })),
  reply('no-content-type', ['known-user-content-type'], is200, (good) => without(good, 'Content-Type')),
  reply('html-with-200', ['known-user-content-type', 'known-user-json'], is200, (good) => ({
    ...good,
    headers: { 'Content-Type': 'text/html' },
    body: '<!doctype html><title>Log in</title>',
  })),
  reply(
    'content-type-twice',
    ['known-user-content-type-once'],
    is200,
    withHeaders({ 'Content-Type': ['application/json', 'application/json'] }),
  ),
  ...Object.entries({
    'charset-latin-1': 'application/json; charset=ISO-8859-1',
    'charset-latin-1-without-space': 'application/json;charset=ISO-8859-1',
    'charset-latin-1-in-quotes': 'application/json; charset="ISO-8859-1"',
    'charset-behind-another-parameter': 'application/json; version=1;  Charset=UTF-16',
  }).map(([name, value]) => reply(name, ['known-user-charset'], is200, withHeaders({ 'Content-Type': value }))),
  body('latin-1', ['known-user-utf-8'], (user) => Buffer.from(json(user), 'latin1')),
  body('utf-16', ['known-user-utf-8'], (user) => Buffer.from(json(user), 'utf16le')),
  body('utf-16-with-mark', ['known-user-utf-8'], (user) => Buffer.from(`\uFEFF${json(user)}`, 'utf16le')),
  body('byte-order-mark', ['known-user-byte-order-mark'], (user) => `\uFEFF${json(user)}`),
  reply('content-length-too-long', ['known-user-whole'], isGet200, (good) => onWire(good, (bytes) => bytes + 7)),
  reply(
    'cut-off-page',
    ['known-user-whole', 'known-user-content-type', 'known-user-charset', 'head-like-get'],
    isGet200,
    (good) => onWire(withHeaders({ 'Content-Type': 'text/html; charset=ISO-8859-1' })(good), (bytes) => bytes + 7),
  ),
  reply('chunks-cut-off', ['known-user-whole'], isGet200, (good) => onWire(good, null)),
  reply(
    'bytes-after-the-end',
    ['known-user-no-surplus', 'kept-connection-again', 'pipelined-in-order'],
    isGet200,
    (good) => onWire(good, (bytes) => bytes, '\n<!-- -->'),
  ),
  // The length counts characters instead of bytes: the JSON ends too early, but the rest is not a second response.
  reply(
    'content-length-in-characters',
    ['known-user-no-surplus', 'known-user-json', 'head-content-length'],
    isGet200,
    (good) => onWire(good, () => String(good.body).length),
  ),
  reply('length-beside-chunks', ['known-user-one-length'], isGet200, (good) =>
    withLines(good, true, `Content-Length: ${Buffer.byteLength(good.body)}`, 'Transfer-Encoding: chunked'),
  ),
  reply('length-twice', ['known-user-one-length'], isGet200, (good) =>
    withLines(good, false, ...Array(2).fill(`Content-Length: ${Buffer.byteLength(good.body)}`)),
  ),
  reply('two-lengths', ['known-user-one-length'], isGet200, (good) =>
    withLines(good, false, `Content-Length: ${Buffer.byteLength(good.body)}`, 'Content-Length: 2'),
  ),
  reply('length-no-number', ['known-user-one-length'], isGet200, (good) =>
    withLines(good, false, `Content-Length: ${Buffer.byteLength(good.body)} bytes`),
  ),
  reply('space-before-colon', ['known-user-http-syntax'], isGet200, (good) =>
    withLines(good, false, `Content-Length: ${Buffer.byteLength(good.body)}`, 'X-Served-By : a'),
  ),
  reply('control-character-in-header', ['known-user-http-syntax'], isGet200, (good) =>
    withLines(good, false, `Content-Length: ${Buffer.byteLength(good.body)}`, 'X-Served-By: a\u0001b'),
  ),
  reply(
    'gzip-declared-only',
    ['known-user-content-encoding-true', 'gzip-offered-readable'],
    is200,
    withHeaders({ 'Content-Encoding': 'gzip' }),
  ),
  reply(
    'gzip-declared-only-for-identity',
    ['known-user-content-encoding-true'],
    is200For('accept-encoding', 'identity'),
    withHeaders({ 'Content-Encoding': 'gzip' }),
  ),
  reply('gzip-unasked', ['known-user-content-coding'], is200For('accept-encoding', 'identity'), (good) => ({
    ...withHeaders({ 'Content-Encoding': 'gzip' })(good),
    body: gzipSync(good.body),
  })),
  reply(
    'unknown-coding-for-gzip',
    ['gzip-offered-readable'],
    is200For('accept-encoding', 'gzip'),
    withHeaders({ 'Content-Encoding': 'zstd' }),
  ),
  reply('gzip-offered-203', ['gzip-offered-readable'], is200For('accept-encoding', 'gzip'), (good) => ({
    ...good,
    status: 203,
  })),
  reply('gzip-twice', ['gzip-offered-readable'], is200For('accept-encoding', 'gzip'), (good) => ({
    ...withHeaders({ 'Content-Encoding': 'gzip' })(good),
    body: gzipSync(gzipSync(good.body)),
  })),
];
