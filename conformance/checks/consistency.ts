// Checks that compare several responses: repeated requests, two users in parallel or in sequence, and caches.
import type { Check, Topic } from '../check.ts';
import type { CheckContext, ShortRequest } from '../check-context.ts';
import { MissingInput, Untestable } from '../check-endings.ts';
import type { Answer } from '../http/endpoint-request.ts';
import { assertConforms, describeAnswer } from '../report/finding.ts';
import { describeContent, findMeaning, findOrder } from '../user-info-body.ts';
import { askOnKeptConnection } from './kept-connection.ts';
import { readMeaning } from './known-meaning.ts';
import { isAccessOf } from './nobodys-name.ts';
import { askOrClosed } from './refusal-checks.ts';

/** Returns the groups and authorizations of a response, ignoring order. Throws Untestable if it is not a 200 with JSON. */
async function askMeaning(context: CheckContext, userid: string): Promise<string> {
  return readMeaning(await context.ask({ userids: [userid] }));
}

const sameAnswer: Check = {
  id: 'same-question-same-answer',
  title: 'MUST respond to the same request with the same groups and authorizations',
  ruleSet: 'contract',
  level: 'MUST',
  clauses: ['C-7'],
  impact: 'silently-wrong-access',
  sentByPlatform: true,
  why: 'If two responses to the same request differ, at least one is wrong, and access may change with every synchronization.',
  fix: [
    {
      stack: 'any',
      text: 'Respond with 200 only if every query, page and data source was read completely, and with an error otherwise. Let all servers read the same data.',
    },
  ],
  needs: ['control'],
  async run(context) {
    const first = await askMeaning(context, context.knownUser);
    const second = await askMeaning(context, context.knownUser);
    assertConforms(first === second, {
      asked: 'the same known user twice',
      expected: 'the same groups and authorizations, in any order',
      seen: 'two responses that differ',
      change:
        'respond with 200 only if every query, page and data source was read completely. Let all servers read the same data',
    });
  },
};

/** Rounds of requests for two users, so that two requests are always in flight. */
const rounds = 4;

/**
 * Returns the first known user with data other than `meaning`. If there is none, throws Untestable if one of the users did not get a 200 with JSON,
 * and MissingInput otherwise.
 */
async function findOtherUser(context: CheckContext, meaning: string): Promise<string> {
  let untestable: Untestable | undefined;
  for (const userid of context.options.knownUsers.slice(1)) {
    try {
      if (readMeaning(await context.askOnce({ userids: [userid] })) !== meaning) return userid;
    } catch (error) {
      if (!(error instanceof Untestable)) throw error;
      untestable ??= error;
    }
  }
  throw (
    untestable ??
    new MissingInput(
      'All known users have the same groups and authorizations. Add two users with different data: pass --known-user ID twice.',
    )
  );
}

const noSwap: Check = {
  id: 'parallel-users-not-swapped',
  title: "MUST respond to parallel requests for two users with each user's own data",
  ruleSet: 'contract',
  level: 'MUST',
  clauses: ['C-7'],
  impact: 'silently-wrong-access',
  sentByPlatform: true,
  why: 'A synchronization may request users in parallel: a variable that requests share can give one user the access of another.',
  fix: [
    {
      stack: 'any',
      text: 'Keep request data in the request: use no shared variables, and no cache without the userid in its key.',
    },
    { stack: 'spring', text: 'Controllers are singletons: do not store request data in their fields.' },
    {
      stack: 'go',
      text: 'Handlers run in parallel: do not store request data in package variables or in the struct of the handler.',
    },
  ],
  needs: ['second-known-user', 'control'],
  async run(context) {
    const first = await askMeaning(context, context.knownUser);
    const other = await findOtherUser(context, first);
    const userids = [context.knownUser, other];
    const expected = [first, await askMeaning(context, other)];
    const requests = Array.from({ length: rounds }).flatMap(() => userids.map((userid) => ({ userids: [userid] })));
    const answers = await context.askTogether(requests);
    const others = answers.filter((answer, index) => {
      return answer.status === 200 && findMeaning(answer.body) !== expected[index % userids.length];
    });
    assertConforms(others.length === 0, {
      asked: `two known users in turn, ${requests.length} requests over two connections`,
      expected: 'for each user, the same data as in the response to a single request',
      seen: `responses with other data: ${others.length}`,
      change: 'keep request data in the request: use no shared variables, and no cache without the userid in its key',
    });
  },
};

const sameOrder: Check = {
  id: 'same-question-same-order',
  title: 'MAY send groups and values in the same order each time',
  ruleSet: 'hardening',
  level: 'MAY',
  clauses: ['H-25'],
  impact: 'cosmetic',
  sentByPlatform: true,
  why: 'With a stable order, two responses can be compared as text.',
  fix: [{ stack: 'any', text: 'Sort groups and values, or let the data source sort them (ORDER BY).' }],
  needs: ['control'],
  async run(context) {
    const first = await context.askOnce({ userids: [context.knownUser] });
    // Sends the request two more times: if two orders alternate, one later response can equal the first, but not both.
    for (let again = 0; again < 2; again += 1) {
      const other = await context.ask({ userids: [context.knownUser] });
      if (readMeaning(first) !== readMeaning(other))
        throw new Untestable('The responses differ in more than their order: see same-question-same-answer.');
      assertConforms(findOrder(first.body) === findOrder(other.body), {
        asked: 'the same known user three times',
        expected: 'groups and values in the same order',
        seen: 'the same groups and values in another order',
        change: 'sort groups and values, or let the data source sort them',
      });
    }
  },
};

