// What a check can use: the declared options, the users to request, and requests within the limits of the run.
import { createHash } from 'node:crypto';
import type { Agent } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Latency } from '../schemas/generated/conformance-report.ts';
import { NotAsked, Untestable } from './check-endings.ts';
import type { CheckedOptions } from './conformance-options.ts';
import { detectStack, type Stack } from './detect-stack.ts';
import { ask, createConnections, isForSupertest } from './http/ask.ts';
import { askRaw, writeRequest } from './http/ask-raw.ts';
import { type BadClientCertificates, issueBadClientCertificates } from './http/bad-client-certificates.ts';
import { createBodyStore } from './http/body-store.ts';
import { type Conversation, openConversation } from './http/conversation.ts';
import { type CredentialSet, createCredentials } from './http/credentials.ts';
import { NoAnswer } from './http/no-answer.ts';
import type { Answer, Endpoint, Question } from './http/question.ts';
import { PauseBudget, readRetryAfter } from './http/retry-after.ts';
import { greet, type Hello, type HelloChoice } from './http/tls-hello.ts';
import { createTranscript, type Transcript, type TranscriptOptions } from './http/transcript.ts';
import { createPositiveControl, inOtherQuery } from './positive-control.ts';
import { createRequestBudget } from './request-budget.ts';

/** A question with what is usual left out: GET, and the right credentials. */
export type ShortQuestion = Pick<Question, 'userids'> & Partial<Question>;

/** A conversation within the limits of politeness. */
export interface PoliteConversation extends Pick<Conversation, 'write' | 'isClosed'> {
  /** Throws Untestable when a budget is used up. */
  send(question: ShortQuestion): Promise<void>;
  /**
   * Sends one request in so many pieces of the same length, `gapMs` apart, but for the last ones that are withheld. It counts as a
   * request. Throws as `send`.
   */
  sendPieces(question: ShortQuestion, pieces: number, gapMs: number, withheld?: number): Promise<void>;
  /** As Conversation.receive. */
  receive(question: ShortQuestion): Promise<Answer>;
}

export interface CheckContext {
  /** All that was given, with defaults. */
  readonly options: CheckedOptions;
  readonly auth: CheckedOptions['auth'];
  /** Empty when none was given: a check that uses it declares `known-user` or `control` among its needs. */
  readonly knownUser: string;
  /** Empty when none was given: a check that uses it declares `second-known-user`. */
  readonly secondKnownUser: string;
  readonly unknownUser: string;
  readonly credentials: CredentialSet;
  /** Throws Untestable unless the known user with the right credentials is answered with 200, right now or a moment ago. */
  assertControlWorks(): Promise<void>;
  /** Asks. Throws NoAnswer, or Untestable when a budget is used up, or for a 429 after which no pause helped. */
  ask(question: ShortQuestion): Promise<Answer>;
  /** As `ask`, but a question is sent once a run, and checks of the same response share it. */
  askOnce(question: ShortQuestion): Promise<Answer>;
  /** Returns the responses that `askOnce` already got to `questions`; sends nothing. */
  receivedAnswers(questions: readonly ShortQuestion[]): Promise<Answer[]>;
  /**
   * Runs `work` with requests of its own: `askOnce` and the positive control send again what was sent before. All that runs so shares one
   * set of responses.
   */
  withFreshAnswers<Result>(work: () => Promise<Result>): Promise<Result>;
  /** Asks all at once, over that many kept-alive connections (default: 2) with the right credentials; answers in the order of the questions. */
  askTogether(questions: readonly ShortQuestion[], connections?: number): Promise<Answer[]>;
  /**
   * Opens a connection that presents what `question` does, for as long as `talk` runs, and closes it. Requests count against the
   * budget, and go into the transcript, as with `ask`; what `write` sends by hand does neither.
   */
  converse<Result>(
    question: ShortQuestion,
    talk: (conversation: PoliteConversation) => Promise<Result>,
  ): Promise<Result>;
  /** Offers a version and ciphers of TLS; counts as a request. Throws as `ask`. See greet in tls-hello.ts. */
  greet(hello: Hello): Promise<HelloChoice>;
  /** Notes the latency that was measured, for the report. */
  noteLatency(latency: Latency): void;
  /** Certificates that must be refused; issued at the first call. See issueBadClientCertificates. */
  badClientCertificates(): Promise<BadClientCertificates>;
  readonly transcript: Transcript;
  /** The shell variable that stands for a declared user id in evidence, by user id. */
  readonly userVariables: ReadonlyMap<string, string>;
  /** What no report of this run may hold, by the shell variable that stands for it: secrets, and user ids unless `showData` is set. */
  readonly hiddenValues: ReadonlyMap<string, string>;
  /** What has been sent and seen so far, for the report. */
  tally(): {
    readonly requestsSent: number;
    readonly failedLoginsSent: number;
    /** Why the run was stopped, in words; null: it was not. */
    readonly stopReason: string | null;
    /** SHA-256 of the server's certificate in hexadecimal, of the first handshake; null: none. */
    readonly serverCertificateSha256: string | null;
    /** Null: none was measured. */
    readonly latency: Latency | null;
    /** How long the first response took, in ms; null: there was none. */
    readonly firstResponseMs: number | null;
    /** The framework or server that a response named first; null: none did. */
    readonly stack: Stack | null;
  };
}

