// Faults of endpoints while their data source is down or after it has recovered.

import type { Reply, Steps } from './conformant-endpoint.ts';
import { empty, type Fault, json, withBody, without } from './fault.ts';

/** Returns a fault of the response while the source is down. */
function whileDown(name: string, trips: readonly string[], change: (reply: Reply) => Reply): Fault {
  return {
    name,
    auth: 'none',
    trips,
    alter: (good) => ({
      refuse: (why, request) => (why === 'source' ? change(good.refuse(why, request)) : good.refuse(why, request)),
    }),
  };
}

/** Returns the steps of an endpoint that does not notice that its source is down. */
const unnoticed = (findUser: (good: Steps) => Steps['findUser']) => (good: Steps) => ({
  isSourceUp: () => true,
  findUser: findUser(good),
});

export const sourceFailureFaults: readonly Fault[] = [
  {
    name: 'source-down-empty-200',
    auth: 'none',
    trips: ['source-down-no-wrong-200', 'source-down-refused'],
    alter: unnoticed((good) => async (userid) => {
      const user = await good.findUser(userid);
      return user && !good.isSourceUp() ? empty : user;
    }),
  },
  {
    name: 'source-down-partial-once',
    auth: 'none',
    trips: ['source-down-no-wrong-200'],
    alter: (good) => {
      let isLeft = true;
      return {
        isSourceUp() {
          if (good.isSourceUp()) return true;
          const wasLeft = isLeft;
          isLeft = false;
          return wasLeft;
        },
        async findUser(userid) {
          const user = await good.findUser(userid);
          return user && !good.isSourceUp() ? { ...user, groups: user.groups.slice(1) } : user;
        },
      };
    },
  },
  {
    name: 'source-down-cached-for-ever',
    auth: 'none',
    trips: ['source-down-refused'],
    alter: unnoticed((good) => good.findUser),
  },
  whileDown('source-down-404', ['source-down-5xx'], (good) => ({ ...good, status: 404 })),
  whileDown('source-down-no-retry-after', ['source-down-retry-after'], (good) => without(good, 'Retry-After')),
  whileDown('source-down-empty-in-error', ['source-down-error-body'], (good) => withBody(good, json(empty))),
  whileDown('source-down-address', ['source-down-no-inner-messages'], (good) =>
    withBody(good, json({ title: 'connect ECONNREFUSED 10.0.0.7:389' })),
  ),
  whileDown('source-down-hangs', ['source-down-answered'], (good) => ({ ...good, wire: '' })),
  {
    name: 'source-never-back',
    auth: 'none',
    trips: ['source-back-200'],
    alter: (good) => {
      let wasDown = false;
      return {
        isSourceUp() {
          wasDown ||= !good.isSourceUp();
          return !wasDown;
        },
      };
    },
  },
];
