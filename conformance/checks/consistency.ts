// Owns the checks that look at several answers: the same question twice, two users at once or one after the other, and caches.
import type { Check, Topic } from '../check.ts';
import type { CheckContext } from '../check-context.ts';
import { MissingInput, Untestable } from '../check-endings.ts';
import { assertConforms, describeAnswer } from '../finding.ts';
import type { Answer } from '../question.ts';
import { describeContent, findMeaning } from '../user-info-body.ts';
import { askOnKeptConnection } from './kept-connection.ts';
import { readMeaning } from './known-meaning.ts';

/** What an answer means, order apart. Throws Untestable when it is no 200 with JSON. */
async function askMeaning(context: CheckContext, userid: string): Promise<string> {
  return readMeaning(await context.ask({ userids: [userid] }));
}

const sameAnswer: Check = {
  id: 'same-question-same-answer',
  level: 'MUST',
  title: 'MUST answer the same question the same way, order apart',
  platformVerdict: 'silently-wrong-access',
  source: 'User info contract, semantics: 200 is sent only when the answer is complete',
  why: 'When two answers to one question differ, at least one is incomplete, and access changes with every synchronisation.',
  mend: [
    {
      stack: 'any',
      text: 'Send 200 only when every query, page and source has completed, and an error otherwise. Where several servers answer, let them read the same data.',
    },
  ],
  needs: ['control'],
  async run(context) {
    const first = await askMeaning(context, context.knownUser);
    const second = await askMeaning(context, context.knownUser);
    assertConforms(first === second, {
      asked: 'the same known user twice',
      expected: 'the same groups and authorizations, in any order',
      seen: 'two answers that differ',
      change:
        'send 200 only when every query, page and source has completed, and an error otherwise; where several servers answer, let them read the same data',
    });
  },
};

/** Two users in turn, often enough that two requests are always on their way together. */
const rounds = 4;

const noSwap: Check = {
  id: 'parallel-users-not-swapped',
  level: 'MUST',
  title: 'MUST answer each of two users with their own data when both are asked for at the same time',
  platformVerdict: 'silently-wrong-access',
  source: 'User info contract, semantics: one user a call, and the answer is that user’s',
  why: 'A synchronisation asks for many users at the same time: a shared variable gives one the access of another.',
  mend: [
    {
      stack: 'any',
      text: 'Keep what belongs to a request within the request: no shared variable, and no cache without the user id in its key.',
    },
    { stack: 'spring', text: 'Controllers are singletons: keep no request data in their fields.' },
    {
      stack: 'go',
      text: 'Handlers are called at the same time: keep no request data in package variables or in the handler’s struct.',
    },
  ],
  needs: ['second-known-user', 'control'],
  async run(context) {
    const userids = [context.knownUser, context.secondKnownUser];
    const expected = [await askMeaning(context, context.knownUser), await askMeaning(context, context.secondKnownUser)];
    if (expected[0] === expected[1]) {
      throw new MissingInput(
        'The two known users have the same groups and authorizations: give two with --known-user who differ.',
      );
    }
    const questions = Array.from({ length: rounds }).flatMap(() => userids.map((userid) => ({ userids: [userid] })));
    const answers = await context.askTogether(questions);
    const others = answers.filter((answer, index) => {
      return answer.status === 200 && findMeaning(answer.body) !== expected[index % userids.length];
    });
    assertConforms(others.length === 0, {
      asked: `two known users in turn, ${questions.length} times over two connections`,
      expected: 'for each the answer that was seen when asked alone',
      seen: `${others.length} answers that differ from it`,
      change:
        'keep what belongs to a request within the request: no shared variable, and no cache without the user id in its key',
    });
  },
};

