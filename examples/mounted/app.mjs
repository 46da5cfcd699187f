// A complete small program with the user info endpoint, mounted in an Express application that also has a route of its own.
//
// The password of the only caller comes from USER_INFO_PASSWORD; the program listens on 127.0.0.1, port PORT (8080 by default):
//
//     USER_INFO_PASSWORD=choose-one node app.mjs
//     curl -u 'immuta:choose-one' 'http://127.0.0.1:8080/iam/user-info?userid=ada@example.com'
//
// It speaks HTTP, for a trial on one machine. To let other machines call it, use https.createServer, with the same arguments and your key and
// certificate, or put a proxy in front that terminates TLS. Basic credentials must not be sent in clear text.
import { createServer } from 'node:http';
import express from 'express';
import { bornPrototypes, createApp, createBasicAuthentication } from 'user-info-kit/server';

/** How long connections without a request stay open after SIGTERM. */
const lastRequestsMs = 1000;
/** How long requests in flight may take after SIGTERM before their connections are closed. */
const shutdownDeadlineMs = 10_000;

// ── 1. Your users. ──────────────────────────────────────────────────────────────────────────────────────────────────────

/**
 * Here, the data source is a Map; in your program, it may be a database, an LDAP directory or a service.
 *
 * @type {ReadonlyMap<string, import('user-info-kit/server').UserInfo>}
 */
const users = new Map([
  ['ada@example.com', { groups: [{ name: 'analysts' }], authorizations: { region: ['emea', 'apac'] } }],
  // A known user without any access gets a 200 with empty lists.
  ['grace@example.com', { groups: [], authorizations: {} }],
]);

/**
 * The three functions of every source of users. The return value decides whether the platform removes access:
 *
 * - `null` only when there is no such user, or the user is disabled (404);
 * - a value only when it is complete: every query has returned, and every page was read (200);
 * - in every other case, throw `new SourceError('unavailable', 'why')` (503), 'too-slow' (504) or 'bad-answer' (502); the class
 *   comes from user-info-kit/server. Any other error is treated as a bug (500).
 *
 * @type {import('user-info-kit/server').UserSource}
 */
const source = {
  // `signal` is aborted when the lookup has taken longer than createApp's `deadlineMs`, or when the caller has disconnected. Pass it to fetch or to
  // your driver.
  async findUser(userid, _signal) {
    return users.get(userid) ?? null;
  },
  // A Map is always available. Set it to `true` only for a source that never waits: a lookup then has no deadline.
  answersFromMemory: true,
  async check() {},
  async close() {},
};

// ── 2. Authentication. ───────────────────────────────────────────────────────────────────────────────────────────────────

const password = process.env.USER_INFO_PASSWORD;
if (!password) {
  process.stderr.write('Set USER_INFO_PASSWORD to the password that the platform sends.\n');
  process.exit(2);
}

// Two entries at the same time let you change the password without interruption. `passwordHash` takes the output of `user-info hash-password`.
const authenticate = createBasicAuthentication({ credentials: [{ username: 'immuta', password }] });

// ── 3. Logging. ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/**
 * Writes a line for each request after its response. `record.userid` is omitted on purpose: a log of requested users would reveal who works here.
 *
 * @type {import('user-info-kit/server').OnAnswered}
 */
function logRequest({ requestId, method, status, code, durationMs, caller, error }) {
  const reason = error instanceof Error ? error.message : undefined;
  const line = { time: new Date().toISOString(), requestId, method, status, code, durationMs, caller, reason };
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

// ── 4. Your application. ────────────────────────────────────────────────────────────────────────────────────────────────

let isStopping = false;

const app = express();
app.disable('x-powered-by');

// Add your own routes and middleware here. The endpoint has its own authentication and security headers, which apply to its path only.
app.get('/about', (_request, response) => {
  response.json({ name: 'people', users: users.size });
});

// The endpoint: GET /iam/user-info?userid=… Every other path below /iam is passed to the handlers that you add after this line.
app.use('/iam', createApp({ source, authenticate, onAnswered: logRequest, isStopping: () => isStopping }));

// ── 5. Listening and shutting down. ─────────────────────────────────────────────────────────────────────────────────────

// bornPrototypes creates requests and responses in the form that Express needs, which is faster; it is optional.
const server = createServer({ ...bornPrototypes(app) }, app);

server.listen(Number(process.env.PORT ?? 8080), '127.0.0.1', () => {
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  process.stdout.write(`listening on http://127.0.0.1:${port}/iam/user-info\n`);
});

// Each response closes its connection from now on. After a second, during which requests in transit can arrive, the server stops accepting
// connections and closes idle ones. When the last response is sent, the process exits with 0.
for (const signal of ['SIGTERM', 'SIGINT']) {
  process.once(signal, () => {
    isStopping = true;
    setTimeout(() => server.close(() => source.close()), lastRequestsMs);
    setTimeout(() => server.closeAllConnections(), shutdownDeadlineMs).unref();
  });
}
