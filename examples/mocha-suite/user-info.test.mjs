// Runs the conformance kit within mocha, one test per check: `npx mocha user-info.test.mjs`.

import { describeConformance } from 'user-info-kit/conformance';
import { authenticateNobody, createApp } from 'user-info-kit/server';

// An endpoint under test. Yours can be written in any language: only its URL matters.
const users = new Map([
  ['ada@example.com', { groups: [{ name: 'analysts' }], authorizations: { region: ['emea', 'apac'] } }],
  ['grace@example.com', { groups: [], authorizations: {} }],
]);
const app = createApp({
  source: { findUser: async (userid) => users.get(userid) ?? null, check: async () => {}, close: async () => {} },
  authenticate: authenticateNobody,
});

let server;
before((done) => {
  server = app.listen(0, '127.0.0.1', done);
});
after(() => server.close());

// A function, since the port is known only when the endpoint runs.
describeConformance(() => ({
  url: `http://127.0.0.1:${server.address().port}/user-info`,
  auth: 'none',
  knownUsers: ['ada@example.com', 'grace@example.com'],
}));
