// Owns the checks of what strangers get, who present nothing: by other methods, paths and headers, and behind somebody who was let in.
import type { Check, Topic } from '../check.ts';
import type { CheckContext, ShortQuestion } from '../check-context.ts';
import { Untestable } from '../check-endings.ts';
import { assertConforms, describeAnswer } from '../finding.ts';
import { couldBeUserInfo, describeContent } from '../user-info-body.ts';
import { askOnKeptConnection } from './kept-connection.ts';
import { askOrRefusedByTls, toSentence } from './refusal-checks.ts';

/** Who presents nothing; where a certificate and Basic are declared, the certificate alone. */
export function asStranger({ credentials }: CheckContext, question: ShortQuestion): ShortQuestion {
  return { ...question, credentials: credentials.withoutBasic };
}

/** What checks of strangers need. */
export const strangerShared = {
  needs: ['control'],
  auth: ['basic', 'mtls', 'both', 'either'],
} as const satisfies Pick<Check, 'needs' | 'auth'>;

/** Throws Untestable where strangers are let in the usual way: then the unusual ones tell nothing. */
export async function assertGuarded(context: CheckContext): Promise<void> {
  const answer = await askOrRefusedByTls(context, asStranger(context, { userids: [context.knownUser] }));
  if (answer?.status === 200)
    throw new Untestable(
      'Strangers are let in: see credentials-missing-refused and client-certificate-missing-refused.',
    );
  if (answer && couldBeUserInfo(answer.body))
    throw new Untestable('Every refusal holds user info: see credentials-missing-error-body.');
}

interface StrangersRule extends Pick<Check, 'id' | 'title' | 'source' | 'why'> {
  readonly asked: string;
  readonly change: string;
  readonly mend?: Check['mend'];
  readonly needs?: Check['needs'];
  questions(context: CheckContext): readonly ShortQuestion[];
}

/** A MUST that no stranger gets user info, however it is asked for. A 200 with something else, e.g. a page, is none. */
function strangersCheck({ asked, change, mend = [], needs = [], questions, ...data }: StrangersRule): Check {
  return {
    ...data,
    ...strangerShared,
    needs: [...strangerShared.needs, ...needs],
    level: 'MUST',
    platformVerdict: 'information-leak',
    mend: [{ stack: 'any', text: toSentence(change) }, ...mend],
    async run(context) {
      await assertGuarded(context);
      for (const question of questions(context)) {
        const answer = await askOrRefusedByTls(context, asStranger(context, question));
        if (!answer) continue;
        const isLetIn = question.method === 'HEAD' ? answer.status === 200 : couldBeUserInfo(answer.body);
        assertConforms(!isLetIn, {
          asked,
          expected: 'a refusal, or at least no user info',
          seen: `${describeAnswer(answer)}: ${describeContent(answer.body)}`,
          change,
          answers: [answer],
        });
      }
    },
  };
}

const guardSource = 'User info contract, authentication; semantics: credentials are checked before anything else';
const guardAll = 'guard the whole server, and make exceptions by name; do not guard one method of one path';

const withMethods =
  (...methods: readonly string[]) =>
  ({ knownUser }: CheckContext) =>
    methods.map((method) => ({ userids: [knownUser], method }));

const head = strangersCheck({
  id: 'head-without-credentials-refused',
  title: 'MUST NOT answer HEAD without credentials with 200',
  source: `${guardSource}; RFC 9110, 9.3.2`,
  why: 'A 200 tells whoever reaches the port which users there are.',
  asked: 'HEAD for a known user, without credentials',
  change: guardAll,
  mend: [{ stack: 'nginx', text: 'limit_except HEAD { … } would let HEAD by: put auth_basic outside of it.' }],
  questions: withMethods('HEAD'),
});

const methods = strangersCheck({
  id: 'methods-without-credentials-refused',
  title: 'MUST NOT send user info without credentials by any other method',
  source: guardSource,
  why: 'A rule that names the methods to be guarded never names them all.',
  asked: 'another method for a known user, without credentials',
  change: guardAll,
  mend: [
    { stack: 'spring', text: 'Use anyRequest().authenticated(), not requestMatchers(HttpMethod.GET, …) alone.' },
    { stack: 'express', text: 'Guard with app.use before the routes, not with app.get.' },
  ],
  // Safe methods, and one that does not exist.
  questions: withMethods('OPTIONS', 'PROPFIND', 'KIT'),
});

const writing = strangersCheck({
  id: 'writing-methods-without-credentials-refused',
  title: 'MUST NOT send user info without credentials by POST, PUT, PATCH or DELETE',
  source: guardSource,
  why: 'A rule that names the methods to be guarded never names them all.',
  asked: 'POST, PUT, PATCH or DELETE for a known user, without credentials, or a POST that says it is a GET',
  change: guardAll,
  needs: ['intrusive'],
  questions: (context) => [
    ...withMethods('POST', 'PUT', 'PATCH', 'DELETE')(context),
    { userids: [context.knownUser], method: 'POST', headers: [['X-HTTP-Method-Override', 'GET']] },
  ],
});

