// Owns the faults of everything else that is asked with the right credentials: users, userid, methods, several answers.
import { setTimeout as sleep } from 'node:timers/promises';
import type { EndpointRequest, Reply } from './conformant-endpoint.ts';
import { empty, type Fault, json, refusedWith, reply, withBody, without } from './fault.ts';

const isHead = (_reply: Reply, { method }: EndpointRequest) => method === 'HEAD';
const lacksUserid = (_reply: Reply, { userids }: EndpointRequest) => userids.length === 0;
const hasEmptyUserid = (_reply: Reply, { userids }: EndpointRequest) => userids[0] === '';

/** Faults of unknown users and of the parameter userid. */
export const refusalFaults: readonly Fault[] = [
  {
    name: 'unknown-user-200-empty',
    auth: 'none',
    trips: ['unknown-user-refused'],
    alter: (good) => ({ findUser: async (userid) => (await good.findUser(userid)) ?? empty }),
  },
  refusedWith('unknown-user-500', ['unknown-user-404'], 'user', 500),
  reply(
    'unknown-user-404-with-groups',
    ['unknown-user-error-body'],
    ({ status }) => status === 404,
    (good) => withBody(good, json(empty)),
  ),
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
    trips: ['userid-repeated-refused'],
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

/** Faults of HEAD and of other methods. */
export const methodFaults: readonly Fault[] = [
  reply('head-with-other-status', ['head-like-get'], isHead, (good) => ({ ...good, status: 405 })),
  reply('head-without-content-type', ['head-like-get'], isHead, (good) => without(good, 'Content-Type')),
  reply('head-with-body', ['head-without-body'], isHead, (good) => ({ ...good, afterHead: String(good.body) })),
  {
    name: 'post-like-get',
    auth: 'none',
    trips: ['other-method-refused'],
    alter: () => ({ isMethodAllowed: () => true }),
  },
  refusedWith('post-501', ['other-method-405'], 'method', 501),
  reply(
    'no-allow',
    ['other-method-allow'],
    ({ status }) => status === 405,
    (good) => without(good, 'Allow'),
  ),
];

/** Faults that only several answers show. */
export const consistencyFaults: readonly Fault[] = [
  {
    name: 'groups-differ-each-time',
    auth: 'none',
    trips: ['same-question-same-answer', 'parallel-users-not-swapped'],
    alter(good) {
      let count = 0;
      return {
        async findUser(userid) {
          const user = await good.findUser(userid);
          count += 1;
          return user && { ...user, groups: [{ name: `session-${count}` }] };
        },
      };
    },
  },
  {
    name: 'current-user-shared-by-requests',
    auth: 'none',
    trips: ['parallel-users-not-swapped'],
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
];
