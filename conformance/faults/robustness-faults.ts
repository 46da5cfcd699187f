// Faults that occur only on real networks: persistent connections, fragments, concurrency.
import { setTimeout as sleep } from 'node:timers/promises';
import type { EndpointRequest, Reply } from './conformant-endpoint.ts';
import { type Fault, reply } from './fault.ts';

const isKnown = ({ status }: Reply) => status === 200;
const unavailable = (good: Reply): Reply => ({ ...good, status: 503, body: '' });
const isGet = ({ method }: EndpointRequest) => method === 'GET';
/** Returns whether the kit sent the request over a plain socket: HTTP libraries always send Accept-Encoding. */
const isPlain = ({ headers }: EndpointRequest) => !headers.some(([name]) => /^accept-encoding$/i.test(name));

export const robustnessFaults: readonly Fault[] = [
  reply(
    'kept-connection-400',
    ['kept-connection-again'],
    (good, request) =>
      isKnown(good) && isPlain(request) && request.earlierOnConnection === 1 && request.query.includes('ada'),
    (good) => ({ ...good, status: 400, body: '' }),
  ),
  {
    name: 'pipelined-swapped',
    auth: 'none',
    trips: ['pipelined-in-order'],
    alter() {
      let last: Reply | null = null;
      return {
        finish(good, request) {
          const isSecond = isPlain(request) && request.earlierOnConnection === 1 && request.query.includes('bob');
          const swapped = isSecond && last ? last : good;
          if (isKnown(good)) last = good;
          return swapped;
        },
      };
    },
  },
  reply(
    'few-headers-allowed',
    ['many-headers-answered'],
    (good, { headers }) => isKnown(good) && headers.length > 30,
    (good) => ({ ...good, status: 431, body: '' }),
  ),
  {
    name: 'large-header-500',
    auth: 'none',
    isHttps: true,
    trips: ['oversized-header-no-5xx'],
    tls: { maxHeaderSize: 1024 * 1024 },
    alter: () => ({
      finish: (good, { headers }) =>
        headers.some(([, value]) => value.length > 60_000) ? { ...good, status: 500, body: '' } : good,
    }),
  },
  reply(
    'first-piece-taken-for-all',
    ['fragmented-request-answered'],
    (good, request) => isKnown(good) && isGet(request) && request.pieces > 2 && request.earlierOnConnection === 0,
    (good) => ({ ...good, status: 400, body: '' }),
  ),
  reply(
    'waits-for-dawdlers',
    ['dawdling-requests-others-answered'],
    (good, { unfinishedElsewhere }) => isKnown(good) && unfinishedElsewhere > 0,
    unavailable,
  ),
  {
    name: 'third-at-once-503',
    auth: 'none',
    trips: ['concurrent-requests-answered'],
    alter(good) {
      let open = 0;
      return {
        async findUser(userid) {
          open += 1;
          const isTooMany = open > 3;
          await sleep(20);
          open -= 1;
          if (isTooMany) return { groups: [], authorizations: {} };
          return good.findUser(userid);
        },
      };
    },
  },
  {
    name: 'slow-one-by-one',
    auth: 'none',
    trips: ['known-user-response-time'],
    alter(good) {
      let asked = 0;
      return {
        async findUser(userid) {
          // Only the first requests, which the check sends: otherwise the run would take minutes.
          asked += 1;
          if (asked <= 3) await sleep(2100);
          return good.findUser(userid);
        },
      };
    },
  },
  {
    name: 'slow-at-once',
    auth: 'none',
    trips: ['latency-within-bound'],
    options: { maxP95Ms: 200 },
    alter(good) {
      let open = 0;
      return {
        async findUser(userid) {
          open += 1;
          await sleep(open > 2 ? 500 : 5);
          open -= 1;
          return good.findUser(userid);
        },
      };
    },
  },
];
