// Context of a check without network access: a test chooses each response, and sees each request.
import { expect } from 'chai';
import type { Check, Topic } from '../check.ts';
import type { CheckContext, PoliteConversation, ShortRequest } from '../check-context.ts';
import { MissingInput, Untestable } from '../check-endings.ts';
import { type CheckedOptions, checkOptions } from '../conformance-options.ts';
import type { BadClientCertificates } from '../http/bad-client-certificates.ts';
import { createCredentials } from '../http/credentials.ts';
import { type Answer, findHeader } from '../http/endpoint-request.ts';
import { NoAnswer } from '../http/no-answer.ts';
import type { Hello, HelloChoice } from '../http/tls-hello.ts';
import { Nonconformity } from '../nonconformity.ts';

/** Returns a response. A body that is neither text nor bytes is written as JSON. */
export function answer(status: number, body: unknown = '', more: Partial<Omit<Answer, 'header'>> = {}): Answer {
  const bytes = Buffer.isBuffer(body) ? body : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  const rawHeaders = more.rawHeaders ?? [['Content-Type', 'application/json'] as const];
  return {
    ...{ status, rawHeaders, body: bytes, wireBody: bytes, isChunked: false, isTruncated: false },
    ...{ surplusBytes: null, firstByteMs: 1, totalMs: 1, httpVersion: '1.1', parserFault: null, tls: null },
    ...more,
    header: (name) => findHeader(rawHeaders, name),
  };
}

/** Returns the user info of one group. */
export const userInfo = (group: string) => ({ groups: [{ name: group }], authorizations: {} });

/** Creates the error of a connection that the endpoint closed. */
export const closed = () => new NoAnswer('closed', 'ECONNRESET');

type Respond = (request: ShortRequest, index: number) => Answer | Error;

export interface FakeOptions {
  /** The response to a request on a connection of its own. `index`: number of earlier requests. Default: 404. */
  readonly respond?: Respond;
  /** The response to a request on a connection that `converse` opened. `index`: number of earlier requests on it. Default: as `respond`. */
  readonly onConnection?: Respond;
  /** Number of responses after which the endpoint closes a connection that `converse` opened. Default: never. */
  readonly closesAfter?: number;
  /** The server's choice for a TLS offer. Default: the server refuses. */
  readonly greet?: (hello: Hello) => HelloChoice;
  /** Throws if the control does not work. Default: it works. */
  readonly control?: () => void;
  readonly options?: Partial<CheckedOptions>;
  readonly credentials?: { readonly username: string; readonly password: string; readonly cert?: string };
}

export interface FakeContext {
  readonly context: CheckContext;
  /** Every request, in order. */
  readonly sent: ShortRequest[];
  /** Requests that opened a connection for several requests. */
  readonly opened: ShortRequest[];
  /** The arguments of `sendPieces` after the request. */
  readonly pieces: (readonly (number | undefined)[])[];
  readonly hellos: Hello[];
  readonly latencies: Parameters<CheckContext['noteLatency']>[0][];
  /** The number of connections that `askTogether` received. */
  readonly parallel: (number | undefined)[];
  /** Returns the number of times the control was sent. */
  controls(): number;
}

const present = (name: string) => ({ cert: name, key: '', shown: '' });

/** Certificates by their defect, without content: `cert` is the defect. */
const badCertificates: BadClientCertificates = {
  expired: present('expired'),
  'not-yet-valid': present('not-yet-valid'),
  'other-ca': present('other-ca'),
  'same-names': present('same-names'),
  'self-signed': present('self-signed'),
  'wrong-extended-key-usage': present('wrong-extended-key-usage'),
};

const variableOf = (index: number) => ['KNOWN_USER', 'SECOND_KNOWN_USER'][index] ?? `KNOWN_USER_${index + 1}`;

