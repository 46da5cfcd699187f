// Owns the checks of an endpoint under the wear of a network: kept connections, pipelines, pieces, many headers, dawdlers, many at once.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Latency } from '../../schemas/generated/conformance-report.ts';
import type { Check, Topic } from '../check.ts';
import type { CheckContext, ShortQuestion } from '../check-context.ts';
import { Untestable } from '../check-endings.ts';
import { assertConforms, describeAnswer } from '../finding.ts';
import { summarizeLatency } from '../latency.ts';
import { NoAnswer } from '../no-answer.ts';
import type { Answer } from '../question.ts';
import { findMeaning } from '../user-info-body.ts';
import { askOnKeptConnection } from './kept-connection.ts';
import { readMeaning } from './known-meaning.ts';

const needs = ['control'] as const;

const askKnown = ({ knownUser }: CheckContext): ShortQuestion => ({ userids: [knownUser] });

/** What the user is answered with when asked alone. Throws Untestable when that is no 200 with JSON. */
async function findMeaningAlone(context: CheckContext, userid: string): Promise<string> {
  return readMeaning(await context.askOnce({ userids: [userid] }));
}

/**
 * Throws Untestable when the user is answered otherwise each time, which is another check's finding. For an answer that differs: an
 * endpoint that alternates shows in two more.
 */
async function assumeSteady(context: CheckContext, userid: string, meaning: string): Promise<void> {
  for (let time = 0; time < 2; time++) {
    const { status, body } = await context.ask({ userids: [userid] });
    if (status !== 200 || findMeaning(body) !== meaning)
      throw new Untestable('Alone, too, the same question is answered in several ways: see same-question-same-answer.');
  }
}

/** Whether it is the answer that comes alone. Throws Untestable when there is no one answer. */
async function isAsAlone(context: CheckContext, userid: string, came: Answer | NoAnswer | null, meaning: string) {
  if (came === null || came instanceof NoAnswer) return false;
  if (means(came, meaning)) return true;
  if (came.status === 200) await assumeSteady(context, userid, meaning);
  return false;
}

const means = (answer: Answer, meaning: string) => answer.status === 200 && findMeaning(answer.body) === meaning;

/** The failure in place of an answer, when it came so late or broken that it is a finding. */
async function orNoAnswer(coming: Promise<Answer | null>): Promise<Answer | NoAnswer | null> {
  return coming.catch((error: unknown) => {
    if (error instanceof NoAnswer && error.metEndpoint) return error;
    throw error;
  });
}

const seenOf = (came: Answer | NoAnswer) =>
  came instanceof NoAnswer ? `no answer (${came.code})` : `${describeAnswer(came)}, another answer than alone`;

const keptAgain: Check = {
  id: 'kept-connection-again',
  title: 'MUST respond to the second request on a connection like to the first, or close the connection',
  ruleSet: 'contract',
  level: 'MUST',
  clauses: ['C-7'],
  impact: 'refused',
  sentByPlatform: true,
  why: 'A synchronisation sends one request after the other on one connection; every second one would fail.',
  fix: [
    {
      stack: 'any',
      text: 'Read each request to its end, announce the right Content-Length, or send Connection: close and close.',
    },
  ],
  needs,
  async run(context) {
    const meaning = await findMeaningAlone(context, context.knownUser);
    const second = await orNoAnswer(askOnKeptConnection(context, askKnown(context), askKnown(context)));
    if (second === null) return;
    assertConforms(await isAsAlone(context, context.knownUser, second, meaning), {
      asked: 'a known user twice on one connection',
      expected: 'the same answer both times, or the end of the connection behind the first',
      seen: seenOf(second),
      change: 'read each request to its end, and announce the right Content-Length',
      ...(second instanceof NoAnswer ? {} : { answers: [second] }),
    });
  },
};

const pipelined: Check = {
  id: 'pipelined-in-order',
  title: 'MUST respond to pipelined requests in their order, or close the connection',
  ruleSet: 'standards',
  level: 'MUST',
  clauses: ['S-25'],
  impact: 'silently-wrong-access',
  why: 'A proxy in between may send requests so. An answer out of turn gives one user the access of another.',
  fix: [
    {
      stack: 'any',
      text: 'Leave HTTP to a server that is known for it, and keep nothing of a request with the connection.',
    },
  ],
  needs: ['second-known-user', 'control'],
  async run(context) {
    const userids = [context.knownUser, context.secondKnownUser, context.knownUser];
    const meanings = await Promise.all(userids.map((userid) => findMeaningAlone(context, userid)));
    await context.converse(askKnown(context), async (connection) => {
      for (const userid of userids) await connection.send({ userids: [userid] });
      for (const [index, userid] of userids.entries()) {
        const came = await orNoAnswer(connection.receive({ userids: [userid] }));
        // To close behind any answer is allowed, and then the caller asks again. Where a request lies unread then, the reset
        // that follows may overtake even the first answer.
        if (came instanceof NoAnswer && came.kind === 'closed') return;
        assertConforms(await isAsAlone(context, userid, came, meanings[index] ?? ''), {
          asked: 'two known users in turn, three requests on one connection without waiting',
          expected: 'the answers in the order of the requests, as when asked alone',
          seen: `for request ${index + 1} ${came === null ? 'nothing' : seenOf(came)}`,
          change: 'leave HTTP to a server that is known for it, and keep nothing of a request with the connection',
          ...(came === null || came instanceof NoAnswer ? {} : { answers: [came] }),
        });
      }
    });
  },
};