/** User ids and secrets by the shell variable that stands for them. */
function nameValues(options: CheckedOptions): Pick<TranscriptOptions, 'userids' | 'secrets'> {
  const [knownUser = '', secondKnownUser = '', ...others] = options.knownUsers;
  const { username = '', password = '', passphrase = '', proxy } = options;
  const proxyLogin = typeof proxy === 'object' ? (proxy.authorization ?? '').replace(/^Basic /, '') : '';
  return {
    userids: new Map([
      ...Object.keys(options.expectedData ?? {}).map(
        (userid, index) => [userid, `EXPECTED_USER_${index + 1}`] as const,
      ),
      ...others.map((userid, index) => [userid, `KNOWN_USER_${index + 3}`] as const),
      [secondKnownUser, 'SECOND_KNOWN_USER'],
      [knownUser, 'KNOWN_USER'],
      [options.unknownUser, 'UNKNOWN_USER'],
    ]),
    secrets: new Map([
      [proxyLogin, 'PROXY_BASIC'],
      [
        Buffer.from(proxyLogin, 'base64')
          .toString()
          .replace(/^[^:]*:/, ''),
        'PROXY_PASSWORD',
      ],
      [passphrase, 'PASSPHRASE'],
      [Buffer.from(`${username}:${password}`).toString('base64'), 'BASIC'],
      [password, 'PASSWORD'],
    ]),
  };
}

