// Tools of a check: the declared options, the users to request, and requests within the limits of the run.
import { createHash } from 'node:crypto';
import type { Agent } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CheckResult, Latency } from '../schemas/generated/conformance-report.ts';
import { NotAsked, Untestable } from './check-endings.ts';
import type { CheckedOptions } from './conformance-options.ts';
import { ask, createConnections, isForSupertest } from './http/ask.ts';
import { askRaw, writeRequest } from './http/ask-raw.ts';
import { type BadClientCertificates, issueBadClientCertificates } from './http/bad-client-certificates.ts';
import { createBodyStore } from './http/body-store.ts';
import { type Conversation, openConversation } from './http/conversation.ts';
import { type CredentialSet, createCredentials } from './http/credentials.ts';
import type { Answer, Endpoint, EndpointRequest } from './http/endpoint-request.ts';
import { NoAnswer } from './http/no-answer.ts';
import { PauseBudget, readRetryAfter } from './http/retry-after.ts';
import { greet, type Hello, type HelloChoice } from './http/tls-hello.ts';
import { createTranscript, type Transcript, type TranscriptOptions } from './http/transcript.ts';
import { createPositiveControl, inOtherQuery } from './positive-control.ts';
import { createRequestBudget } from './request-budget.ts';

/** A request with defaults for omitted parts: GET, and the right credentials. */
export type ShortRequest = Pick<EndpointRequest, 'userids'> & Partial<EndpointRequest>;

/** A connection whose requests count against the limits of the run. */
export interface PoliteConversation extends Pick<Conversation, 'write' | 'isClosed'> {
  /** Throws Untestable if a budget is used up. */
  send(request: ShortRequest): Promise<void>;
  /**
   * Sends one request in pieces of equal length, `gapMs` apart, and withholds the last pieces. It counts as a
   * request. Throws as `send`.
   */
  sendPieces(request: ShortRequest, pieces: number, gapMs: number, withheld?: number): Promise<void>;
  /** Works like Conversation.receive, but throws Untestable on a 429. */
  receive(request: ShortRequest): Promise<Answer>;
}

export interface CheckContext {
  /** All given options, with defaults. */
  readonly options: CheckedOptions;
  readonly auth: CheckedOptions['auth'];
  /** Empty if none was given: a check that uses it lists `known-user` or `control` in its needs. */
  readonly knownUser: string;
  /** Empty if none was given: a check that uses it lists `second-known-user`. */
  readonly secondKnownUser: string;
  readonly unknownUser: string;
  readonly credentials: CredentialSet;
  /** Throws Untestable unless the known user with the right credentials gets a 200, now or recently. */
  assertControlWorks(): Promise<void>;
  /** Sends a request and returns the response. Throws NoAnswer, or Untestable if a budget is used up, or a 429 persists after pauses. */
  ask(request: ShortRequest): Promise<Answer>;
  /** Works like `ask`, but each request is sent once per run, and checks share the response. */
  askOnce(request: ShortRequest): Promise<Answer>;
  /** Returns the responses that `askOnce` already got to `requests`; sends nothing. */
  receivedAnswers(requests: readonly ShortRequest[]): Promise<Answer[]>;
  /**
   * Runs `work` with its own requests: `askOnce` and the positive control repeat requests that were already sent. Everything that runs this way
   * shares one set of responses.
   */
  withFreshAnswers<Result>(work: () => Promise<Result>): Promise<Result>;
  /**
   * Sends all requests concurrently with the right credentials, over this many persistent connections (default: 2); returns the responses in the order
   * of the requests.
   */
  askTogether(requests: readonly ShortRequest[], connections?: number): Promise<Answer[]>;
  /**
   * Opens a connection with the credentials of `request` while `talk` runs, and closes it. Requests count against the budget and are
   * recorded in the transcript, as with `ask`; bytes sent by `write` are not.
   */
  converse<Result>(request: ShortRequest, talk: (conversation: PoliteConversation) => Promise<Result>): Promise<Result>;
  /** Offers a TLS version and ciphers; counts as a request. Throws like `ask`. See greet in tls-hello.ts. */
  greet(hello: Hello): Promise<HelloChoice>;
  /** Records the measured latency for the report. */
  noteLatency(latency: Latency): void;
  /** Returns certificates that endpoints must refuse; the first call issues them. See issueBadClientCertificates. */
  badClientCertificates(): Promise<BadClientCertificates>;
  readonly transcript: Transcript;
  /** Shell variables that replace declared user ids in evidence, by user id. */
  readonly userVariables: ReadonlyMap<string, string>;
  /** Secrets, and user ids unless `showData` is set, by the shell variable that replaces them. They must not occur in a report of this run. */
  readonly hiddenValues: ReadonlyMap<string, string>;
  /** Returns the requests and responses so far, for the report. */
  tally(): {
    readonly requestsSent: number;
    readonly failedLoginsSent: number;
    /** Why the run was stopped, as text; null: it was not. */
    readonly stopReason: string | null;
    /** SHA-256 of the server's certificate in hexadecimal, from the first handshake; null: none. */
    readonly serverCertificateSha256: string | null;
    /** Null: not measured. */
    readonly latency: Latency | null;
    /** Duration of the first response in ms; null: there was none. */
    readonly firstResponseMs: number | null;
    /** The framework or server named in the first response that names one; null: none does. */
    readonly stack: Stack | null;
  };
}

