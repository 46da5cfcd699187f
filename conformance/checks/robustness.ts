// Checks of robustness: reused connections, pipelining, fragments, large headers, unfinished and parallel requests, latency.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Latency } from '../../schemas/generated/conformance-report.ts';
import type { Check, Topic } from '../check.ts';
import type { CheckContext, ShortRequest } from '../check-context.ts';
import { Untestable } from '../check-endings.ts';
import type { Answer } from '../http/endpoint-request.ts';
import { summarizeLatency } from '../http/latency.ts';
import { NoAnswer } from '../http/no-answer.ts';
import { assertConforms, describeAnswer } from '../report/finding.ts';
import { findMeaning } from '../user-info-body.ts';
import { askOnKeptConnection } from './kept-connection.ts';
import { readMeaning } from './known-meaning.ts';

const needs = ['control'] as const;

const askKnown = ({ knownUser }: CheckContext): ShortRequest => ({ userids: [knownUser] });

/** Returns the data of a user from a single request. Throws Untestable if the response is not a 200 with JSON. */
async function findMeaningAlone(context: CheckContext, userid: string): Promise<string> {
  return readMeaning(await context.askOnce({ userids: [userid] }));
}

/**
 * Throws Untestable if individual requests for the user also get different data, which another check reports. Called after a difference. Two more
 * requests detect an endpoint that alternates.
 */
async function assumeSteady(context: CheckContext, userid: string, meaning: string): Promise<void> {
  for (let time = 0; time < 2; time++) {
    const { status, body } = await context.ask({ userids: [userid] });
    if (status !== 200 || findMeaning(body) !== meaning)
      throw new Untestable('Single requests for the same user get different data too: see same-question-same-answer.');
  }
}

/** Returns whether a response equals the response to a single request. Throws Untestable if single requests get different data. */
async function isAsAlone(context: CheckContext, userid: string, came: Answer | NoAnswer, meaning: string) {
  if (came instanceof NoAnswer || came.status !== 200) return false;
  if (means(came, meaning)) return true;
  await assumeSteady(context, userid, meaning);
  return false;
}

const means = (answer: Answer, meaning: string) => answer.status === 200 && findMeaning(answer.body) === meaning;

/** Returns the failure in place of a late or broken response. */
async function orNoAnswer<Came>(coming: Promise<Came>): Promise<Came | NoAnswer> {
  return coming.catch((error: unknown) => {
    if (error instanceof NoAnswer && error.metEndpoint) return error;
    throw error;
  });
}

const seenOf = (came: Answer | NoAnswer) =>
  came instanceof NoAnswer
    ? `no response (${came.code})`
    : `${describeAnswer(came)}, which differs from the response to a single request`;

const keptAgain: Check = {
  id: 'kept-connection-again',
  title: 'MUST respond to the second request on a connection as to the first, or close the connection',
  ruleSet: 'contract',
  level: 'MUST',
  clauses: ['C-7'],
  impact: 'refused',
  sentByPlatform: true,
  why: 'A synchronization may send several requests on one connection. If the second request fails, the platform gets no user info for some users.',
  fix: [
    {
      stack: 'any',
      text: 'Read each request completely, and send the correct Content-Length. Otherwise send Connection: close and close the connection.',
    },
  ],
  needs,
  async run(context) {
    const meaning = await findMeaningAlone(context, context.knownUser);
    const second = await orNoAnswer(askOnKeptConnection(context, askKnown(context), askKnown(context)));
    if (second === null) return;
    assertConforms(await isAsAlone(context, context.knownUser, second, meaning), {
      asked: 'a known user twice on one connection',
      expected: 'the same response both times, or a closed connection after the first',
      seen: seenOf(second),
      change: 'read each request completely, and send the correct Content-Length',
      ...(second instanceof NoAnswer ? {} : { answers: [second] }),
    });
  },
};

const pipelined: Check = {
  id: 'pipelined-in-order',
  title: 'MUST respond to pipelined requests in order, or close the connection',
  ruleSet: 'standards',
  level: 'MUST',
  clauses: ['S-25'],
  impact: 'silently-wrong-access',
  why: 'A proxy may pipeline requests. A response out of order gives one user the access of another.',
  fix: [
    {
      stack: 'any',
      text: 'Use an established HTTP server, and do not store request data with the connection.',
    },
  ],
  needs: ['second-known-user', 'control'],
  async run(context) {
    const userids = [context.knownUser, context.secondKnownUser, context.knownUser];
    const users = await Promise.all(
      userids.map(async (userid) => ({ userid, meaning: await findMeaningAlone(context, userid) })),
    );
    await context.converse(askKnown(context), async (connection) => {
      for (const userid of userids) await connection.send({ userids: [userid] });
      for (const [index, { userid, meaning }] of users.entries()) {
        const came = await orNoAnswer(connection.receive({ userids: [userid] }));
        // The endpoint may close the connection after any response, and the client then repeats the request. If a request has not been read by then,
        // the reset may overtake even the first response.
        if (came instanceof NoAnswer && came.kind === 'closed') return;
        assertConforms(await isAsAlone(context, userid, came, meaning), {
          asked: 'two known users in turn, three requests on one connection without waiting for the responses',
          expected: 'the responses in the order of the requests, each as for a single request',
          seen: `for request ${index + 1}: ${seenOf(came)}`,
          change: 'use an established HTTP server, and do not store request data with the connection',
          ...(came instanceof NoAnswer ? {} : { answers: [came] }),
        });
      }
    });
  },
};

