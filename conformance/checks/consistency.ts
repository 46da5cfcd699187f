// Owns the checks that look at several answers: the same question, and two users at the same time.
import type { Check, Topic } from '../check.ts';
import type { CheckContext } from '../check-context.ts';
import { MissingInput, Untestable } from '../check-endings.ts';
import { assertConforms } from '../finding.ts';
import { findMeaning } from '../user-info-body.ts';

/** What an answer means, order apart. Throws Untestable when it is no 200 with JSON. */
async function askMeaning(context: CheckContext, userid: string): Promise<string> {
  const answer = await context.ask({ userids: [userid] });
  const meaning = answer.status === 200 ? findMeaning(answer.body) : null;
  if (meaning === null)
    throw new Untestable('A known user was not answered with 200 and JSON: see known-user-200 and known-user-json.');
  return meaning;
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

export const consistency: Topic = { title: 'Consistency', checks: [sameAnswer, noSwap] };
