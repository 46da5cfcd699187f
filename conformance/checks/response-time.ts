// Check of the duration of a single response. It runs first, so that a slow endpoint is recognized before the other checks.
import type { Check } from '../check.ts';
import { NotAsked } from '../check-endings.ts';
import type { Answer } from '../http/endpoint-request.ts';
import { summarizeLatency } from '../http/latency.ts';
import { assertConforms } from '../report/finding.ts';

/** At this speed, a sequential synchronization of 1,000 users takes half an hour. */
const limitMs = 2000;

/** A single slow response can be a cold start, so the median of three counts. */
const requests = 3;

const inSeconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;

export const responseTime: Check = {
  id: 'known-user-response-time',
  title: 'SHOULD respond to a single request within 2 seconds',
  ruleSet: 'hardening',
  level: 'SHOULD',
  clauses: ['H-26'],
  impact: 'refused',
  sentByPlatform: true,
  why: 'The platform requests a user at each login, and all users during a synchronization. One after the other at 8 seconds each, 1,000 users take over two hours. The time limit of the platform is not documented.',
  fix: [
    {
      stack: 'any',
      text: 'Measure where the time is spent. Frequent causes: a new connection for each request, a query for each group, a missing index, a slow data source without a cache.',
    },
  ],
  needs: ['known-user'],
  async run(context) {
    const request = { userids: [context.knownUser] };
    const answers: Answer[] = [await context.ask(request)];
    while ((answers[0]?.totalMs ?? 0) > limitMs && answers.length < requests) {
      try {
        answers.push(await context.ask(request));
      } catch (error) {
        if (error instanceof NotAsked) break;
        throw error;
      }
    }
    const times = answers.map(({ totalMs }) => totalMs).sort((one, other) => one - other);
    const median = times[Math.floor((times.length - 1) / 2)] ?? 0;
    if (answers.length > 1) context.noteLatency(summarizeLatency(times, 1, context.options.maxP95Ms));
    assertConforms(median <= limitMs, {
      asked: `a known user, ${answers.length} times, one after the other`,
      expected: `a response within ${inSeconds(limitMs)}`,
      seen: `a median of ${inSeconds(median)}, with status ${[...new Set(answers.map(({ status }) => status))].join(' and ')}`,
      change: 'make the lookup faster',
      answers: answers.slice(0, 1),
    });
  },
};
