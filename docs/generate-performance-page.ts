// Makes docs/performance.md, and a plot for each of its tables, from the results of the benchmarks, bench/results/.
import { readFileSync } from 'node:fs';
import { plotBars } from './plot-bars.ts';

/** A result file, as bench/report.ts writes it. */
interface ResultFile {
  readonly command: string;
  readonly machine: string;
  readonly measuredOn?: string;
  readonly versions?: Readonly<Record<string, string>>;
  readonly results: Readonly<Record<string, Row>>;
}

type Row = Readonly<Record<string, number>>;

/** What the page says of one benchmark. */
interface Chapter {
  readonly name: string;
  readonly title: string;
  readonly words: string;
  /** Rows that are compared, by their first column. */
  readonly ratios?: ReadonlyArray<{ readonly of: string; readonly to: string; readonly atLeast: number }>;
  /** Cells that are to stay below something; with `per`, divided by another cell of the row. */
  readonly limits?: ReadonlyArray<{
    readonly row: string;
    readonly column: string;
    readonly per?: string;
    readonly below: number;
  }>;
  readonly afterwards?: string;
}

const chapters: readonly Chapter[] = [
  {
    name: 'http',
    title: 'The server, from a CSV file',
    words: `Complete: Basic, security headers, access log to a file, request ids, metrics, a million users. \`node-http\` is plain \`node:http\` that checks the
password and does the same lookup in the same packed users, the floor; \`node-http-logged\` also sends the same headers and writes the same log; \`node-http-ready\` has the bytes of every answer ready in a Map instead, 5.6 GB of them for the 6-kB
answers; \`fastify\` and \`express\` are put together as they usually are. wrk with 64 kept connections, on the same two cores.`,
    ratios: ['600-byte', '6-kB'].flatMap((size) => [
      { of: `${size} http ours`, to: `${size} http node-http`, atLeast: 0.85 },
      { of: `${size} http ours`, to: `${size} http node-http-logged`, atLeast: 0.95 },
      { of: `${size} http ours`, to: `${size} http fastify`, atLeast: 3 },
      { of: `${size} http ours`, to: `${size} http express`, atLeast: 8 },
      { of: `${size} https ours`, to: `${size} https node-http`, atLeast: 0.8 },
    ]),
    afterwards: `The bare floor sends three headers and logs nothing; what the security headers and a log line cost by themselves \`node-http-logged\` shows. Express, authentication and
metrics come on top in ours, and what they cost it wins back elsewhere: an answer leaves by one plain write with its security headers as a ready text, and those of one turn of the event loop leave together ([how](decisions/0007-express-at-speed.md)).
Five whole runs of one day came to 0.88, 0.89, 0.87, 0.85 and 0.86 of the bare floor over HTTP and 0.84, 0.80, 0.85, 0.83 and 0.89 over HTTPS with 600 bytes, and with 6 kB to 0.98, 0.85, 0.84, 1.07
and 0.89, and 0.85, 0.85, 0.85, 0.82 and 1.15; the table has the last one, with nine rounds. With 6 kB, the rounds of one and the same peer are apart by up to a factor of two on this machine.`,
  },
  {
    name: 'connections',
    title: 'New HTTPS connections',
    words: `One request on each connection, TLS 1.3, P-256 keys, four clients of \`openssl s_time\` on the same two cores; resumed ones take up the session of the one before.
CPU is the server's process alone. Plain \`node:https\` has one answer ready; \`node-https-logged\` also sends the same headers as ours, writes the same log and holds each client certificate
against an allowed one, asked for as Node documents it; ours is complete, with one user in its configuration, asks for no password, and holds each client certificate against its list.`,
    ratios: ['server certificate only', 'with client certificates'].flatMap((trust) =>
      ['full', 'resumed'].map((way) => ({
        of: `${trust}, ${way}: ours`,
        to: `${trust}, ${way}: node-https`,
        atLeast: 0.95,
      })),
    ),
    afterwards: `Shorter runs of the same day, with five to eleven rounds, came to 0.96 to 1.01 with the server's certificate alone, and to 0.93 to 0.96 with client certificates: a round is off by 5 %, so
there are 21 now.
The encryption between two requests leaves the processor's caches without the code of the answer, so the same headers and log line cost
ten times what they cost on a kept connection, as \`node-https-logged\` shows; ours costs no more than that.`,
  },
  {
    name: 'scaling',
    title: 'More users, more connections, more processes',
    words: `The complete server as its command starts it, HTTP, answers of 600 bytes, 64 kept connections where nothing else is said; plain \`node:http\` with the
same lookup beside it. wrk shares the two cores with one worker or two, so two can't be twice as fast: what they can be at most is what both
cores give when a request costs what the workers and wrk use for it. Where a lookup keeps the processor busy for 100 µs, wrk's part is small. p50 and p99
are those of the requests that h2load sent, each timed from its first byte to the last of its answer. wrk puts in what it would have asked while it waited for an answer: with one connection a pause of a millisecond, such as the collection of
garbage makes, then stands for a dozen requests that nobody sent. That p99 has a column of its own.`,
    ratios: [
      { of: '1,000,000 users', to: '1,000 users', atLeast: 0.9 },
      { of: 'lookups of 100 µs, 2 workers', to: 'lookups of 100 µs', atLeast: 1.5 },
      { of: '1,000,000 users, 2 workers', to: '1,000,000 users', atLeast: 1.5 },
      { of: '1,000,000 users, 2 workers', to: '2 workers and wrk on 2 cores, at most', atLeast: 0.9 },
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
    words: `Each user once, over TLS with a client certificate and a password, over kept connections, the complete server from a CSV file; and the same over a source that takes
20 ms, as a directory or a database some way off does. The caller is a program in Node on the same two cores. One run of each. What is predicted comes from the rows without a prediction, by the
model of [how much it takes](guides/capacity.md); what else the machine did meanwhile is taken into account.`,
    limits: [
      '100,000 users, 16 connections, 1 worker',
      '100,000 users, 16 connections, 2 workers',
      '20 ms of a source, 2,000 users, 8 connections, 1 worker',
      '20 ms of a source, 8,000 users, 32 connections, 1 worker',
    ].map((row) => ({ row, column: 'ofPredicted', below: 1.3 })),
  },
  {
    name: 'overload',
    title: 'Too much to do',
    words: `A lookup that keeps the processor busy for 5 ms, 400 kept connections, and for eight seconds three times as many requests as it answered a second just before, whether or not those before are answered;
with \`listener.maxEventLoopDelayMs: 0\`, which sheds nothing, and with 100. Latencies are those of answers with 200, from when a request was wanted. Other work took a part of the machine, more of it or less. Recovery is from the last request of the
overload to the first of three in a row that is answered in time.`,
    limits: [
      { row: 'shedding from 100 ms on: three times too much', column: 'p99Ms', below: 1000 },
      { row: 'shedding from 100 ms on: three times too much', column: 'recoverySeconds', below: 2 },
    ],
  },
  {
    name: 'guessing',
    title: 'Password guessing',
    words: `An htpasswd file with bcrypt hashes of cost 12, and one with scrypt hashes. Ten addresses with four connections each guess passwords of random user names at default limits. Meanwhile a
known caller sends a request every 10 ms over kept connections, and every 1.5 seconds a new address logs in with correct credentials that are not cached. Server, guessers and callers share the
same two cores. p99 is the known caller's; the logins are the slowest of each round.`,
    limits: ['bcrypt 12', 'scrypt'].flatMap((title) => [
      { row: `${title}: ten addresses guess`, column: 'ofCalm', below: 3 },
      { row: `${title}: ten addresses guess`, column: 'failedPercent', below: 0.01 },
      { row: `${title}: ten addresses guess`, column: 'slowestLoginMs', below: 2000 },
    ]),
    afterwards: `Hashes are computed in a thread of lower priority, and the queue in front of it gives the newest address the next turn:
[decision 15](decisions/0015-failed-logins.md).`,
  },
  {
    name: 'start',
    title: 'A start',
    words: `From the command to the first answer. A bare Express has one route and nothing else; ours reads its configuration, checks it, loads the users from a CSV
file and opens two listeners. It is to take less than twice as long as Node alone and a bare Express together; beside the bare Express alone it takes about twice as long.`,
    ratios: [{ of: 'node -e 0 plus bare Express 5', to: 'ours, 1,000 users', atLeast: 0.5 }],
  },
  {
    name: 'csv',
    title: 'Loading a CSV file',
    words: `A million users, 196 MB. \`packed\` is ours; the two below are a Map of objects made with csv-parse and with papaparse, as one would write it.`,
    ratios: [{ of: 'csv-parse', to: 'packed', atLeast: 3 }],
    limits: [{ row: 'packed', column: 'reloadBlockMs', below: 50 }],
  },
  {
    name: 'http-proxy',
    title: 'Asking an HTTP API',
    words: `A local upstream that sends 1 kB of ready JSON, 64 lookups in flight. Bare undici (\`pool.request\`) fetches and parses; ours also checks status,
content type, UTF-8, keys that stand twice and the schema, maps, and ends with its caller. CPU is this process's, and is what
decides: the upstream has the other core.`,
    ratios: [
      { of: 'ours, passthrough', to: 'bare undici', atLeast: 0.7 },
      { of: 'ours, mapped', to: 'bare undici', atLeast: 0.7 },
    ],
  },
  {
    name: 'ldap',
    title: 'Asking an LDAP directory',
    words: `OpenLDAP with 100,000 users and 1,000 groups on loopback, indexed, 64 lookups in flight, slapd on one core and the client on the other; p50 and p99 at half of each one's top rate. ldapts as an
application would use it, libldap in C as the floor of what one search a user can cost. Ours joins the searches of users who are looked up at
the same time (\`batching\`), which no client does by itself: that is how it passes C.`,
    ratios: [
      { of: 'ours, one search a user, not joined', to: 'ldapts, one search a user', atLeast: 0.9 },
      { of: 'ours, users joined (16, 1 ms)', to: 'libldap in C, one search a user', atLeast: 1 },
      { of: 'ours, user and group search', to: 'libldap in C, user and group search', atLeast: 0.95 },
    ],
    limits: ['ours, one search a user, not joined', 'ours, users joined (16, 1 ms)', 'ours, user and group search'].map(
      (row) => ({ row, column: 'p99Ms', per: 'p50Ms', below: 3 }),
    ),
    afterwards: `The slowest lookups are not where they were wanted. Lookups are started evenly and count from when they were due, after eight seconds of the same that do not count, so that p50 is what a
search takes: a tenth to a quarter of a millisecond. Three times that nobody reaches here, the client in C, which collects no garbage, neither. What is slower than that in ours was traced, lookup by lookup: a
full collection stops the process for 6 ms, and the work before it for 4, once a second where users are joined; a small one for 1.5 ms, eleven times a second; the others waited for slapd. ldapts stops for the same.
Until a process has run for some seconds the compiler stops it too, and ours, which has more code, longer.`,
  },
  {
    name: 'sql',
    title: 'Asking PostgreSQL',
    words: `20,000 users with 10 groups and 3 attributes, 8 connections, 64 lookups in flight. Bare pg sends three prepared statements one after the
other: three round trips, and no transaction, so that a lookup may see three states of the data. Ours sends \`BEGIN\`, the three statements and \`COMMIT\`
at once: **one round trip and one snapshot**. That is why it is faster than the client that it is built on, and not a faster client. The third row has one round trip too:
one statement, written for these tables, that gathers everything as JSON in the database.`,
    ratios: [{ of: 'ours', to: 'bare pg, three prepared statements', atLeast: 0.8 }],
  },
  {
    name: 'guards',
    title: 'Guards around a source',
    words: `Each guard, and all of them, around a source that answers at once, users of 20 groups and 5 attributes, one lookup after the other.
The first row is what a lookup costs without any: judging the answer and making its JSON.`,
    limits: [{ row: 'all of them, asked each time', column: 'added', below: 10 }],
    afterwards: 'Options and what each promises: [guards](guides/guards.md).',
  },
  {
    name: 'simulator',
    title: 'A sync of 100,000 users',
    words: `\`user-info simulate sync\` with a list of 100,000 users against our server on a CSV file, with 16 requests in flight. Beside it run \`undici alone\`, a minimal program
with undici and \`JSON.parse\`, and autocannon; both send the same requests to the same server with 16 connections. Responses are counted from the first request to the last response. The whole command also
starts Node, reads the list, evaluates the guard, applies the changes and prints. \`load\` is \`user-info simulate load\` with 16 users for 4 seconds. Memory and CPU are those of the requesting process; the server's CPU is all that it used
during the command, divided by the responses. \`http from postgresql\` is the same for the first 20,000 users, whom the server reads from PostgreSQL (three queries each) on the same two cores.`,
    ratios: ['http', 'https', 'http from postgresql'].flatMap((protocol) =>
      [
        { job: 'load', atLeast: 0.8 },
        { job: 'sync, nothing changed', atLeast: 0.6 },
      ].map(({ job, atLeast }) => ({ of: `${protocol}, ${job}`, to: `${protocol}, undici alone`, atLeast })),
    ),
    limits: ['http', 'https'].flatMap((protocol) =>
      ['first sync', 'sync, nothing changed', 'sync, 1 % changed'].map((job) => ({
        row: `${protocol}, ${job}`,
        column: 'peakMb',
        below: 300,
      })),
    ),
    afterwards: `The goals compare with undici alone in the same run: 0.8 for a load, 0.6 for a sync of users who are there already. A first sync has no goal: it validates each response, plans, and writes some
850 bytes a user to SQLite, so that a kill loses no more than the last 100 responses. A response that changed nothing is remembered by its digest, and neither validated nor compared again
([why that is safe](decisions/0014-simulator.md)).

Figures up to 2026-11-29 were measured with an HTTP client of the simulator's own, which undici has replaced since.

A million users, once, on 2026-11-28 (first sync over HTTP): 344 s for the whole command, at most 827 MB, and a file of 2.7 GB.`,
  },
  {
    name: 'conformance',
    title: 'A conformance run',
    words: `\`user-info conform\` against an endpoint of its own, with every report written, beside as many plain requests, each on a connection of its own. By what
the endpoint asks for: nothing, a password, a password and a client certificate.`,
  },
];

const titles: Readonly<Record<string, string>> = {
  requestsPerSecond: 'requests/s',
  lookupsPerSecond: 'lookups/s',
  connectionsPerSecond: 'connections/s',
  answersPerSecond: 'answers/s',
  ofUndici: '× undici',
  ofAutocannon: '× autocannon',
  wholeSeconds: 'whole command, s',
  cpuSeconds: 'CPU, s',
  readyMs: 'ready, ms',
  cpuMs: 'CPU until then, ms',
  ratioToFloor: '× node:http',
  ofBareUndici: '× bare undici',
  cpuMicroseconds: 'CPU, µs each',
  wrkMicroseconds: 'of wrk, µs each',
  p50Ms: 'p50, ms',
  p99Ms: 'p99, ms',
  p99PerP50: 'p99 / p50',
  wrkP99Ms: 'p99 with what wrk puts in, ms',
  microseconds: 'CPU, µs a lookup',
  added: 'of it added, µs',
  megabytes: 'resident, MB',
  bytesAnAnswer: 'bytes an answer',
  bytesOfJson: 'of them JSON',
  loadSeconds: 'load, s',
  residentMb: 'resident, MB',
  peakMb: 'peak, MB',
  bytesPerUser: 'bytes a user',
  reloadBlockMs: 'a reload holds up, ms',
  checks: 'checks passed',
  requests: 'requests sent',
  runMs: 'run, ms',
  plainMs: 'plain requests, ms',
  serverCpuUs: 'server CPU a user, µs',
  callerCpuUs: 'caller CPU a user, µs',
  elsewhere: 'processors busy elsewhere',
  predictedSeconds: 'predicted, s',
  ofPredicted: 'measured / predicted',
  askedPerSecond: 'asked a second',
  answeredPercent: 'answered, %',
  turnedAwayPercent: 'turned away, %',
  failedPercent: 'failed, %',
  recoverySeconds: 'recovered after, s',
  ofCalm: 'p99 / calm p99',
  slowestLoginMs: 'slowest login, ms',
  failedLoginsPercent: 'failed logins, %',
  guessesPerSecond: 'guesses/s',
};

/** Shown as one column. */
const spread = ['low', 'high'];

const head = `# Performance

What the benchmarks of this repository measured last, ours beside peers that do the same work in the same run: rounds are interleaved, the numbers are medians, the
spread is the slowest and the fastest round. The machine has two cores for the server, its backend and the load together, so what counts is the ratio within a
table; two runs of the same code differ by up to 20 %. This page is made from the result files; [bench/](../bench/README.md) says how to
run them and what each does.
`;

/** File name below docs/ → its text: the page and its plots. */
export function generatePerformancePages(): Readonly<Record<string, string>> {
  const files: Record<string, string> = {};
  const sections = chapters.map((chapter) => {
    const file = readResult(chapter.name);
    const [first = ''] = Object.keys(Object.values(file.results)[0] ?? {});
    const bars = Object.entries(file.results).flatMap(([label, row]) => {
      const { [first]: value, low = value, high = value } = row;
      return value === undefined || low === undefined || high === undefined ? [] : [{ label, value, low, high }];
    });
    files[`performance/${chapter.name}.svg`] = plotBars(`${chapter.title}: ${titleOf(first)}`, bars);
    return sectionOf(chapter, file);
  });
  files['performance.md'] = [head, ...sections].join('\n');
  return files;
}

function readResult(name: string): ResultFile {
  return JSON.parse(readFileSync(new URL(`../bench/results/${name}.json`, import.meta.url), 'utf8')) as ResultFile;
}

function sectionOf(chapter: Chapter, { command, machine, measuredOn, versions = {}, results }: ResultFile): string {
  const { name, title, words, ratios = [], limits = [], afterwards } = chapter;
  const measured = [
    `\`${command}\``,
    machine,
    ...Object.entries(versions).map(([program, version]) => `${program} ${version}`),
    ...(measuredOn === undefined ? [] : [measuredOn]),
  ];
  const mark = (isMet: boolean) => (isMet ? 'yes' : '**no**');
  const judged = [
    ...ratios.map(({ of, to, atLeast }) => {
      const ratio = round(cellOf(results, of) / cellOf(results, to));
      return `| ${of} / ${to} | ${ratio.toFixed(2)} | at least ${atLeast} | ${mark(ratio >= atLeast)} |`;
    }),
    ...limits.map(({ row, column, per, below }) => {
      const value = round(cellOf(results, row, column) / (per === undefined ? 1 : cellOf(results, row, per)));
      const what = per === undefined ? titleOf(column) : `${titleOf(column)} / ${titleOf(per)}`;
      return `| ${row}: ${what} | ${format(value)} | below ${below} | ${mark(value < below)} |`;
    }),
  ];
  return [
    `## ${title}\n`,
    `${words}\n`,
    ...tablesOf(results),
    ...(judged.length > 0
      ? [`| | measured | wanted | met |\n| --- | ---: | ---: | --- |\n${judged.join('\n')}\n`]
      : []),
    ...(afterwards ? [`${afterwards}\n`] : []),
    `![${title}, as bars](performance/${name}.svg)\n`,
    `${measured.join('; ')}.\n`,
  ].join('\n');
}

/** @param column the first by default. @throws when the result is older than what is said of it here. */
function cellOf(results: ResultFile['results'], row: string, column?: string): number {
  const cells = results[row] ?? {};
  const value = column === undefined ? Object.values(cells)[0] : cells[column];
  if (value === undefined) throw new Error(`The results have no row "${row}" with ${column}: run the benchmark again.`);
  return value;
}

/** A table for all rows that measure the same: what a cache takes is no lookup. */
function tablesOf(results: ResultFile['results']): string[] {
  const byFirst = new Map<string, Array<readonly [string, Row]>>();
  for (const entry of Object.entries(results)) {
    const [first = ''] = Object.keys(entry[1]);
    byFirst.set(first, [...(byFirst.get(first) ?? []), entry]);
  }
  return [...byFirst.values()].map(tableOf);
}

function tableOf(rows: ReadonlyArray<readonly [string, Row]>): string {
  const columns = [...new Set(rows.flatMap(([, row]) => Object.keys(row)))].filter((key) => !spread.includes(key));
  const hasSpread = rows.some(([, row]) => row.low !== undefined);
  const [first = '', ...others] = columns;
  const heads = ['', titleOf(first), ...(hasSpread ? ['spread'] : []), ...others.map(titleOf)];
  const lines = rows.map(([label, row]) => {
    const { low, high } = row;
    const range = low === undefined || high === undefined ? '' : `${format(low)} – ${format(high)}`;
    return [label, cell(row[first]), ...(hasSpread ? [range] : []), ...others.map((key) => cell(row[key]))];
  });
  const ruler = heads.map((_, index) => (index === 0 ? '---' : '---:'));
  return `${[heads, ruler, ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n')}\n`;
}

/** What is judged is what is shown. */
function round(value: number): number {
  return Number(value.toFixed(2));
}

function titleOf(column: string): string {
  return titles[column] ?? column;
}

function cell(value: number | undefined): string {
  return value === undefined ? '' : format(value);
}

function format(value: number): string {
  return value.toLocaleString('en', { maximumFractionDigits: value < 100 ? 2 : 0 });
}
