// Owns what a check can use: the declared profile, the users to ask for, and asking within the limits of politeness.
import type { Agent } from 'node:http';
import { type Answer, ask, createConnections, type Endpoint, type Question } from './ask.ts';
import { askRaw } from './ask-raw.ts';
import { Untestable } from './check-endings.ts';
import type { AuthMode, CheckedOptions } from './conformance-options.ts';
import { type CredentialSet, createCredentials } from './credentials.ts';
import { createLoginBudget } from './login-budget.ts';

/** A question with what is usual left out: GET, and the right credentials. */
export type ShortQuestion = Pick<Question, 'userids'> & Partial<Question>;

export interface CheckContext {
  readonly auth: AuthMode;
  readonly profile: CheckedOptions['profile'];
  /** Empty when none was given: a check that uses it declares `known-user` or `control` among its needs. */
  readonly knownUser: string;
  /** Empty when none was given: a check that uses it declares `second-known-user`. */
  readonly secondKnownUser: string;
  readonly unknownUser: string;
  readonly hasBasicCredentials: boolean;
  readonly hasClientCertificate: boolean;
  readonly credentials: CredentialSet;
  /** Asks. Throws NoAnswer, or Untestable on 429 and when the budget of failed logins is used up. */
  ask(question: ShortQuestion): Promise<Answer>;
  /** As `ask`, but a question is sent once a run, and checks that judge the same answer share it. */
  askOnce(question: ShortQuestion): Promise<Answer>;
  /** Asks all at once, over two kept-alive connections with the right credentials; answers in the order of the questions. */
  askTogether(questions: readonly ShortQuestion[]): Promise<Answer[]>;
  /** Every byte of the answer. */
  askRaw(question: ShortQuestion): Promise<Buffer>;
}

/** The context of one run. */
export function createCheckContext(options: CheckedOptions): CheckContext {
  const endpoint: Endpoint = options;
  const budget = createLoginBudget({
    maxFailedLogins: options.maxFailedLogins,
    spacingMs: options.failedLoginSpacingMs,
  });
  const credentials = createCredentials(options);
  const answers = new Map<string, Promise<Answer>>();
  const complete = (question: ShortQuestion): Question => ({
    method: 'GET',
    credentials: credentials.right,
    ...question,
  });

  async function send(short: ShortQuestion, connections?: Agent): Promise<Answer> {
    const question = complete(short);
    if (question.credentials.isFailedLogin) await budget.take();
    const answer = await ask(endpoint, question, connections);
    if (answer.status === 429) {
      budget.close();
      throw new Untestable(
        'The endpoint limits calls: it answered 429. Run again later, or lift the limit for the test.',
      );
    }
    return answer;
  }

  return {
    auth: options.auth,
    profile: options.profile,
    knownUser: options.knownUsers[0] ?? '',
    secondKnownUser: options.knownUsers[1] ?? '',
    unknownUser: options.unknownUser,
    hasBasicCredentials: options.username !== undefined,
    hasClientCertificate: options.cert !== undefined,
    credentials,
    ask: send,
    askOnce(question) {
      const key = JSON.stringify(complete(question));
      const answer = answers.get(key) ?? send(question);
      answers.set(key, answer);
      return answer;
    },
    async askTogether(questions) {
      const connections = createConnections(endpoint, credentials.right, 2);
      try {
        return await Promise.all(questions.map((question) => send(question, connections)));
      } finally {
        connections.destroy();
      }
    },
    askRaw: (question) => askRaw(endpoint, complete(question)),
  };
}