const keptConnection: Check = {
  id: 'kept-connection-other-user',
  title: 'MUST respond with a non-200 status for an unknown user after a known user on the same connection',
  ruleSet: 'contract',
  level: 'MUST',
  clauses: ['C-8'],
  impact: 'silently-wrong-access',
  sentByPlatform: true,
  why: 'A synchronization may request several users on one connection: the data of one user must not be returned for the next.',
  fix: [
    {
      stack: 'any',
      text: 'Keep request data in the request, not in the connection, the session or the thread.',
    },
    { stack: 'spring', text: 'Clear every ThreadLocal when the request ends.' },
    { stack: 'aspnet', text: 'Register services with request data as scoped, not as singletons.' },
  ],
  needs: ['control'],
  async run(context) {
    const answer = await askOnKeptConnection(
      context,
      { userids: [context.knownUser] },
      { userids: [context.unknownUser] },
    );
    if (answer === null) return;
    const alone = await askOrClosed(context, { userids: [context.unknownUser] });
    if (alone?.status === 200)
      throw new Untestable('A single request was not refused either: see unknown-user-refused.');
    assertConforms(answer.status !== 200, {
      asked: 'a known user, then an unknown one on the same connection',
      expected: 'any status other than 200 for the second request',
      seen: `${describeAnswer(answer)}: ${describeContent(answer.body)}`,
      change: 'keep request data in the request, not in the connection or the thread',
      answers: [answer],
    });
  },
};

/** A name that is valid in a cookie and a header without encoding. */
const plainName = /^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]+$/;

/** Returns requests for the first user that also contain the second user's name elsewhere, where it needs no escaping. */
function nameElsewhere(userid: string, other: string): readonly ShortRequest[] {
  const body = JSON.stringify({ userid: other });
  const inHeaders: readonly ShortRequest['headers'][] = [
    [['Cookie', `userid=${other}; user=${other}`]],
    ['X-User-Id', 'X-Userid', 'X-User'].map((name) => [name, other] as const),
  ];
  return [
    ...(plainName.test(other) ? inHeaders.map((headers = []) => ({ userids: [userid], headers })) : []),
    ...(body.includes(other)
      ? [{ userids: [userid], headers: [['Content-Type', 'application/json']] as const, body }]
      : []),
  ];
}

const fromQueryAlone: Check = {
  id: 'userid-from-query-alone',
  title: 'MUST NOT return the data of another user who is named in a body, a cookie or a header',
  ruleSet: 'contract',
  level: 'MUST',
  clauses: ['C-7'],
  impact: 'silently-wrong-access',
  why: 'Proxies add cookies and headers. If these cookies and headers override the query, one user gets the access of another.',
  fix: [
    {
      stack: 'any',
      text: 'Read the userid from the query alone. In PHP, use $_GET instead of $_REQUEST, which may contain cookies.',
    },
    { stack: 'flask', text: 'Use request.args, not request.values.' },
    { stack: 'aspnet', text: 'Bind with [FromQuery].' },
  ],
  needs: ['second-known-user', 'control'],
  async run(context) {
    const known = await askMeaning(context, context.knownUser);
    const other = await findOtherUser(context, known);
    const others = readMeaning(await context.askOnce({ userids: [other] }));
    for (const request of nameElsewhere(context.knownUser, other)) {
      const answer = await askOrClosed(context, request);
      assertConforms(!isAccessOf(others, answer), {
        asked: 'a known user in the query, and another one in a JSON body, a cookie or a header such as X-User-Id',
        expected: 'the data of the user in the query, or an error',
        seen: 'the data of the other user',
        change: 'read the userid from the query alone',
        ...(answer ? { answers: [answer] } : {}),
      });
    }
  },
};

/** Returns the evidence, as text, that a response comes from a cache; null: there is none. */
function findCacheTrace({ header }: Answer): string | null {
  if (Number.parseInt(header('age') ?? '0', 10) > 0) return 'an Age header greater than 0';
  if (/(?:;|,)\s*hit\b/i.test(header('cache-status') ?? '')) return 'a Cache-Status with a hit';
  return /\bhit\b/i.test(header('x-cache') ?? '') ? 'an X-Cache header that indicates a hit' : null;
}

const notFromCache: Check = {
  id: 'answer-not-from-cache',
  title: 'SHOULD NOT serve the response for a known user from an HTTP cache',
  ruleSet: 'hardening',
  level: 'SHOULD',
  clauses: ['H-1'],
  impact: 'silently-wrong-access',
  sentByPlatform: true,
  why: 'A shared cache returns outdated access data, skips the credentials check, and mixes up users if its key is too short.',
  fix: [
    {
      stack: 'any',
      text: 'Disable caching for this path in every proxy and CDN. Place a cache of the data source after the credentials check.',
    },
    { stack: 'nginx', text: 'Do not use proxy_cache for this path.' },
  ],
  needs: ['control'],
  async run(context) {
    // This request is sent beforehand, so that a cache contains the response.
    await context.askOnce({ userids: [context.knownUser] });
    const answer = await context.ask({ userids: [context.knownUser] });
    const trace = findCacheTrace(answer);
    assertConforms(trace === null, {
      asked: 'a known user, requested a second time',
      expected: 'no sign of a cache in the headers',
      seen: trace ?? '',
      change: 'disable caching for this path in every proxy and CDN',
      answers: [answer],
    });
  },
};

export const consistency: Topic = {
  title: 'Consistency',
  checks: [sameAnswer, sameOrder, noSwap, fromQueryAlone, keptConnection, notFromCache],
};