/** About 3 kB, as added by tracing, proxies and cookies. */
const manyHeaders = Array.from({ length: 40 }, (_each, index) => [`X-Trace-${index}`, 'a'.repeat(60)] as const);

const headers: Check = {
  id: 'many-headers-answered',
  title: 'SHOULD respond to a request with 40 additional headers as to one without them',
  ruleSet: 'hardening',
  level: 'SHOULD',
  clauses: ['H-26'],
  impact: 'refused',
  why: 'Proxies and tracing tools add headers. If the endpoint rejects such requests, the platform gets no user info at all.',
  fix: [{ stack: 'any', text: 'Allow 100 headers and 8 kB in total, as servers do by default.' }],
  needs,
  async run(context) {
    const meaning = await findMeaningAlone(context, context.knownUser);
    const answer = await context.askOnce({ ...askKnown(context), headers: manyHeaders });
    assertConforms(await isAsAlone(context, context.knownUser, answer, meaning), {
      asked: 'a known user, with 40 additional headers',
      expected: 'the same response as without them',
      seen: seenOf(answer),
      change: 'allow 100 headers and 8 kB in total, as servers do by default',
      answers: [answer],
    });
  },
};

const oversized: Check = {
  id: 'oversized-header-no-5xx',
  title: 'MUST respond with a status below 500 to a header of 64 kB, or close the connection, and keep running',
  ruleSet: 'standards',
  level: 'MUST',
  clauses: ['S-27'],
  impact: 'cosmetic',
  why: 'A 5xx reports a failure of the endpoint, and may trigger an alarm, although the client made the mistake.',
  fix: [{ stack: 'any', text: 'Let the server reject large headers with 431 before the application reads them.' }],
  needs: ['intrusive', 'control'],
  async run(context) {
    const request = { ...askKnown(context), headers: [['X-Large', 'a'.repeat(64 * 1024)]] as const };
    const answer = await orNoAnswer(context.askOnce(request));
    if (answer instanceof NoAnswer) {
      await context.assertControlWorks();
      return;
    }
    assertConforms(answer.status < 500, {
      asked: 'a known user, with a header of 64 kB',
      expected: 'any status below 500, or a closed connection',
      seen: describeAnswer(answer),
      change: 'let the server reject large headers with 431 before the application reads them',
      answers: [answer],
    });
  },
};

/** The pause is long enough that each piece is a separate packet. */
const pieceGapMs = 40;

const fragmented: Check = {
  id: 'fragmented-request-answered',
  title: 'MUST respond to a request that arrives in pieces',
  ruleSet: 'standards',
  level: 'MUST',
  clauses: ['S-26'],
  impact: 'refused',
  why: 'A network can split a request anywhere. An endpoint that parses only the first packet fails intermittently, for reasons that are hard to find.',
  fix: [
    {
      stack: 'any',
      text: 'Read until the empty line after the headers, or use an established HTTP server, which does so.',
    },
  ],
  needs,
  async run(context) {
    const meaning = await findMeaningAlone(context, context.knownUser);
    const came = await context.converse(askKnown(context), async (connection) => {
      await connection.sendPieces(askKnown(context), 3, pieceGapMs);
      return orNoAnswer(connection.receive(askKnown(context)));
    });
    assertConforms(await isAsAlone(context, context.knownUser, came, meaning), {
      asked: 'a known user, with the request sent in three pieces',
      expected: 'the same response as to a request in one piece',
      seen: seenOf(came),
      change: 'read until the empty line after the headers, or use an established HTTP server',
    });
  },
};

const dawdling: Check = {
  id: 'dawdling-requests-others-answered',
  title: 'SHOULD respond to other clients while the request of one client is unfinished',
  ruleSet: 'hardening',
  level: 'SHOULD',
  clauses: ['H-26'],
  impact: 'refused',
  sentByPlatform: true,
  why: 'One slow or malicious client could keep the platform from getting any user info.',
  fix: [
    {
      stack: 'any',
      text: 'Serve connections concurrently, and close a connection whose request is incomplete after a few seconds.',
    },
    { stack: 'flask', text: 'Use a production server, or threaded=True.' },
  ],
  needs: ['intrusive', 'control'],
  async run(context) {
    const came = await context.converse(askKnown(context), async (connection) => {
      await connection.sendPieces(askKnown(context), 2, 0, 1);
      await sleep(pieceGapMs);
      return orNoAnswer(context.ask(askKnown(context)));
    });
    assertConforms(!(came instanceof NoAnswer) && came.status === 200, {
      asked: 'a known user, while another connection has sent half a request',
      expected: 'status 200',
      seen: came instanceof NoAnswer ? `no response (${came.code})` : describeAnswer(came),
      change: 'serve connections concurrently, and close a connection whose request is incomplete after a few seconds',
    });
  },
};