/** As tracing, proxies and cookies add them: some 3 kB. */
const manyHeaders = Array.from({ length: 40 }, (_each, index) => [`X-Trace-${index}`, 'a'.repeat(60)] as const);

const headers: Check = {
  id: 'many-headers-answered',
  title: 'SHOULD respond to a request with 40 additional headers like to one without',
  ruleSet: 'hardening',
  level: 'SHOULD',
  clauses: ['H-26'],
  impact: 'refused',
  why: 'Proxies and tracing add headers on the way. One more would end all user info.',
  fix: [{ stack: 'any', text: 'Allow 8 kB of headers and a hundred of them, as servers do by default.' }],
  needs,
  async run(context) {
    const meaning = await findMeaningAlone(context, context.knownUser);
    const answer = await context.askOnce({ ...askKnown(context), headers: manyHeaders });
    assertConforms(await isAsAlone(context, context.knownUser, answer, meaning), {
      asked: 'a known user, with 40 headers that mean nothing',
      expected: 'the answer without them',
      seen: describeAnswer(answer),
      change: 'allow 8 kB of headers and a hundred of them, as servers do by default',
      answers: [answer],
    });
  },
};

const oversized: Check = {
  id: 'oversized-header-no-5xx',
  title: 'MUST respond with 4xx to a header of 64 kB, or close the connection, and keep running',
  ruleSet: 'standards',
  level: 'MUST',
  clauses: ['S-27'],
  impact: 'cosmetic',
  why: 'A 5xx says that the endpoint is broken, and an alarm goes off for a caller’s mistake.',
  fix: [{ stack: 'any', text: 'Let the server refuse large headers with 431 before the program sees them.' }],
  needs: ['intrusive', 'control'],
  async run(context) {
    const question = { ...askKnown(context), headers: [['X-Large', 'a'.repeat(64 * 1024)]] as const };
    const answer = await orNoAnswer(context.askOnce(question));
    if (answer === null || answer instanceof NoAnswer) {
      await context.assertControlWorks();
      return;
    }
    assertConforms(answer.status < 500, {
      asked: 'a known user, with a header of 64 kB',
      expected: 'a status of 4xx, or the end of the connection',
      seen: describeAnswer(answer),
      change: 'let the server refuse large headers with 431 before the program sees them',
      answers: [answer],
    });
  },
};

/** Long enough that the pieces travel alone, short enough for everybody's patience. */
const pieceGapMs = 40;

