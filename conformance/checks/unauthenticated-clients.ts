// Checks that unauthenticated clients get no user info by other methods, paths and headers, or on a reused connection.
import type { Check, Topic } from '../check.ts';
import type { CheckContext, ShortRequest } from '../check-context.ts';
import { Untestable } from '../check-endings.ts';
import { inOtherQuery } from '../positive-control.ts';
import { assertConforms, describeAnswer } from '../report/finding.ts';
import { describeContent, isUserInfoDisclosed } from '../user-info-body.ts';
import { askOnKeptConnection } from './kept-connection.ts';
import { askOrClosed } from './refusal-checks.ts';

/** Returns the request without credentials; if a certificate and Basic are declared, with the certificate alone. */
export function withoutCredentials({ credentials }: CheckContext, request: ShortRequest): ShortRequest {
  return { ...request, credentials: credentials.withoutBasic };
}

/** Shared fields of the checks of unauthenticated clients. */
export const unauthenticatedShared = {
  needs: ['control'],
  auth: ['basic', 'mtls', 'both', 'either'],
} as const satisfies Pick<Check, 'needs' | 'auth'>;

/**
 * Throws Untestable if the usual request needs no credentials, or if its refusal contains user info: the response to an unusual request then proves
 * nothing.
 */
export async function assertGuarded(context: CheckContext): Promise<void> {
  const answer = await askOrClosed(context, withoutCredentials(context, { userids: [context.knownUser] }));
  if (answer?.status === 200)
    throw new Untestable(
      'No credentials are required: see credentials-missing-refused and client-certificate-missing-refused.',
    );
  if (answer && isUserInfoDisclosed(answer))
    throw new Untestable(
      'Refusals contain user info: see credentials-missing-error-body and client-certificate-missing-error-body.',
    );
}

/** Shared fields of the checks of other access paths. */
const guardShared = { ...unauthenticatedShared, impact: 'information-leak' } as const;

/** Throws if a client without credentials gets user info with one of the requests. A 200 with something else, such as a page, is allowed. */
async function assertNoWayIn(
  context: CheckContext,
  asked: string,
  change: string,
  requests: readonly ShortRequest[],
): Promise<void> {
  await assertGuarded(context);
  for (const request of requests) {
    const answer = await askOrClosed(context, withoutCredentials(context, request));
    if (!answer) continue;
    const isLetIn = request.method === 'HEAD' ? answer.status === 200 : isUserInfoDisclosed(answer);
    assertConforms(!isLetIn, {
      asked,
      expected: 'a refusal or, except for HEAD, a response without user info',
      seen: `${describeAnswer(answer)}: ${describeContent(answer.body)}`,
      change,
      answers: [answer],
    });
  }
}

const guardAll =
  'require credentials for the whole server, and list exceptions by name, instead of protecting one method of one path';
const guardAllFix = 'Require credentials for the whole server, and list exceptions by name.';

const withMethods = ({ knownUser }: CheckContext, ...methods: readonly string[]) =>
  methods.map((method) => ({ userids: [knownUser], method }));

const head: Check = {
  id: 'head-without-credentials-refused',
  title: 'SHOULD NOT respond with 200 to HEAD without credentials',
  ruleSet: 'hardening',
  level: 'SHOULD',
  clauses: ['H-22'],
  ...guardShared,
  why: 'A 200 lets every client that reaches the port find out which users exist.',
  fix: [
    { stack: 'any', text: guardAllFix },
    {
      stack: 'nginx',
      text: 'Directives inside limit_except HEAD { … } do not apply to HEAD: put auth_basic outside it.',
    },
  ],
  run: (context) =>
    assertNoWayIn(context, 'HEAD for a known user, without credentials', guardAll, withMethods(context, 'HEAD')),
};

const methods: Check = {
  id: 'methods-without-credentials-refused',
  title: 'MUST NOT send user info in response to methods other than GET and HEAD without credentials',
  ruleSet: 'contract',
  level: 'MUST',
  clauses: ['C-16'],
  ...guardShared,
  why: 'A rule that lists the methods to protect is never complete.',
  fix: [
    { stack: 'any', text: guardAllFix },
    { stack: 'spring', text: 'Use anyRequest().authenticated(), not only requestMatchers(HttpMethod.GET, …).' },
    { stack: 'express', text: 'Authenticate with app.use before the routes, not with app.get.' },
  ],
  // Safe methods, and one that does not exist.
  run: (context) =>
    assertNoWayIn(
      context,
      'a method other than GET and HEAD for a known user, without credentials',
      guardAll,
      withMethods(context, 'OPTIONS', 'PROPFIND', 'KIT'),
    ),
};

