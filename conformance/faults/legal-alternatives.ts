// Endpoints that differ from the conformant one in ways that the contract allows: they conform, some of them with warnings.
import { randomUUID } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { AuthMode } from '../conformance-options.ts';
import { decodeQuery, type EndpointRequest, parseBasic, type Reply, type Steps } from './conformant-endpoint.ts';
import { json } from './fault.ts';

type Alter = (good: Steps) => Partial<Steps>;

const is200 = ({ status }: Reply) => status === 200;
const isError = ({ status }: Reply) => status >= 400;

/** Modifies the responses for which `when` returns true, before they are sent. */
const finishes =
  (when: (reply: Reply, request: EndpointRequest) => boolean, change: (reply: Reply) => Reply): Alter =>
  () => ({ finish: (good, request) => (when(good, request) ? change(good) : good) });

const withHeaders =
  (headers: Reply['headers']) =>
  (good: Reply): Reply => ({ ...good, headers: { ...good.headers, ...headers } });

const withStatus =
  (status: number, body?: string) =>
  (good: Reply): Reply => ({ ...good, status, ...(body === undefined ? {} : { body }) });

const withErrorBody = (type: string, body: string): Alter =>
  finishes(isError, (good) => ({ ...withHeaders({ 'Content-Type': type })(good), body }));