const fragmented: Check = {
  id: 'fragmented-request-answered',
  title: 'MUST respond to a request that arrives in pieces',
  ruleSet: 'standards',
  level: 'MUST',
  clauses: ['S-26'],
  impact: 'refused',
  why: 'Networks cut where they like. An endpoint that takes the first piece for the request fails now and then, and nobody finds out why.',
  fix: [{ stack: 'any', text: 'Read on until the empty line behind the headers; better, use a server that does.' }],
  needs,
  async run(context) {
    const meaning = await findMeaningAlone(context, context.knownUser);
    const came = await context.converse(askKnown(context), async (connection) => {
      await connection.sendPieces(askKnown(context), 3, pieceGapMs);
      return orNoAnswer(connection.receive(askKnown(context)));
    });
    assertConforms(await isAsAlone(context, context.knownUser, came, meaning), {
      asked: 'a known user, the request in three pieces',
      expected: 'the answer to the whole request',
      seen: came === null ? 'nothing' : seenOf(came),
      change: 'read on until the empty line behind the headers; better, use a server that does',
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
  why: 'One caller with a bad network, or a bad mind, would keep the platform from all user info.',
  fix: [
    {
      stack: 'any',
      text: 'Serve connections beside each other, and give up on a request that is not whole after some seconds.',
    },
    { stack: 'flask', text: 'Use a server for production, or threaded=True.' },
  ],
  needs: ['intrusive', 'control'],
  async run(context) {
    const came = await context.converse(askKnown(context), async (connection) => {
      await connection.sendPieces(askKnown(context), 2, 0, 1);
      await sleep(pieceGapMs);
      return orNoAnswer(context.ask(askKnown(context)));
    });
    assertConforms(came !== null && !(came instanceof NoAnswer) && came.status === 200, {
      asked: 'a known user, while another connection has sent half a request',
      expected: 'status 200',
      seen: came === null || came instanceof NoAnswer ? `no answer (${came?.code})` : describeAnswer(came),
      change: 'serve connections beside each other, and give up on a request that is not whole after some seconds',
    });
  },
};

/** Enough for a p95 that is not the worst of them. */
const concurrentRequests = 24;

/** What came to many questions at a time. */
interface Crowd {
  /** In the order of the questions, which go round the user ids. */
  readonly answers: readonly Answer[];
  readonly latency: Latency;
}

const crowdUserids = ({ knownUser, secondKnownUser }: CheckContext) =>
  secondKnownUser === '' ? [knownUser] : [knownUser, secondKnownUser];

async function askCrowd(context: CheckContext): Promise<Crowd> {
  const { concurrency, maxP95Ms } = context.options;
  const userids = crowdUserids(context);
  const questions = Array.from({ length: concurrentRequests }, (_each, index) => ({
    userids: [userids[index % userids.length] ?? ''],
  }));
  const answers = await context.askTogether(questions, concurrency);
  const timesMs = answers.map(({ totalMs }) => totalMs);
  const latency = summarizeLatency(timesMs, concurrency, maxP95Ms);
  context.noteLatency(latency);
  return { answers, latency };
}

const crowds = new WeakMap<CheckContext, Promise<Crowd>>();

/** Known users, asked for many at once; once a run, for the checks that judge it. */
function askCrowdOnce(context: CheckContext): Promise<Crowd> {
  const crowd = crowds.get(context) ?? askCrowd(context);
  crowds.set(context, crowd);
  return crowd;
}

const concurrent: Check = {
  id: 'concurrent-requests-answered',
  title: 'SHOULD respond to each of many parallel requests like to a single one',
  ruleSet: 'hardening',
  level: 'SHOULD',
  clauses: ['H-26'],
  impact: 'refused',
  sentByPlatform: true,
  why: 'A synchronisation asks for thousands. Where some fail when a few come together, some users have no user info, each time others.',
  fix: [
    {
      stack: 'any',
      text: 'Give the pool of connections to the source a queue, and let requests wait in it for a moment before they fail.',
    },
  ],
  needs,
  async run(context) {
    const userids = crowdUserids(context);
    const meanings = await Promise.all(userids.map((userid) => findMeaningAlone(context, userid)));
    const { answers, latency } = await askCrowdOnce(context);
    const wrong = answers.filter((answer, index) => !means(answer, meanings[index % userids.length] ?? ''));
    if (wrong.some(({ status }) => status === 200)) {
      for (const [index, userid] of userids.entries()) await assumeSteady(context, userid, meanings[index] ?? '');
    }
    assertConforms(wrong.length === 0, {
      asked: `known users, ${latency.requests} times, ${latency.concurrency} at once`,
      expected: 'each time the answer that came alone',
      seen: `${wrong.length} others, the first of them ${wrong[0] ? describeAnswer(wrong[0]) : ''}`,
      change: 'let requests wait for a moment where a pool is used up, before they fail',
      answers: wrong,
    });
  },
};

const withinBound: Check = {
  id: 'latency-within-bound',
  title: 'SHOULD respond to 95 % of the requests within the declared time',
  ruleSet: 'hardening',
  level: 'SHOULD',
  clauses: ['H-26'],
  impact: 'refused',
  sentByPlatform: true,
  why: 'Time adds up: a synchronisation of 10,000 users takes an hour with 360 ms each.',
  fix: [
    {
      stack: 'any',
      text: 'Measure where the time goes: connections that are opened anew for each request, one query a group, no index.',
    },
  ],
  needs: ['latency-bound', 'control'],
  async run(context) {
    const { answers, latency } = await askCrowdOnce(context);
    const { maxP95Ms = Number.POSITIVE_INFINITY } = context.options;
    assertConforms(latency.p95Ms <= maxP95Ms, {
      asked: `known users, ${latency.requests} times, ${latency.concurrency} at once`,
      expected: '95 of 100 answers within the time that --max-p95-ms declares',
      seen: `p50 ${latency.p50Ms} ms, p95 ${latency.p95Ms} ms, p99 ${latency.p99Ms} ms, where ${maxP95Ms} ms are declared`,
      change: 'measure where the time goes; or allow more with --max-p95-ms',
      answers: [...answers].sort((one, other) => other.totalMs - one.totalMs),
    });
  },
};

export const robustness: Topic = {
  title: 'Robustness',
  checks: [keptAgain, pipelined, headers, oversized, fragmented, dawdling, concurrent, withinBound],
};