/** The context of one run. `shown` is the endpoint that the transcript names, where it is not the one that is asked. */
export function createCheckContext(options: CheckedOptions, shown: Endpoint = options): CheckContext {
  let firstResponseMs: number | null = null;
  const budget = createRequestBudget({
    ...options,
    spacingMs: options.failedLoginSpacingMs,
    expectedMs: () => firstResponseMs ?? 0,
  });
  const credentials = createCredentials(options);
  const { userids, secrets } = nameValues(options);
  const keepBodies = createBodyStore();
  // Only the kit knows a random name: a line with a variable for it could not be repeated.
  const madeUp = new Map(options.isUnknownUserRandom ? [['UNKNOWN_USER', options.unknownUser]] : []);
  const transcript = createTranscript({ endpoint: shown, showData: options.showData, userids, secrets, madeUp });
  const firstAnswers = new Map<string, Promise<Answer>>();
  const freshAnswers = new Map<string, Promise<Answer>>();
  let answers = firstAnswers;
  const pauses = new PauseBudget();
  const [firstUser = ''] = options.knownUsers;
  const control = createPositiveControl(
    (isOtherQuery) => send(isOtherQuery ? inOtherQuery(firstUser) : { userids: [firstUser] }),
    budget,
  );
  let badCertificates: Promise<BadClientCertificates> | undefined;
  let serverCertificateSha256: string | null = null;
  let latency: Latency | null = null;
  let stack: Stack | null = null;
  let isParserRefused = false;
  const complete = (question: ShortQuestion): Question => ({
    method: 'GET',
    credentials: credentials.right,
    ...question,
  });

  /** Writes down why nothing came. */
  function noteFailure(question: Question, error: unknown, sent?: Parameters<Transcript['record']>[2]): never {
    if (error instanceof NoAnswer) {
      transcript.record(question, error, sent);
      control.forget();
    }
    throw error;
  }

  /** Writes down what comes. */
  async function noteExchange(
    question: Question,
    coming: Promise<Answer>,
    sent?: Parameters<Transcript['record']>[2],
  ): Promise<Answer> {
    const answer = keepBodies(await coming.catch((error: unknown) => noteFailure(question, error, sent)));
    transcript.record(question, answer, sent);
    stack ??= detectStack(answer);
    firstResponseMs ??= answer.totalMs;
    const certificate = answer.tls?.chain[0];
    if (certificate) serverCertificateSha256 ??= createHash('sha256').update(certificate).digest('hex');
    return answer;
  }

  /**
   * What Node's parser refuses as no HTTP/1.1 by the letter is asked for once more and read without it, and so is everything from then on: a finding
   * says what is wrong with it, and the other checks evaluate the rest. Throws the error of the parser if that does not help.
   */
  async function exchange(question: Question, connections?: Agent): Promise<Answer> {
    if (isParserRefused || !isForSupertest(question)) return askRaw(options, question);
    // On a connection that others share it may be their bytes that the parser stumbles over.
    if (connections) return ask(options, question, connections);
    try {
      return await ask(options, question);
    } catch (error) {
      const isRefused = error instanceof NoAnswer && error.code.startsWith('HPE_');
      // One more failed login could lock an account, one more POST could write.
      if (!isRefused || question.credentials.failedLoginOf !== null || question.method !== 'GET') throw error;
      await budget.take(null);
      const answer = await askRaw(options, question).catch(() => {
        throw error;
      });
      isParserRefused = true;
      return { ...answer, parserFault: error.code };
    }
  }

  async function send(short: ShortQuestion, connections?: Agent): Promise<Answer> {
    const question = complete(short);
    for (let repetitions = 0; ; repetitions++) {
      await budget.take(question.credentials.failedLoginOf);
      const answer = await noteExchange(question, exchange(question, connections));
      if (answer.status !== 429) return answer;
      await pauseOrGiveUp(question, answer, repetitions);
    }
  }

  /** Waits as long as a 429 asks for. Throws Untestable when it is not asked again. */
  async function pauseOrGiveUp(
    { credentials: { failedLoginOf } }: Question,
    answer: Answer,
    repetitions: number,
  ): Promise<void> {
    if (failedLoginOf !== null) {
      // Asking again would be one more failed login; and a limit of those is what a good endpoint has.
      const reason = 'No more wrong credentials were sent, because the endpoint responded with 429. Run again later.';
      budget.closeFailedLogins(reason);
      throw new NotAsked(reason);
    }
    const pauseMs = pauses.take(readRetryAfter(answer.header('retry-after'), Date.now()), repetitions);
    if (pauseMs !== null) {
      await sleep(pauseMs);
      return;
    }
    budget.stop(
      'Not sent: the endpoint limits requests with 429, and requires longer pauses than a run makes. Run again later, or lift the limit for the test.',
    );
    throw new Untestable(
      'The endpoint limits requests: it responded with 429. Run again later, or lift the limit for the test.',
    );
  }

  return {
    options,
    auth: options.auth,
    knownUser: options.knownUsers[0] ?? '',
    secondKnownUser: options.knownUsers[1] ?? '',
    unknownUser: options.unknownUser,
    credentials,
    transcript,
    userVariables: userids,
    hiddenValues: options.showData ? secrets : new Map([...userids, ...secrets]),
    assertControlWorks: control.assertWorks,
    ask: send,
    async askOnce(question) {
      const key = JSON.stringify(complete(question));
      const remembered = answers.get(key);
      const pending = remembered ?? send(question);
      answers.set(key, pending);
      const answer = await pending;
      if (remembered) transcript.reuse(answer);
      return answer;
    },
    async receivedAnswers(questions) {
      const known = questions.flatMap((question) => firstAnswers.get(JSON.stringify(complete(question))) ?? []);
      const settled = await Promise.allSettled(known);
      return settled.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
    },
    async withFreshAnswers(work) {
      answers = freshAnswers;
      control.forget();
      try {
        return await work();
      } finally {
        answers = firstAnswers;
      }
    },
    async askTogether(questions, connections = 2) {
      const agent = createConnections(options, credentials.right, connections);
      const waiting = [...questions.entries()];
      const answers: Answer[] = [];
      // Not all at once and queued by the agent: the time in a queue is none of the endpoint's.
      async function work(): Promise<void> {
        for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
          const [index, question] = next;
          answers[index] = await send(question, agent);
        }
      }
      try {
        await Promise.all(Array.from({ length: connections }, work));
        return answers;
      } finally {
        // Where one has failed, the others ask no more.
        waiting.length = 0;
        agent.destroy();
      }
    },
    async converse(question, talk) {
      const opening = complete(question);
      const earlier: Question[] = [];
      let sentInPieces: string | undefined;
      const conversation = await openConversation(options, opening).catch((error: unknown) =>
        noteFailure(opening, error),
      );
      try {
        return await talk({
          write: (bytes) => conversation.write(bytes),
          get isClosed() {
            return conversation.isClosed;
          },
          async send(short) {
            const next = complete(short);
            await budget.take(next.credentials.failedLoginOf);
            conversation.send(next);
          },
          async sendPieces(short, pieces, gapMs, withheld = 0) {
            const next = complete(short);
            await budget.take(next.credentials.failedLoginOf);
            const bytes = writeRequest(options, next, 'keep-alive');
            sentInPieces = `sent in ${pieces} pieces, ${gapMs} ms apart`;
            const cut = (piece: number) => Math.floor((bytes.length * piece) / pieces);
            for (let piece = 0; piece < pieces - withheld; piece++) {
              if (piece > 0) await sleep(gapMs);
              conversation.write(bytes.subarray(cut(piece), cut(piece + 1)));
            }
            if (withheld > 0) transcript.recordUnfinished(next);
          },
          async receive(short) {
            const next = complete(short);
            const sent = { earlier: [...earlier], pieces: sentInPieces };
            earlier.push(next);
            const answer = await noteExchange(next, conversation.receive(next), sent);
            if (answer.status === 429) throw new Untestable('The endpoint limits requests: it responded with 429.');
            return answer;
          },
        });
      } finally {
        conversation.close();
      }
    },
    async greet(hello) {
      await budget.take(null);
      const choice = await greet(options, hello);
      transcript.recordHello(hello, choice);
      return choice;
    },
    noteLatency(measured) {
      latency = measured;
    },
    badClientCertificates() {
      badCertificates ??= issueBadClientCertificates(options);
      return badCertificates;
    },
    tally: () => ({
      requestsSent: budget.requestsSent,
      failedLoginsSent: budget.failedLoginsSent,
      stopReason: budget.stopReason,
      serverCertificateSha256,
      latency,
      stack,
      firstResponseMs,
    }),
  };
}