/** Differences, each tested alone. */
const alternatives: Readonly<Record<string, Alter>> = {
  '410 for an unknown user': finishes(({ status }) => status === 404, withStatus(410)),
  '403 for an unknown user': finishes(({ status }) => status === 404, withStatus(403)),
  '400 for an unknown user': finishes(({ status }) => status === 404, withStatus(400)),
  'errors without Cache-Control': finishes(isError, withHeaders({ 'Cache-Control': [] })),
  '404 for every other method': finishes(({ status }) => status === 405, withStatus(404)),
  'invalid escapes that are kept unchanged': () => ({
    decodeQuery: (query) => decodeQuery(query.replace(/%(?![0-9A-Fa-f]{2})/g, '%25')),
  }),
  'bytes that are not UTF-8 are replaced, so that no user has the name': () => ({
    decodeQuery: (query) => decodeQuery(query.replace(/%FF|%C[01]%[89AB][0-9A-F]/g, '%EF%BF%BD')),
  }),
  'control characters are kept in the name, so that no user has the name': () => ({ isUseridValid: () => true }),
  '204 for an unknown user': finishes(({ status }) => status === 404, withStatus(204, '')),
  '422 for a malformed userid': finishes(({ status }) => status === 400, withStatus(422)),
  'no limit for the length of a userid': (good) => ({
    isUseridValid: (userid) => good.isUseridValid(userid.slice(0, 100)),
  }),
  '414 for an over-long userid': finishes((_good, { query }) => query.length > 5000, withStatus(414)),
  'errors in plain text': withErrorBody('text/plain; charset=utf-8', 'No.\n'),
  'errors without a body': withErrorBody('text/plain', ''),
  'errors as pages': withErrorBody('text/html', '<!doctype html><title>404 Not Found</title><a href="/home/">Home</a>'),
  'errors with text about groups': withErrorBody(
    'application/json',
    json({ error: 'This user has no "groups" here.' }),
  ),
  'a server that reveals its name': finishes(() => true, withHeaders({ Server: 'nginx' })),
  'header names in capitals': finishes(
    () => true,
    ({ headers, ...rest }) => ({
      ...rest,
      headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toUpperCase(), value])),
    }),
  ),
  'a dozen more headers': finishes(
    () => true,
    withHeaders({
      ETag: '"5"',
      Vary: 'Accept-Encoding',
      'Set-Cookie': ['a=1; HttpOnly', 'b=2; HttpOnly'],
      'Content-Security-Policy': "default-src 'none'",
      'X-Content-Type-Options': 'nosniff',
      'X-Request-Id': '1.2.3',
    }),
  ),
  'charset=UTF-8': finishes(is200, withHeaders({ 'Content-Type': 'application/json;charset="UTF-8"' })),
  'charset=utf8': finishes(is200, withHeaders({ 'Content-Type': 'application/json; charset=utf8' })),
  'a Content-Encoding header that declares no encoding (identity)': finishes(
    is200,
    withHeaders({ 'Content-Encoding': 'identity' }),
  ),
  'a cache in front of the endpoint, without a hit': finishes(
    is200,
    withHeaders({ Age: '0', 'Cache-Status': 'front; fwd=uri-miss', 'X-Cache': 'MISS from front' }),
  ),
  'Content-Type in another case': finishes(is200, withHeaders({ 'Content-Type': 'Application/JSON' })),
  'caches forbidden by several directives': finishes(
    () => true,
    withHeaders({ 'Cache-Control': 'private, No-Store, max-age=0' }),
  ),
  'chunks instead of a length': finishes(is200, withHeaders({ 'Transfer-Encoding': 'chunked', 'Content-Length': [] })),
  'gzip if it is offered': finishes(
    (good, { method, headers }) =>
      is200(good) &&
      method === 'GET' &&
      headers.some(([name, value]) => /^accept-encoding$/i.test(name) && value === 'gzip'),
    (good) => ({ ...withHeaders({ 'Content-Encoding': 'gzip' })(good), body: gzipSync(good.body) }),
  ),
  'indented JSON': () => ({ writeBody: (user) => `${JSON.stringify(user, null, 2)}\n` }),
  'JSON with escapes for all characters outside ASCII': () => ({
    writeBody: (user) =>
      json(user).replace(/[^\0-\x7f]/g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`),
  }),
  'keys in another order': () => ({ writeBody: ({ groups, authorizations }) => json({ authorizations, groups }) }),
  'a response to OPTIONS with Allow': finishes(
    (_good, { method }) => method === 'OPTIONS',
    (good) => ({
      ...withHeaders({ Allow: 'GET, HEAD, OPTIONS' })(good),
      status: 204,
      body: '',
    }),
  ),
  '501 for unknown methods': finishes(
    (_good, { method }) => ['PROPFIND', 'TRACE', 'PUT', 'PATCH', 'DELETE'].includes(method),
    withStatus(501),
  ),
  'HEAD without a length': finishes((_good, { method }) => method === 'HEAD', withHeaders({ 'Content-Length': [] })),
};

/** The same for endpoints that require Basic credentials. */
const basicAlternatives: Readonly<Record<string, Alter>> = {
  'two alternating replicas, one of which sends an additional header': () => {
    let asked = 0;
    const isOther = () => asked++ % 2 === 1;
    return { finish: (good) => (isOther() ? withHeaders({ 'X-Replica': 'new' })(good) : good) };
  },
  '403 without credentials and with wrong ones': finishes(({ status }) => status === 401, withStatus(403)),
  '403 with wrong credentials only': finishes(
    ({ status }, { authorization }) => status === 401 && authorization !== undefined,
    withStatus(403),
  ),
  '400 for credentials that cannot be read': finishes(
    ({ status }, { authorization = '' }) =>
      status === 401 && authorization !== '' && parseBasic(authorization) === null,
    withStatus(400),
  ),
  'a challenge without a charset': finishes(
    ({ status }) => status === 401,
    withHeaders({ 'WWW-Authenticate': 'Basic realm="users"' }),
  ),
  'a charset without quotes': finishes(
    ({ status }) => status === 401,
    withHeaders({ 'WWW-Authenticate': 'Basic realm="users", charset=utf-8' }),
  ),
  'additional challenges of other schemes, one with an unquoted realm and one without a realm': finishes(
    ({ status }) => status === 401,
    withHeaders({ 'WWW-Authenticate': 'Digest realm=users, Negotiate, Basic realm="users", charset="UTF-8"' }),
  ),
};

const closed = (good: Reply): Reply => ({ ...good, wire: '' });

/** Ordinary endpoints that must not violate a MUST of the contract, with the warnings that they get. */
const warned: Readonly<
  Record<string, { readonly auth: AuthMode; readonly warns: readonly string[]; readonly alter: Alter }>
> = {
  'the first of a repeated userid is used': {
    auth: 'none',
    warns: ['userid-repeated-refused'],
    alter: () => ({ findUserid: ([first = '']) => (first === '' ? null : first) }),
  },
  'the scheme basic in lower case is refused': {
    auth: 'basic',
    warns: ['scheme-letter-case'],
    alter: (good) => ({ holdsBasic: (header) => header.startsWith('Basic ') && good.holdsBasic(header) }),
  },
  'a Basic challenge without a realm': {
    auth: 'basic',
    warns: ['credentials-missing-challenge', 'wrong-credentials-challenge'],
    alter: finishes(({ status }) => status === 401, withHeaders({ 'WWW-Authenticate': 'Basic' })),
  },
  '405 without Allow': {
    auth: 'none',
    warns: ['other-method-allow'],
    alter: finishes(({ status }) => status === 405, withHeaders({ Allow: [] })),
  },
  'OPTIONS and PROPFIND are handled like GET, with the right credentials': {
    auth: 'basic',
    warns: ['options-without-user-info', 'unexpected-method-refused'],
    alter: (good) => ({
      isMethodAllowed: (method) => good.isMethodAllowed(method) || method === 'OPTIONS' || method === 'PROPFIND',
    }),
  },
  'additional keys that differ in each response': {
    auth: 'none',
    warns: [],
    alter: () => ({
      writeBody: ({ groups, authorizations }) =>
        json({
          requestId: randomUUID(),
          groups: groups.map((group) => ({ ...group, id: randomUUID() })),
          authorizations,
        }),
    }),
  },
  'another scheme before the right credentials': {
    auth: 'basic',
    warns: ['other-scheme-refused'],
    alter: (good) => ({ holdsBasic: (header) => good.holdsBasic(header.replace(/^\w+/, 'Basic')) }),
  },
  'error pages of a framework': {
    auth: 'basic',
    warns: ['no-server-versions'],
    alter: finishes(isError, (good) => ({
      ...withHeaders({ 'Content-Type': 'text/html; charset=utf-8', Server: 'Werkzeug/3.0.1 Python/3.12.1' })(good),
      body: `<!doctype html>\n<html lang=en>\n<title>${good.status}</title>\n<h1>Error</h1>\n<p>The server could not verify that you are authorized.</p>\n`,
    })),
  },
  'a 401 with empty groups and authorizations': {
    auth: 'basic',
    warns: [],
    alter: finishes(
      ({ status }) => status === 401,
      (good) => ({ ...good, body: json({ groups: [], authorizations: {} }) }),
    ),
  },
  'Cache-Control: private, with a lifetime': {
    auth: 'none',
    warns: ['known-user-no-store'],
    alter: finishes(is200, withHeaders({ 'Cache-Control': 'private, max-age=60' })),
  },
  'the body of a GET is refused': {
    auth: 'none',
    warns: [],
    alter: finishes(
      (_good, { method, headers }) => method === 'GET' && headers.some(([name]) => /^content-length$/i.test(name)),
      (good) => ({ ...good, status: 400, body: json({ error: 'A GET has no body.' }) }),
    ),
  },
  'no Cache-Control': {
    auth: 'none',
    warns: ['known-user-no-store'],
    alter: finishes(() => true, withHeaders({ 'Cache-Control': [] })),
  },
  '404 instead of 400': {
    auth: 'none',
    warns: [],
    alter: finishes(({ status }) => status === 400, withStatus(404)),
  },
  'the connection is closed on malformed credentials': {
    auth: 'basic',
    warns: [],
    alter: finishes(
      (_good, { authorization }) => authorization !== undefined && parseBasic(authorization) === null,
      closed,
    ),
  },
  'the connection is closed on a malformed userid and other methods': {
    auth: 'none',
    warns: [],
    alter: finishes(({ status }) => status === 400 || status === 405, closed),
  },
};

/** One such endpoint. */
export interface LegalAlternative {
  /** What is different. */
  readonly name: string;
  readonly auth: AuthMode;
  /** Ids of the checks with warnings. */
  readonly warns: readonly string[];
  readonly alter: Alter;
}

/** All of them. */
export const legalAlternatives: readonly LegalAlternative[] = [
  ...Object.entries(alternatives).map(([name, alter]) => ({ name, alter, warns: [], auth: 'none' as const })),
  ...Object.entries(basicAlternatives).map(([name, alter]) => ({ name, alter, warns: [], auth: 'basic' as const })),
  ...Object.entries(warned).map(([name, alternative]) => ({ name, ...alternative })),
];