/** Returns user ids and secrets by the shell variables that replace them. */
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

/** Creates the context of one run. `shown` is the endpoint as shown in the transcript, if that differs from the requested endpoint. */
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
  // The operator does not know a random name, so nobody could rerun a command line that contains a variable for it.
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
  const complete = (request: ShortRequest): EndpointRequest => ({
    method: 'GET',
    credentials: credentials.right,
    ...request,
  });

  /** Records why there was no response, and throws the error again. */
  function noteFailure(request: EndpointRequest, error: unknown, sent?: Parameters<Transcript['record']>[2]): never {
    if (error instanceof NoAnswer) {
      transcript.record(request, error, sent);
      control.forget();
    }
    throw error;
  }

  /** Records the response. */
  async function noteExchange(
    request: EndpointRequest,
    coming: Promise<Answer>,
    sent?: Parameters<Transcript['record']>[2],
  ): Promise<Answer> {
    const answer = keepBodies(await coming.catch((error: unknown) => noteFailure(request, error, sent)));
    transcript.record(request, answer, sent);
    stack ??= detectStack(answer);
    firstResponseMs ??= answer.totalMs;
    const certificate = answer.tls?.chain[0];
    if (certificate) serverCertificateSha256 ??= createHash('sha256').update(certificate).digest('hex');
    return answer;
  }

  /**
   * Sends a request. If Node's parser rejects the response, the request is sent once more without the parser, as are all later requests. A finding
   * then reports the violation, and the other checks evaluate the rest of the response. Throws the parser's error if the second request fails too.
   */
  async function exchange(request: EndpointRequest, connections?: Agent): Promise<Answer> {
    if (isParserRefused || !isForSupertest(request)) return askRaw(options, request);
    // On a shared connection, the rejected bytes may belong to other requests.
    if (connections) return ask(options, request, connections);
    try {
      return await ask(options, request);
    } catch (error) {
      const isRefused = error instanceof NoAnswer && error.code.startsWith('HPE_');
      // Repeating the request could lock an account with one more failed login, or write data with one more POST.
      if (!isRefused || request.credentials.failedLoginOf !== null || request.method !== 'GET') throw error;
      await budget.take(null);
      const answer = await askRaw(options, request).catch(() => {
        throw error;
      });
      isParserRefused = true;
      return { ...answer, parserFault: error.code };
    }
  }

  async function send(short: ShortRequest, connections?: Agent): Promise<Answer> {
    const request = complete(short);
    for (let repetitions = 0; ; repetitions++) {
      await budget.take(request.credentials.failedLoginOf);
      const answer = await noteExchange(request, exchange(request, connections));
      if (answer.status !== 429) return answer;
      await pauseOrGiveUp(request, answer, repetitions);
    }
  }

  /** Waits for as long as a 429 requires. Throws Untestable if the request is not repeated. */
  async function pauseOrGiveUp(
    { credentials: { failedLoginOf } }: EndpointRequest,
    answer: Answer,
    repetitions: number,
  ): Promise<void> {
    if (failedLoginOf !== null) {
      // A repetition would be one more failed login, and a limit on failed logins is good practice.
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
      'Not sent: the endpoint limits requests with 429, and requires more or longer pauses than the kit makes in a run. Run again later, or lift the limit for the test.',
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
    async askOnce(request) {
      const key = JSON.stringify(complete(request));
      const remembered = answers.get(key);
      const pending = remembered ?? send(request);
      answers.set(key, pending);
      const answer = await pending;
      if (remembered) transcript.reuse(answer);
      return answer;
    },
    async receivedAnswers(requests) {
      const known = requests.flatMap((request) => firstAnswers.get(JSON.stringify(complete(request))) ?? []);
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
    async askTogether(requests, connections = 2) {
      const agent = createConnections(options, credentials.right, connections);
      const waiting = [...requests.entries()];
      const answers: Answer[] = [];
      // The agent does not queue requests, because time in a queue must not count as the endpoint's response time.
      async function work(): Promise<void> {
        for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
          const [index, request] = next;
          answers[index] = await send(request, agent);
        }
      }
      try {
        await Promise.all(Array.from({ length: connections }, work));
        return answers;
      } finally {
        // After a failure, the other connections send no more requests.
        waiting.length = 0;
        agent.destroy();
      }
    },
    async converse(request, talk) {
      const opening = complete(request);
      const earlier: EndpointRequest[] = [];
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

type Stack = Exclude<CheckResult['fix'][number]['stack'], 'any'>;

/** Frameworks before servers: nginx in front of Express forwards the headers of Express. */
const signs: readonly (readonly [header: string, value: RegExp, stack: Stack])[] = [
  ['x-powered-by', /^express$/i, 'express'],
  ['server', /^werkzeug\b/i, 'flask'],
  ['x-application-context', /./, 'spring'],
  ['server', /^kestrel\b/i, 'aspnet'],
  ['x-powered-by', /^asp\.net\b/i, 'aspnet'],
  ['x-aspnet-version', /./, 'aspnet'],
  ['server', /^nginx\b/i, 'nginx'],
];

/** Returns the stack that a response names; null: it names no stack for which the kit has advice. */
export function detectStack({ header }: Pick<Answer, 'header'>): Stack | null {
  return signs.find(([name, value]) => value.test(header(name) ?? ''))?.[2] ?? null;
}
