// Mixed load of a soak: requests, expected responses and durations.
import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { type AskOptions, askOrRefused, basicHeader, keepAliveAgent } from '../ask-server.ts';

export interface LoadParts {
  readonly url: string;
  /** CA, client certificate and key. */
  readonly tls: AskOptions;
  readonly password: string;
  /** userid → the expected body. */
  readonly users: ReadonlyMap<string, string>;
  readonly clients: number;
  /** Pause between two requests of a client, so that the server is measured and not the queue in front of it. */
  readonly pauseMs: number;
}

/** Observations of one stretch of the load. */
export interface Stretch {
  /** Response times in nanoseconds, for responses with 200. */
  readonly latency: RecordableHistogram;
  /** Kind of request and outcome → count. */
  readonly outcomes: Map<string, number>;
  /** Forbidden results: kind and outcome, each once. */
  readonly wrong: Set<string>;
}

export interface Load {
  /** Starts a new stretch, in which later results are counted. */
  beginStretch(): Stretch;
  stop(): Promise<void>;
}

/**
 * Outcomes that are allowed as failures: error responses, which count as responses, and broken connections, which do not. Neither can be mistaken for
 * user info.
 */
const failures = new Set(['502', '503', '504', 'ECONNRESET', 'EPIPE', 'ECONNREFUSED', 'ABORT_ERR']);
/** Clients time out because Node's cluster keeps a connection open if the worker to which it was being passed was killed. */
const clientTimeoutMs = 30_000;

interface Question {
  readonly kind: 'known' | 'unknown' | 'guess' | 'malformed';
  readonly query: string;
  readonly expected: (status: string, body: string) => boolean;
}

/** Number of requests per connection. */
const perConnection = 200;

/** Starts the load; it continues until it is stopped. */
export function startLoad({ url, tls, password, users, clients, pauseMs }: LoadParts): Load {
  const userids = [...users.keys()];
  let stretch = newStretch();
  let isOver = false;
  let turn = 0;

  function nextQuestion(): Question {
    turn += 1;
    if (turn % 50 === 0)
      return {
        kind: 'guess',
        query: `userid=${userids[0]}`,
        expected: (status) => status === '401' || status === '429',
      };
    if (turn % 25 === 0) return { kind: 'malformed', query: 'userid=', expected: (status) => status === '400' };
    if (turn % 10 === 0)
      return { kind: 'unknown', query: `userid=nobody-${turn}`, expected: (status) => status === '404' };
    const userid = userids[turn % userids.length] ?? '';
    return {
      kind: 'known',
      query: `userid=${userid}`,
      expected: (status, body) => status === '200' && body === users.get(userid),
    };
  }

  async function client(): Promise<void> {
    while (!isOver) {
      const agent = keepAliveAgent(url, tls);
      for (let asked = 0; asked < perConnection && !isOver; asked++) {
        await askOne(agent);
        await delay(pauseMs);
      }
      agent.destroy();
    }
  }

  async function askOne(agent: NonNullable<AskOptions['agent']>): Promise<void> {
    const request = nextQuestion();
    const seen = stretch;
    const startedAt = process.hrtime.bigint();
    // Guesses come from addresses other than those of the platform.
    const isGuess = request.kind === 'guess';
    const authorization = basicHeader('platform', isGuess ? `guess ${turn}` : password);
    const options = isGuess ? { ...tls, localAddress: '127.0.0.9' } : { agent };
    const answer = await askOrRefused(`${url}?${request.query}`, {
      ...options,
      headers: { authorization },
      signal: AbortSignal.timeout(clientTimeoutMs),
    });
    const [status, body] = typeof answer === 'string' ? [answer, ''] : [String(answer.status), answer.body];
    if (status === '200') seen.latency.record(process.hrtime.bigint() - startedAt);
    const outcome = `${request.kind} ${status}`;
    seen.outcomes.set(outcome, (seen.outcomes.get(outcome) ?? 0) + 1);
    if (!request.expected(status, body) && !failures.has(status)) seen.wrong.add(outcome);
  }

  const running = Array.from({ length: clients }, client);
  return {
    beginStretch() {
      stretch = newStretch();
      return stretch;
    },
    async stop() {
      isOver = true;
      await Promise.all(running);
    },
  };
}

function newStretch(): Stretch {
  return { latency: createHistogram(), outcomes: new Map(), wrong: new Set() };
}
