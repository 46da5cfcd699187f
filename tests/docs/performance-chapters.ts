// Texts and goals of docs/performance.md, by benchmark.

/** Texts and goals of one benchmark. */
export interface Chapter {
  readonly name: string;
  readonly title: string;
  readonly words: string;
  /** Lower limits of the ratio of two rows, by their first column. */
  readonly ratios?: ReadonlyArray<{ readonly of: string; readonly to: string; readonly atLeast: number }>;
  /** Upper limits of cells; with `per`, of the cell divided by another cell of the row. */
  readonly limits?: ReadonlyArray<{
    readonly row: string;
    readonly column: string;
    readonly per?: string;
    readonly below: number;
  }>;
  readonly afterwards?: string;
}

export const chapters: readonly Chapter[] = [
  {
    name: 'http',
    title: 'The server with a CSV file',
    words: `This benchmark tests the complete server with Basic authentication, security headers, an access log in a file, request ids, metrics, and a million users. wrk uses 64 persistent connections on the same two cores.

- \`node-http\`: plain \`node:http\` that checks the password and looks up the user in the same packed data.
- \`node-http-logged\`: the same, with our response headers and our log. It does the same work as our server.
- \`node-http-ready\`: plain \`node:http\` that keeps the bytes of every response in a Map (5.6 GB for the 6-kB responses).
- \`fastify\`, \`express\`: with the usual plugins or middleware, combined as in their documentation.`,
    ratios: ['600-byte', '6-kB'].flatMap((size) => [
      { of: `${size} http ours`, to: `${size} http node-http-logged`, atLeast: 0.9 },
      { of: `${size} http ours`, to: `${size} http fastify`, atLeast: 3 },
      { of: `${size} http ours`, to: `${size} http express`, atLeast: 8 },
      { of: `${size} https ours`, to: `${size} https node-http-logged`, atLeast: 0.9 },
    ]),
    afterwards: `The goals are relative to the peer that does the same work; \`node-http\` sends three headers and logs nothing. [Decision 7](decisions/0007-express-at-speed.md) explains how an
Express application reaches these figures. Rounds differ by up to a factor of two, because the speed of the
machine changes. The medians of the ratios within a round (ours / node-http-logged) were 0.85 for 600 bytes over HTTP, 0.83 over HTTPS, 0.99 for 6 kB over HTTP, and 0.91 over HTTPS in
this run, and 0.89, 0.90, 0.82 and 0.81 in the 14 rounds of the two runs before it.`,
  },
  {
    name: 'connections',
    title: 'New HTTPS connections',
    words: `Each connection carries one request. The benchmark uses TLS 1.3, P-256 keys, and four clients of \`openssl s_time\` on the same two cores. A resumed connection uses the session of the previous connection.
The CPU column shows the CPU time of the server's process.

- \`node-https\`: plain \`node:https\` with one prepared response.
- \`node-https-logged\`: the same with our headers, our log and a check of the client certificate.
- \`ours\`: the complete server with one user in its configuration. It checks the client certificate and requires no password.`,
    ratios: ['server certificate only', 'with client certificates'].flatMap((trust) =>
      ['full', 'resumed'].map((way) => ({
        of: `${trust}, ${way}: ours`,
        to: `${trust}, ${way}: node-https-logged`,
        atLeast: 0.9,
      })),
    ),
    afterwards: `The goals are relative to the peer that does the same work. Individual rounds differ by more than the 10% that the goals allow, so there are 21 rounds. Headers and a log line cost ten times as much here as on a persistent connection.
The handshake evicts the code that creates the response from the processor's caches.`,
  },
  {
    name: 'scaling',
    title: 'More users, connections and workers',
    words: `This benchmark compares the complete server over HTTP with plain \`node:http\` that performs the same lookup. Responses have 600 bytes, and there are 64 persistent connections unless stated otherwise.

- wrk shares the two cores with the workers, so two workers cannot double the throughput. The row "at most" is the throughput that both cores allow.
- If a lookup uses the processor for 100 µs, wrk does only a small share of the work.
- p50 and p99 are from h2load, which times each request from its first byte to the last byte of its response.
- The p99 from wrk, in a separate column, also counts requests that wrk would have sent during a pause.`,
    ratios: [
      { of: '1,000,000 users', to: '1,000 users', atLeast: 0.9 },
      { of: 'lookups of 100 µs, 2 workers', to: 'lookups of 100 µs', atLeast: 1.5 },
    ],
    limits: [
      '1,000,000 users',
      '1,000,000 users, 16 connections',
      '1,000,000 users, 4 connections',
      '1,000,000 users, 1 connection',
    ].map((row) => ({ row, column: 'p99PerP50', below: 4 })),
  },
  {
    name: 'capacity',
    title: 'A full sync',
    words: `Each user is requested once, over TLS with a client certificate and a password, on persistent connections. The data source is a CSV file, or a source with 20 ms latency. The client is a Node
program on the same two cores. Each row is one run. The predictions come from the rows without a prediction, according to the model in the [capacity guide](guides/capacity.md);
CPU time of other processes is taken into account.`,
    limits: [
      '100,000 users, 16 connections, 1 worker',
      '100,000 users, 16 connections, 2 workers',
      'source latency 20 ms, 2,000 users, 8 connections, 1 worker',
      'source latency 20 ms, 8,000 users, 32 connections, 1 worker',
    ].map((row) => ({ row, column: 'ofPredicted', below: 1.3 })),
  },
  {
    name: 'overload',
    title: 'Overload',
    words: `Each lookup uses the processor for 5 ms. For eight seconds, 400 persistent connections send three times as many requests per second as the server handled before the overload.
\`listener.maxEventLoopDelayMs: 0\` disables load shedding; the other rows use 100. Latencies are those of responses with 200, measured from the time when the request was due.
Recovery is the time from the last request of the overload to the first of three consecutive responses in time.`,
    limits: [
      { row: 'shedding from 100 ms on: three times too much', column: 'p99Ms', below: 1000 },
      { row: 'shedding from 100 ms on: three times too much', column: 'recoverySeconds', below: 2 },
    ],
  },
  {
    name: 'guessing',
    title: 'Password guessing',
    words: `This benchmark uses an htpasswd file with bcrypt hashes of cost 12, and another with scrypt hashes. Ten addresses with four connections each guess passwords for nonexistent user names, with the default limits. Meanwhile a
known caller sends a request every 10 ms over persistent connections. Every 1.5 seconds, a new address logs in with correct credentials that are not cached. Server, guessers and callers share the
same two cores. p99 is that of the known caller; login times are those of the slowest login in each round.`,
    limits: ['bcrypt 12', 'scrypt'].flatMap((title) => [
      { row: `${title}: ten addresses guess`, column: 'ofCalm', below: 3 },
      { row: `${title}: ten addresses guess`, column: 'failedPercent', below: 0.01 },
      { row: `${title}: ten addresses guess`, column: 'slowestLoginMs', below: 2000 },
    ]),
    afterwards: `Hashes are computed in a thread of lower priority. The queue in front of it first serves the newest address that has not had a turn yet:
[decision 15](decisions/0015-failed-logins.md).`,
  },
  {
    name: 'start',
    title: 'Start',
    words: `This benchmark measures the time from the command to the first response. The bare Express application has one route. Our server reads and validates its configuration, loads the users from a CSV
file and opens two listeners. The goal is less than twice the time of Node alone and the bare Express application together.`,
    ratios: [{ of: 'node -e 0 plus bare Express 5', to: 'ours, 1,000 users', atLeast: 0.5 }],
  },
  {
    name: 'csv',
    title: 'Loading a CSV file',
    words: `The file contains a million users (196 MB). \`packed\` is our engine; the other two use csv-parse and papaparse to fill a Map of objects.`,
    ratios: [{ of: 'csv-parse', to: 'packed', atLeast: 3 }],
    limits: [{ row: 'packed', column: 'reloadBlockMs', below: 50 }],
  },
  {
    name: 'http-proxy',
    title: 'Lookups over an HTTP API',
    words: `A local upstream sends 1 kB of prepared JSON, with 64 lookups in flight. Bare undici (\`pool.request\`) sends the request and parses the response. Our adapter also checks status,
content type, UTF-8, duplicate keys and the schema, and maps the result. The CPU time of the requesting process is the figure to compare, since the upstream uses the other core.`,
    ratios: [
      { of: 'ours, passthrough', to: 'bare undici', atLeast: 0.7 },
      { of: 'ours, mapped', to: 'bare undici', atLeast: 0.7 },
    ],
  },
  {
    name: 'ldap',
    title: 'Lookups in an LDAP directory',
    words: `OpenLDAP serves 100,000 users and 1,000 groups from an indexed database on loopback, with 64 lookups in flight. slapd runs on one core and the client on the other. p50 and p99 are measured at half of each client's maximum rate.
libldap in C marks the limit for one search per user. Our adapter combines the searches of users who are looked up at the same time (\`batching\`), and so exceeds that rate.`,
    ratios: [
      { of: 'ours, one search a user, not joined', to: 'ldapts, one search a user', atLeast: 0.9 },
      { of: 'ours, users joined (16, 1 ms)', to: 'libldap in C, one search a user', atLeast: 1 },
      { of: 'ours, user and group search', to: 'libldap in C, user and group search', atLeast: 0.95 },
    ],
    afterwards: `The p99 of every client, even the one in C, is many times its p50: p50 is a tenth to a quarter of a millisecond, and one pause affects several lookups. A trace of single lookups showed
the causes in our client: a full garbage collection (6 ms, once a second), a minor garbage collection (1.5 ms, eleven times a second), and waiting for slapd. Lookup times are measured from when the lookup was due, after eight seconds of warm-up.`,
  },
  {
    name: 'sql',
    title: 'Lookups in PostgreSQL',
    words: `The database contains 20,000 users with 10 groups and 3 attributes each. There are 8 connections and 64 lookups in flight. Bare pg sends three prepared statements in three round trips without a transaction, so one lookup
may see three states of the data. Our adapter sends \`BEGIN\`, the three statements and \`COMMIT\` at once: one round trip and one snapshot. The third row is one statement
for these tables that returns everything as JSON.`,
    ratios: [{ of: 'ours', to: 'bare pg, three prepared statements', atLeast: 0.8 }],
  },
  {
    name: 'guards',
    title: 'Guards around a source',
    words: `This benchmark measures each guard alone, and all guards together, around a source that responds immediately. Users have 20 groups and 5 attributes, and lookups run one at a time.
The first row is a lookup without guards: validation and JSON.`,
    limits: [{ row: 'all of them, asked each time', column: 'added', below: 10 }],
    afterwards: 'The [guide to guards](guides/guards.md) describes the options.',
  },
  {
    name: 'simulator',
    title: 'A sync with the simulator',
    words: `This benchmark runs \`user-info simulate sync\` with a list of 30,000 users against our server with a CSV file, with 16 requests in flight. \`undici alone\` is a minimal program
with undici and \`JSON.parse\`. This program and autocannon send the same requests to the same server with 16 connections.

- Responses are counted from the first request to the last response. "Whole command" includes the start of Node, the list, the guard, the changes and the output.
- \`load\` is \`user-info simulate load\` with 16 users for 4 seconds.
- Memory and CPU are those of the requesting process. The server's CPU is divided by the number of responses.
- \`http from postgresql\` uses the first 20,000 users, whom the server reads from PostgreSQL (three queries each) on the same two cores.`,
    ratios: ['http', 'https', 'http from postgresql'].flatMap((protocol) =>
      [
        { job: 'load', atLeast: 0.8 },
        { job: 'sync, nothing changed', atLeast: 0.6 },
      ].map(({ job, atLeast }) => ({ of: `${protocol}, ${job}`, to: `${protocol}, undici alone`, atLeast })),
    ),
    limits: ['http', 'https'].flatMap((protocol) =>
      ['first sync', 'sync, nothing changed', 'sync, 1% changed'].map((job) => ({
        row: `${protocol}, ${job}`,
        column: 'peakMb',
        below: 300,
      })),
    ),
    afterwards: `A first sync has no goal: it validates each response, plans the changes, and writes them to SQLite, at most 100 users in each transaction. A killed process therefore loses at most the last 100 responses. A response that changed nothing is
recognized by its digest, and neither validated nor compared again ([decision 14](decisions/0014-simulator.md)).

A first sync of a million users over HTTP was measured once, on 2026-11-28. The whole command took 344 s and at most 827 MB of memory, and wrote a file of 2.7 GB.`,
  },
  {
    name: 'conformance',
    title: 'A conformance run',
    words: `This benchmark runs \`user-info conform\` with all reports against a conformant endpoint. The peer sends the same number of plain requests, each on its own connection. The rows differ in what
the endpoint requires: nothing, a password, a password and a client certificate.`,
  },
];