/** Enough for a 95th percentile that is not the maximum. */
const concurrentRequests = 24;

/** The responses to parallel requests. */
interface Crowd {
  /** In the order of the requests, which alternate between the user names. */
  readonly answers: readonly Answer[];
  readonly latency: Latency;
}

const crowdUserids = ({ knownUser, secondKnownUser }: CheckContext) =>
  secondKnownUser === '' ? [knownUser] : [knownUser, secondKnownUser];

async function askCrowd(context: CheckContext): Promise<Crowd> {
  const { concurrency, maxP95Ms } = context.options;
  const userids = crowdUserids(context);
  const rounds = concurrentRequests / userids.length;
  const endpointRequests = Array.from({ length: rounds }).flatMap(() =>
    userids.map((userid) => ({ userids: [userid] })),
  );
  const answers = await context.askTogether(endpointRequests, concurrency);
  const timesMs = answers.map(({ totalMs }) => totalMs);
  const latency = summarizeLatency(timesMs, concurrency, maxP95Ms);
  context.noteLatency(latency);
  return { answers, latency };
}

const crowds = new WeakMap<CheckContext, Promise<Crowd>>();

/** Requests known users in parallel, once per run: the checks share the responses. */
function askCrowdOnce(context: CheckContext): Promise<Crowd> {
  const crowd = crowds.get(context) ?? askCrowd(context);
  crowds.set(context, crowd);
  return crowd;
}

const concurrent: Check = {
  id: 'concurrent-requests-answered',
  title: 'SHOULD respond to each of many parallel requests as to a single request',
  ruleSet: 'hardening',
  level: 'SHOULD',
  clauses: ['H-26'],
  impact: 'refused',
  sentByPlatform: true,
  why: 'A synchronization requests thousands of users. If some parallel requests fail, the platform gets no user info for some users, and different users are affected each time.',
  fix: [
    {
      stack: 'any',
      text: 'Give the connection pool of the data source a queue. Requests then wait for a free connection instead of failing at once.',
    },
  ],
  needs,
  async run(context) {
    const userids = crowdUserids(context);
    const users = await Promise.all(
      userids.map(async (userid) => ({ userid, meaning: await findMeaningAlone(context, userid) })),
    );
    const { answers, latency } = await askCrowdOnce(context);
    const wrong = answers.filter((answer, index) => !means(answer, users[index % users.length]?.meaning ?? ''));
    if (wrong.some(({ status }) => status === 200)) {
      for (const { userid, meaning } of users) await assumeSteady(context, userid, meaning);
    }
    assertConforms(wrong.length === 0, {
      asked: `known users, ${latency.requests} requests, ${latency.concurrency} in parallel`,
      expected: 'for each request, the same response as to a single request',
      seen: `responses that differ: ${wrong.length}; the first: ${wrong[0] ? describeAnswer(wrong[0]) : ''}`,
      change: 'when a connection pool is exhausted, let requests wait for a moment before they fail',
      answers: wrong,
    });
  },
};

const withinBound: Check = {
  id: 'latency-within-bound',
  title: 'SHOULD respond to 95% of the requests within the declared time',
  ruleSet: 'hardening',
  level: 'SHOULD',
  clauses: ['H-26'],
  impact: 'refused',
  sentByPlatform: true,
  why: 'A synchronization of 10,000 users, one after the other, takes an hour if each response takes 360 ms.',
  fix: [
    {
      stack: 'any',
      text: 'Measure where the time is spent. Frequent causes: a new connection for each request, a query for each group, a missing index.',
    },
  ],
  needs: ['latency-bound', 'control'],
  async run(context) {
    const { answers, latency } = await askCrowdOnce(context);
    const { maxP95Ms = Number.POSITIVE_INFINITY } = context.options;
    assertConforms(latency.p95Ms <= maxP95Ms, {
      asked: `known users, ${latency.requests} requests, ${latency.concurrency} in parallel`,
      expected: `a 95th percentile of at most ${maxP95Ms} ms, as --max-p95-ms declares`,
      seen: `p50 ${latency.p50Ms} ms, p95 ${latency.p95Ms} ms, p99 ${latency.p99Ms} ms`,
      change: 'measure where the time is spent, or declare a higher limit with --max-p95-ms',
      answers: [...answers].sort((one, other) => other.totalMs - one.totalMs),
    });
  },
};

export const robustness: Topic = {
  title: 'Robustness',
  checks: [keptAgain, pipelined, headers, oversized, fragmented, dawdling, concurrent, withinBound],
};