const writing: Check = {
  id: 'writing-methods-without-credentials-refused',
  title: 'MUST NOT send user info in response to POST, PUT, PATCH or DELETE without credentials',
  ruleSet: 'contract',
  level: 'MUST',
  clauses: ['C-16'],
  ...guardShared,
  needs: [...unauthenticatedShared.needs, 'intrusive'],
  why: 'A rule that lists the methods to protect is never complete.',
  fix: [{ stack: 'any', text: guardAllFix }],
  run: (context) =>
    assertNoWayIn(
      context,
      'POST, PUT, PATCH or DELETE for a known user, or a POST that claims to be a GET, without credentials',
      guardAll,
      [
        ...withMethods(context, 'POST', 'PUT', 'PATCH', 'DELETE'),
        { userids: [context.knownUser], method: 'POST', headers: [['X-HTTP-Method-Override', 'GET']] },
      ],
    ),
};

/** Returns other spellings of the endpoint's path, which servers may normalize after an access rule was applied. */
function spellPath(path: string): readonly string[] {
  const directory = path.slice(0, path.lastIndexOf('/') + 1);
  const name = path.slice(directory.length);
  const first = name.charCodeAt(0).toString(16);
  const spellings = [
    `/${path}`,
    `${path}/`,
    `${directory}./${name}`,
    `${directory}%2e/${name}`,
    `${directory}kit/../${name}`,
    path.toUpperCase(),
    name === '' ? path : `${directory}%${first}${name.slice(1)}`,
    `${path}%2F`,
    `${path};kit=1`,
    `${path}.json`,
  ];
  return [...new Set(spellings)].filter((spelling) => spelling !== path);
}

const paths: Check = {
  id: 'paths-without-credentials-refused',
  title: 'MUST NOT send user info in response to another spelling of the path without credentials',
  ruleSet: 'contract',
  level: 'MUST',
  clauses: ['C-16'],
  ...guardShared,
  why: 'A proxy compares the path as sent, but the endpoint normalizes it, so two slashes bypass the protection.',
  fix: [
    { stack: 'any', text: guardAllFix },
    { stack: 'nginx', text: 'Put auth_basic into the server block, not into location = /user-info.' },
    {
      stack: 'spring',
      text: 'Use anyRequest().authenticated(): a matcher and the dispatcher may read a path differently.',
    },
    {
      stack: 'express',
      text: 'Authenticate with app.use before the routes: routes ignore letter case and a trailing slash.',
    },
    { stack: 'go', text: 'Wrap the whole mux, not one pattern.' },
  ],
  run: (context) =>
    assertNoWayIn(
      context,
      'a known user under the path with different slashes, dots, letter case or escapes, without credentials',
      guardAll,
      spellPath(context.options.url.pathname).map((path) => ({ userids: [context.knownUser], path })),
    ),
};

/** Headers by which proxies pass the authenticated user, the client address, or the requested path. */
const proxyHeaders = [
  ['X-Forwarded-User', 'admin'],
  ['X-Remote-User', 'admin'],
  ['Remote-User', 'admin'],
  ['X-Forwarded-For', '127.0.0.1'],
  ['X-Real-IP', '127.0.0.1'],
  ['X-SSL-Client-Verify', 'SUCCESS'],
  ['X-Client-Verify', 'SUCCESS'],
  ['X-SSL-Client-S-DN', 'CN=admin'],
] as const;

/** Returns headers by which proxies pass the path that the client requested. Some frameworks let them override the path of the request. */
const claimPath = (path: string) =>
  [
    ['X-Original-URL', path],
    ['X-Rewrite-URL', path],
  ] as const;

/** Paths that access rules often leave open. */
const openPaths = ['/', '/health', '/login', '/favicon.ico'];