const sameOrder: Check = {
  id: 'same-question-same-order',
  level: 'MAY',
  title: 'MAY send groups and values in the same order each time',
  platformVerdict: 'cosmetic',
  source: 'User info contract, the call: no order is documented',
  why: 'Where the order stays, two answers can be compared as texts, and a log shows what has changed.',
  mend: [{ stack: 'any', text: 'Sort groups and values, or let the source sort them (ORDER BY).' }],
  needs: ['control'],
  async run(context) {
    const first = await context.askOnce({ userids: [context.knownUser] });
    const second = await context.ask({ userids: [context.knownUser] });
    if (readMeaning(first) !== readMeaning(second))
      throw new Untestable('The two answers differ in more than their order: see same-question-same-answer.');
    assertConforms(first.body.equals(second.body), {
      asked: 'the same known user twice',
      expected: 'the same bytes',
      seen: 'the same groups and authorizations in another order, or written otherwise',
      change: 'sort groups and values, or let the source sort them',
    });
  },
};

const keptConnection: Check = {
  id: 'kept-connection-other-user',
  level: 'MUST',
  title: 'MUST refuse an unknown user also behind a known one on the same connection',
  platformVerdict: 'silently-wrong-access',
  source:
    'User info contract, semantics: one user a call, and the answer is that user’s; RFC 9110, 3.3: HTTP is stateless',
  why: 'A synchronisation asks for one user after the other on one connection: what is left of the one must not be the access of the next.',
  mend: [
    {
      stack: 'any',
      text: 'Keep what belongs to a request with the request, not with the connection, the session or the thread that serves it.',
    },
    { stack: 'spring', text: 'Clear every ThreadLocal when the request ends.' },
    { stack: 'aspnet', text: 'Register what holds request data as scoped, not as a singleton.' },
  ],
  needs: ['control'],
  async run(context) {
    const answer = await askOnKeptConnection(
      context,
      { userids: [context.knownUser] },
      { userids: [context.unknownUser] },
    );
    if (answer === null) return;
    const alone = await context.askOnce({ userids: [context.unknownUser] });
    if (alone.status === 200) throw new Untestable('It was not refused alone either: see unknown-user-refused.');
    assertConforms(answer.status !== 200, {
      asked: 'a known user, and on the same connection an unknown one',
      expected: 'for the second any status but 200',
      seen: `${describeAnswer(answer)}: ${describeContent(answer.body)}`,
      change: 'keep what belongs to a request with the request, not with the connection or the thread that serves it',
      answers: [answer],
    });
  },
};

/** In words, what of an answer says that it comes out of a cache; null: nothing does. */
function findCacheTrace({ header }: Answer): string | null {
  if (Number.parseInt(header('age') ?? '0', 10) > 0) return 'an Age of more than 0';
  if (/(?:;|,)\s*hit\b/i.test(header('cache-status') ?? '')) return 'a Cache-Status with a hit';
  return /\bhit\b/i.test(header('x-cache') ?? '') ? 'an X-Cache with a hit' : null;
}

const notFromCache: Check = {
  id: 'answer-not-from-cache',
  level: 'SHOULD',
  title: 'SHOULD NOT answer a known user out of a cache for HTTP',
  platformVerdict: 'silently-wrong-access',
  source: 'RFC 9111, 5.1: Age says how old a stored answer is; RFC 9211, 2.1',
  why: 'A shared cache gives yesterday’s access, skips the credentials of whoever asks next, and mixes up users when its key is too short.',
  mend: [
    {
      stack: 'any',
      text: 'Switch caching off for this path in every proxy and CDN; a cache of the source belongs behind the credentials.',
    },
    { stack: 'nginx', text: 'Leave proxy_cache out for this path.' },
  ],
  needs: ['control'],
  async run(context) {
    // Asked before for certain, so that a cache would have it.
    await context.askOnce({ userids: [context.knownUser] });
    const answer = await context.ask({ userids: [context.knownUser] });
    const trace = findCacheTrace(answer);
    assertConforms(trace === null, {
      asked: 'a known user for the second time',
      expected: 'no trace of a cache in the headers',
      seen: trace ?? '',
      change: 'switch caching off for this path in every proxy and CDN',
      answers: [answer],
    });
  },
};

export const consistency: Topic = {
  title: 'Consistency',
  checks: [sameAnswer, sameOrder, noSwap, keptConnection, notFromCache],
};
