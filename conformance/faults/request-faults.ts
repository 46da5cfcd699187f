// Faults that concern users, the `userid` parameter, or several responses together.
import { setTimeout as sleep } from 'node:timers/promises';
import type { EndpointRequest, Reply } from './conformant-endpoint.ts';
import { empty, type Fault, json, reply, withBody } from './fault.ts';

/** Returns whether the unknown user of the fixture was requested, and no other nonexistent user. */
const isUnknown = ({ status }: Reply, { method, query }: EndpointRequest) =>
  status === 404 && method === 'GET' && query.includes('nobody');
const isKnown = ({ status }: Reply) => status === 200;
const lacksUserid = (_reply: Reply, { query }: EndpointRequest) => query === '';
const hasEmptyUserid = (_reply: Reply, { userids }: EndpointRequest) => userids[0] === '';

/** Faults of unknown users and of the parameter userid. */
export const refusalFaults: readonly Fault[] = [
  ...Object.entries({
    'unknown-user-200-empty': json(empty),
    'unknown-user-200-null': 'null',
    'unknown-user-200-empty-object': '{}',
    'unknown-user-200-error': json({ error: 'not found' }),
    'unknown-user-200-no-body': '',
    'unknown-user-200-page': '<!doctype html><title>Log in</title>',
  }).map(([name, body]) =>
    reply(name, ['unknown-user-refused'], isUnknown, (good) => ({ ...good, status: 200, body })),
  ),
  reply('unknown-user-404-cacheable', ['unknown-user-caching-not-asked-for'], isUnknown, (good) => ({
    ...good,
    headers: { ...good.headers, 'Cache-Control': 'max-age=300' },
  })),
  reply('unknown-user-404-without-cache-control', ['unknown-user-caching-forbidden'], isUnknown, (good) => ({
    ...good,
    headers: { ...good.headers, 'Cache-Control': [] },
  })),
  reply('unknown-user-500', ['unknown-user-404'], isUnknown, (good) => ({ ...good, status: 500 })),
  reply('unknown-user-404-with-groups', ['unknown-user-error-body'], isUnknown, (good) => withBody(good, json(empty))),
  reply('userid-missing-200-empty', ['userid-missing-refused'], lacksUserid, (good) => ({
    ...good,
    status: 200,
    body: json(empty),
  })),
  reply('userid-missing-404', ['userid-missing-400'], lacksUserid, (good) => ({ ...good, status: 404 })),
  reply('userid-missing-with-groups', ['userid-missing-error-body'], lacksUserid, (good) =>
    withBody(good, json({ error: { groups: [] } })),
  ),
  reply('userid-empty-200-empty', ['userid-empty-refused'], hasEmptyUserid, (good) => ({
    ...good,
    status: 200,
    body: json(empty),
  })),
  reply('userid-empty-500', ['userid-empty-400'], hasEmptyUserid, (good) => ({ ...good, status: 500 })),
  {
    name: 'userid-repeated-takes-first',
    auth: 'none',
    trips: ['userid-repeated-refused', 'userid-escaped-name'],
    alter: () => ({ findUserid: ([first]) => first || null }),
  },
  {
    name: 'userid-repeated-takes-last',
    auth: 'none',
    trips: ['userid-repeated-refused'],
    alter: () => ({ findUserid: (userids) => userids.at(-1) || null }),
  },
  {
    name: 'userid-repeated-joined',
    auth: 'none',
    trips: ['userid-repeated-400'],
    alter: () => ({ findUserid: (userids) => userids.join(',') || null }),
  },
];

/** Returns the fault of an endpoint that reads the user from a place other than the query, if one is given there. */
function readsUser(name: string, find: (request: EndpointRequest) => string | undefined): Fault {
  return {
    name,
    auth: 'none',
    trips: ['userid-from-query-alone'],
    alter: (good, { users }) => ({
      wantsBody: () => true,
      finish(reply, request) {
        const user = users.get(find(request) ?? '');
        return reply.status === 200 && user ? { ...reply, body: good.writeBody(user) } : reply;
      },
    }),
  };
}

const headerOf = ({ headers }: EndpointRequest, name: string) =>
  headers.find(([each]) => each.toLowerCase() === name)?.[1];

/** Faults concerning the place of the user name in the request. */
const placeFaults: readonly Fault[] = [
  // Like PHP's $_REQUEST with the default variables_order.
  readsUser(
    'cookie-overrides-query',
    (request) => /(?:^|; )userid=([^;]*)/.exec(headerOf(request, 'cookie') ?? '')?.[1],
  ),
  readsUser('header-overrides-query', (request) => headerOf(request, 'x-user-id')),
  readsUser('body-overrides-query', (request) => {
    const isJson = headerOf(request, 'content-type') === 'application/json';
    return isJson ? (JSON.parse(request.body) as { userid?: string }).userid : undefined;
  }),
];

/** Faults that become visible only in several responses. */
export const consistencyFaults: readonly Fault[] = [
  ...placeFaults,
  {
    name: 'groups-differ-each-time',
    auth: 'none',
    trips: ['same-question-same-answer', 'parallel-users-not-swapped', 'expected-groups'],
    alter(good) {
      let count = 0;
      return {
        async findUser(userid) {
          const user = await good.findUser(userid);
          count += 1;
          return user && { ...user, groups: [{ name: `session-${String(count).padStart(4, '0')}` }] };
        },
      };
    },
  },
  {
    name: 'current-user-shared-by-requests',
    auth: 'none',
    trips: ['parallel-users-not-swapped', 'pipelined-in-order', 'concurrent-requests-answered'],
    alter(good) {
      let current = '';
      return {
        async findUser(userid) {
          current = userid;
          await sleep(20);
          return good.findUser(current);
        },
      };
    },
  },
  {
    name: 'order-differs-each-time',
    auth: 'none',
    trips: ['same-question-same-order'],
    alter(good) {
      let count = 0;
      return {
        async findUser(userid) {
          const user = await good.findUser(userid);
          count += 1;
          return user && count % 2 === 0 ? { ...user, groups: user.groups.toReversed() } : user;
        },
      };
    },
  },
  reply(
    'user-left-on-connection',
    ['kept-connection-other-user'],
    ({ status }, { earlierOnConnection, query }) =>
      status === 404 && earlierOnConnection > 0 && query.includes('nobody'),
    (good) => ({ ...good, status: 200, body: json(empty) }),
  ),
  reply('age', ['answer-not-from-cache'], isKnown, (good) => ({ ...good, headers: { ...good.headers, Age: '30' } })),
  ...Object.entries({
    'cache-status-hit': 'front; hit; ttl=30',
    'cache-status-hit-behind-another': 'front;fwd=miss, back;hit',
  }).map(([name, value]) =>
    reply(name, ['answer-not-from-cache'], isKnown, (good) => ({
      ...good,
      headers: { ...good.headers, 'Cache-Status': value },
    })),
  ),
  reply('x-cache-hit', ['answer-not-from-cache'], isKnown, (good) => ({
    ...good,
    headers: { ...good.headers, 'X-Cache': 'HIT from front' },
  })),
];