const headers: Check = {
  id: 'proxy-headers-without-credentials-refused',
  title: 'MUST NOT accept headers of a proxy in place of credentials',
  ruleSet: 'contract',
  level: 'MUST',
  clauses: ['C-16'],
  ...guardShared,
  why: 'A client that bypasses the proxy can send X-Remote-User, X-SSL-Client-Verify or X-Forwarded-For as well. An access rule that evaluates X-Original-URL can be bypassed with a path that does not require credentials.',
  fix: [
    {
      stack: 'any',
      text: 'Let the proxy remove headers such as X-Remote-User from every request, and accept them only from the proxy.',
    },
    { stack: 'nginx', text: 'Set each of these headers with proxy_set_header, which replaces what the client sent.' },
    { stack: 'express', text: "Set 'trust proxy' to the addresses of the proxy, not to true." },
    {
      stack: 'spring',
      text: 'Use server.forward-headers-strategy only behind a proxy that replaces the forwarded headers.',
    },
    { stack: 'aspnet', text: 'List KnownProxies in ForwardedHeadersOptions.' },
  ],
  run: (context) =>
    assertNoWayIn(
      context,
      'a known user without credentials, with headers that claim a user, a verified certificate, a local address or another path',
      'let the proxy remove headers such as X-Remote-User from every request, and accept them only from the proxy',
      [
        { userids: [context.knownUser], headers: proxyHeaders },
        { userids: [context.knownUser], path: '/', headers: claimPath(context.options.url.pathname) },
        ...openPaths.map((path) => ({ userids: [context.knownUser], headers: claimPath(path) })),
      ],
    ),
};

const keptConnection: Check = {
  id: 'kept-connection-credentials',
  title: 'MUST require Basic credentials with each request on a connection',
  ruleSet: 'contract',
  level: 'MUST',
  clauses: ['C-16'],
  impact: 'information-leak',
  why: 'A proxy sends requests from many clients on one connection: another client would be accepted as the platform.',
  fix: [
    { stack: 'any', text: 'Check the Authorization header of each request, and store nothing with the connection.' },
    { stack: 'aspnet', text: 'Do not combine Basic with NTLM or Negotiate, which authenticate a connection.' },
  ],
  needs: ['basic-credentials', 'control'],
  auth: ['basic', 'both', 'either'],
  async run(context) {
    await assertGuarded(context);
    const { credentials, knownUser } = context;
    const request = { userids: [knownUser] };
    const first = { ...request, credentials: context.auth === 'both' ? credentials.right : credentials.basicAlone };
    const answer = await askOnKeptConnection(context, first, withoutCredentials(context, request));
    if (answer === null) return;
    assertConforms(answer.status !== 200, {
      asked: 'a known user with the right credentials, then without Basic credentials on the same connection',
      expected: 'any status other than 200 for the second request',
      seen: `${describeAnswer(answer)}: ${describeContent(answer.body)}`,
      change: 'check the Authorization header of each request, and store nothing with the connection',
      answers: [answer],
    });
  },
};

const notReused: Check = {
  id: 'refusal-not-reused',
  title: 'MUST respond with 200 for a known user after the same request was refused for lack of credentials',
  ruleSet: 'contract',
  level: 'MUST',
  clauses: ['C-1', 'C-3'],
  impact: 'refused',
  sentByPlatform: true,
  why: 'A cache that stores refusals by URL repeats them to the platform. Any client that reaches the port can then keep the platform from getting any user info.',
  fix: [
    {
      stack: 'any',
      text: 'Send Cache-Control: no-store with errors too. Do not cache errors, or include the Authorization header in the cache key.',
    },
    {
      stack: 'nginx',
      text: 'proxy_cache_valid any also stores 401 responses: list the statuses, or do not use proxy_cache for this path.',
    },
  ],
  needs: ['known-user'],
  auth: unauthenticatedShared.auth,
  async run(context) {
    const { knownUser } = context;
    const refused = await askOrClosed(context, withoutCredentials(context, { userids: [knownUser] }));
    if (refused === null) return;
    if (refused.status === 200)
      throw new Untestable(
        'No credentials are required: see credentials-missing-refused and client-certificate-missing-refused.',
      );
    const answer = await context.ask({ userids: [knownUser] });
    const other = answer.status === 200 ? answer : await context.ask(inOtherQuery(knownUser));
    if (other.status !== 200)
      throw new Untestable(
        `The right credentials got status ${answer.status}, and no 200 with a different query either: see known-user-200.`,
      );
    assertConforms(answer.status === 200, {
      asked: 'a known user without credentials, and then with the right credentials',
      expected: 'status 200 for the second request',
      seen: `${describeAnswer(answer)}; another query for the same user got a 200`,
      change: 'do not let a cache store refusals',
      answers: [answer, other],
    });
  },
};

export const unauthenticatedClients: Topic = {
  title: 'Unauthenticated clients',
  checks: [head, methods, writing, paths, headers, keptConnection, notReused],
};
