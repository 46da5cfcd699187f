// Generator of docs/performance.md, with a plot for each chapter, from the benchmark results in bench/results/.
import { readFileSync } from 'node:fs';
import { type Chapter, chapters } from './performance-chapters.ts';
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

/** Rows of the table at the top: what was measured, our result and that of a peer. The ratio of the two is shown. */
const summary: ReadonlyArray<{
  readonly what: string;
  readonly file: string;
  readonly ours: string;
  readonly peer: string;
  readonly peerName: string;
  readonly column?: string;
  readonly lowerIsBetter?: boolean;
}> = [
  ...[
    { peer: 'node-http-logged', peerName: 'node:http, same work' },
    { peer: 'fastify', peerName: 'Fastify 5' },
    { peer: 'express', peerName: 'Express 5' },
  ].map(({ peer, peerName }) => ({
    ...{ what: 'Requests/s, 600-byte responses', file: 'http', peerName },
    ...{ ours: '600-byte http ours', peer: `600-byte http ${peer}` },
  })),
  {
    ...{ what: 'New HTTPS connections/s', file: 'connections', peerName: 'node:https, same work' },
    ...{ ours: 'server certificate only, full: ours', peer: 'server certificate only, full: node-https-logged' },
  },
  {
    ...{ what: 'Start until ready, ms', file: 'start', peerName: 'bare Express 5', lowerIsBetter: true },
    ...{ ours: 'ours, 1,000 users', peer: 'bare Express 5' },
  },
  {
    ...{ what: 'Loading a million users, s', file: 'csv', peerName: 'csv-parse', lowerIsBetter: true },
    ...{ ours: 'packed', peer: 'csv-parse' },
  },
  {
    ...{ what: 'Memory of a million users, MB', file: 'csv', peerName: 'csv-parse', lowerIsBetter: true },
    ...{ ours: 'packed', peer: 'csv-parse', column: 'residentMb' },
  },
  {
    ...{ what: 'LDAP lookups/s', file: 'ldap', peerName: 'ldapts' },
    ...{ ours: 'ours, users joined (16, 1 ms)', peer: 'ldapts, one search a user' },
  },
  {
    ...{ what: 'PostgreSQL lookups/s', file: 'sql', peerName: 'pg' },
    ...{ ours: 'ours', peer: 'bare pg, three prepared statements' },
  },
  {
    ...{ what: 'Requests/s of the simulator', file: 'simulator', peerName: 'undici' },
    ...{ ours: 'http, load', peer: 'http, undici alone' },
  },
];

const titles: Readonly<Record<string, string>> = {
  requestsPerSecond: 'requests/s',
  lookupsPerSecond: 'lookups/s',
  connectionsPerSecond: 'connections/s',
  answersPerSecond: 'responses/s',
  ofUndici: '× undici',
  ofAutocannon: '× autocannon',
  wholeSeconds: 'whole command, s',
  cpuSeconds: 'CPU, s',
  readyMs: 'ready, ms',
  cpuMs: 'CPU, ms',
  ratioToFloor: '× node:http',
  ofBareUndici: '× bare undici',
  cpuMicroseconds: 'CPU, µs each',
  wrkMicroseconds: 'CPU of wrk, µs each',
  p50Ms: 'p50, ms',
  p99Ms: 'p99, ms',
  p99PerP50: 'p99 / p50',
  wrkP99Ms: 'p99 from wrk, ms',
  microseconds: 'CPU, µs per lookup',
  added: 'added, µs',
  megabytes: 'resident, MB',
  bytesAnAnswer: 'bytes per entry',
  bytesOfJson: 'of these JSON',
  loadSeconds: 'load, s',
  residentMb: 'resident, MB',
  peakMb: 'peak, MB',
  bytesPerUser: 'bytes per user',
  reloadBlockMs: 'event loop blocked by a reload, ms',
  checks: 'checks passed',
  requests: 'requests sent',
  runMs: 'run, ms',
  plainMs: 'plain requests, ms',
  serverCpuUs: 'server CPU per user, µs',
  callerCpuUs: 'client CPU per user, µs',
  elsewhere: 'other processes, cores',
  predictedSeconds: 'predicted, s',
  ofPredicted: 'measured / predicted',
  askedPerSecond: 'requests/s',
  answeredPercent: '200, %',
  turnedAwayPercent: 'rejected, %',
  failedPercent: 'failed, %',
  recoverySeconds: 'recovery, s',
  ofCalm: 'p99 / calm p99',
  slowestLoginMs: 'slowest login, ms',
  failedLoginsPercent: 'failed logins, %',
  guessesPerSecond: 'guesses/s',
};

/** Columns that are shown as one. */
const spread = ['low', 'high'];

const head = `# Performance

This page compares our figures with those of peers, measured in the same run. A ratio above 1 means that our figure is better.
`;

const method = `![Requests per second of the server](performance/http.svg)

## How it is measured

- Rounds of all peers are interleaved. The figures are medians; the spread ranges from the slowest to the fastest round.
- The server, its backend and the load generator share two cores, so compare figures within a table only. Two runs of the same code differ by up to 20%, or by more if other virtual machines use the same host.
- This page is generated from the result files. [bench/](../bench/README.md) describes each benchmark and how to run it.
`;

function summaryTable(): string {
  const lines = summary.map(({ what, file, ours, peer, peerName, column, lowerIsBetter = false }) => {
    const { results } = readResult(file);
    const [own, other] = [cellOf(results, ours, column), cellOf(results, peer, column)];
    const ratio = lowerIsBetter ? other / own : own / other;
    return `| ${what} | ${format(own)} | ${format(other)} (${peerName}) | ${ratio.toFixed(2)} |`;
  });
  return `| | ours | peer | ratio |\n| --- | ---: | ---: | ---: |\n${lines.join('\n')}\n`;
}

/** Returns the page and its plots: file name below docs/ → text. */
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
  files['performance.md'] = [head, summaryTable(), method, ...sections].join('\n');
  return files;
}

function readResult(name: string): ResultFile {
  return JSON.parse(readFileSync(new URL(`../../bench/results/${name}.json`, import.meta.url), 'utf8')) as ResultFile;
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
  const goals = [
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
    ...(goals.length > 0 ? [`| | measured | goal | met |\n| --- | ---: | ---: | --- |\n${goals.join('\n')}\n`] : []),
    ...(afterwards ? [`${afterwards}\n`] : []),
    `![Bar chart: ${title}](performance/${name}.svg)\n`,
    `${measured.join('; ')}.\n`,
  ].join('\n');
}

/** @param column name of the column; by default, the first one. @throws when the cell is missing from the results. */
function cellOf(results: ResultFile['results'], row: string, column?: string): number {
  const cells = results[row] ?? {};
  const value = column === undefined ? Object.values(cells)[0] : cells[column];
  if (value === undefined) throw new Error(`The results have no row "${row}" with ${column}: run the benchmark again.`);
  return value;
}

/** Returns one table for all rows with the same first column. */
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

/** Rounds to the shown precision, so that a goal is compared with the shown value. */
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