/** Creates the context of one run. */
export function createFakeContext(fake: FakeOptions): FakeContext {
  const { respond = () => answer(404), onConnection = respond, closesAfter = Number.POSITIVE_INFINITY } = fake;
  const url = 'https://users.example.test/user-info';
  const options: CheckedOptions = {
    ...checkOptions({ url, auth: 'none', knownUsers: ['ada@kit.test'], unknownUser: 'nobody@kit.test' }),
    ...fake.options,
  };
  const sent: ShortRequest[] = [];
  const opened: ShortRequest[] = [];
  const pieces: (readonly (number | undefined)[])[] = [];
  const hellos: Hello[] = [];
  const latencies: FakeContext['latencies'] = [];
  const parallel: FakeContext['parallel'] = [];
  let controls = 0;
  const answers = new Map<string, Promise<Answer>>();

  async function take(came: Answer | Error): Promise<Answer> {
    if (came instanceof Error) throw came;
    return came;
  }
  const ask = (request: ShortRequest) => {
    sent.push(request);
    return take(respond(request, sent.length - 1));
  };
  async function converse<Result>(
    request: ShortRequest,
    talk: (conversation: PoliteConversation) => Promise<Result>,
  ): Promise<Result> {
    opened.push(request);
    let received = 0;
    return talk({
      write: () => undefined,
      get isClosed() {
        return received >= closesAfter;
      },
      async send(next) {
        sent.push(next);
      },
      async sendPieces(next, ...how) {
        sent.push(next);
        pieces.push(how);
      },
      receive(next) {
        received += 1;
        return take(onConnection(next, received - 1));
      },
    });
  }
  const context: Partial<CheckContext> = {
    options,
    auth: options.auth,
    knownUser: options.knownUsers[0] ?? '',
    secondKnownUser: options.knownUsers[1] ?? '',
    unknownUser: options.unknownUser,
    credentials: createCredentials({ ...options, ...fake.credentials }),
    userVariables: new Map(options.knownUsers.map((userid, index) => [userid, variableOf(index)])),
    async assertControlWorks() {
      controls += 1;
      fake.control?.();
    },
    ask,
    async askOnce(request) {
      const key = JSON.stringify(request);
      const pending = answers.get(key) ?? ask(request);
      answers.set(key, pending);
      return pending;
    },
    async askTogether(requests, connections) {
      parallel.push(connections);
      return Promise.all(requests.map(ask));
    },
    converse,
    async greet(hello) {
      hellos.push(hello);
      return fake.greet?.(hello) ?? null;
    },
    noteLatency: (latency) => latencies.push(latency),
    badClientCertificates: async () => badCertificates,
  };
  return {
    ...{ context: context as CheckContext, sent, opened, pieces, hellos, latencies, parallel },
    controls: () => controls,
  };
}

/** Returns the check of a topic with this id. Throws if there is none. */
export function checkOf(topic: Topic | readonly Check[], id: string): Check {
  const checks = 'checks' in topic ? topic.checks : topic;
  const check = checks.find((each) => each.id === id);
  if (!check) throw new Error(`There is no check ${id}.`);
  return check;
}

/**
 * Runs the work of a check and returns its result: `passed`, or a word and a detail. The detail is what was seen after `violated: `, the message
 * after `untestable: ` and `skipped: `, and the code after `no answer: `. Throws any other error.
 */
export async function endingOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return 'passed';
  } catch (error) {
    if (error instanceof Nonconformity) return `violated: ${error.finding.seen}`;
    if (error instanceof Untestable) return `untestable: ${error.message}`;
    if (error instanceof MissingInput) return `skipped: ${error.message}`;
    if (error instanceof NoAnswer) return `no answer: ${error.code}`;
    throw error;
  }
}

/** Returns the finding that the work of a check throws. Throws if the work does not throw a finding. */
export async function findingOf(work: Promise<unknown>): Promise<Nonconformity['finding']> {
  const error: unknown = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).to.be.instanceOf(Nonconformity);
  return (error as Nonconformity).finding;
}