/** Other spellings of the endpoint's path, which servers may bring into its form after a rule has looked at them. */
function spellPath(path: string): readonly string[] {
  const folder = path.slice(0, path.lastIndexOf('/') + 1);
  const name = path.slice(folder.length);
  const first = name.charCodeAt(0).toString(16);
  const spellings = [
    `/${path}`,
    `${path}/`,
    `${folder}./${name}`,
    `${folder}%2e/${name}`,
    `${folder}kit/../${name}`,
    path.toUpperCase(),
    name === '' ? path : `${folder}%${first}${name.slice(1)}`,
    `${path}%2F`,
    `${path};kit=1`,
    `${path}.json`,
  ];
  return [...new Set(spellings)].filter((spelling) => spelling !== path);
}

const paths = strangersCheck({
  id: 'paths-without-credentials-refused',
  title: 'MUST NOT send user info without credentials under any spelling of the path',
  source: `${guardSource}; RFC 3986, 6.2.2: such paths are equivalent`,
  why: 'A rule of a proxy compares the path as it was sent, and the endpoint answers what it has made of it: two slashes go past the guard.',
  asked: 'a known user under the path with other slashes, dots, letter case or escapes, without credentials',
  change: guardAll,
  mend: [
    { stack: 'nginx', text: 'Put auth_basic into the server block, not into location = /user-info.' },
    {
      stack: 'spring',
      text: 'Use anyRequest().authenticated(): a matcher and the dispatcher may read a path in two ways.',
    },
    {
      stack: 'express',
      text: 'Guard with app.use before the routes: routes ignore letter case and a slash at the end.',
    },
    { stack: 'go', text: 'Wrap the whole mux, not one pattern.' },
  ],
  questions: ({ options, knownUser }) =>
    spellPath(options.url.pathname).map((path) => ({ userids: [knownUser], path })),
});

/** Headers by which proxies tell an endpoint whom they have let in, or from where, or what was asked for. */
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

const headers = strangersCheck({
  id: 'proxy-headers-without-credentials-refused',
  title: 'MUST NOT take headers that a proxy could set for credentials',
  source: guardSource,
  why: 'Whoever reaches the endpoint past the proxy can write X-Remote-User, X-SSL-Client-Verify or X-Forwarded-For as well as the proxy.',
  asked: 'a known user without credentials, with headers that tell of a user, a verified certificate or a near address',
  change:
    'let the proxy take such headers off every request, and believe them only on a connection that only the proxy can make',
  mend: [
    { stack: 'nginx', text: 'Set each of them with proxy_set_header, so that what the client sent is replaced.' },
    { stack: 'express', text: "Set 'trust proxy' to the addresses of the proxy, not to true." },
    { stack: 'spring', text: 'Use server.forward-headers-strategy only behind a proxy that replaces them.' },
    { stack: 'aspnet', text: 'List KnownProxies in ForwardedHeadersOptions.' },
  ],
  questions: ({ options, knownUser }) => [
    { userids: [knownUser], headers: proxyHeaders },
    {
      userids: [knownUser],
      path: '/',
      headers: [
        ['X-Original-URL', options.url.pathname],
        ['X-Rewrite-URL', options.url.pathname],
      ],
    },
  ],
});

const keptConnection: Check = {
  id: 'kept-connection-credentials',
  level: 'MUST',
  platformVerdict: 'information-leak',
  title: 'MUST ask for Basic credentials with each request, also on a connection on which they have been right',
  source: `${guardSource}; RFC 7617, 2; RFC 9110, 3.3: HTTP is stateless`,
  why: 'A proxy sends the requests of many callers on one connection: who comes behind the platform would be let in as the platform.',
  mend: [
    { stack: 'any', text: 'Judge the Authorization of each request, and remember nothing with the connection.' },
    { stack: 'aspnet', text: 'Keep Basic apart from NTLM and Negotiate, which do sign in a connection.' },
  ],
  needs: ['basic-credentials', 'control'],
  auth: ['basic', 'both', 'either'],
  async run(context) {
    await assertGuarded(context);
    const { credentials, knownUser } = context;
    const question = { userids: [knownUser] };
    const first = { ...question, credentials: context.auth === 'both' ? credentials.right : credentials.basicAlone };
    const answer = await askOnKeptConnection(context, first, asStranger(context, question));
    if (answer === null) return;
    assertConforms(answer.status !== 200, {
      asked: 'a known user with the right credentials, and on the same connection without',
      expected: 'for the second any status but 200',
      seen: `${describeAnswer(answer)}: ${describeContent(answer.body)}`,
      change: 'judge the Authorization of each request, and remember nothing with the connection',
      answers: [answer],
    });
  },
};

export const strangers: Topic = {
  title: 'Strangers',
  checks: [head, methods, writing, paths, headers, keptConnection],
};
