// Benchmark `npm run bench -- ldap`: our source compared with ldapts and libldap in C, interleaved; slapd has one core, the client the other.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { scratchDirectory } from '../../tests/certificate-files.ts';
import { describeMachine, type Results, saveResult, spreadOf, summarize, versionsOf } from '../report.ts';
import { groupsBase, peopleBase, startBenchDirectory } from './directory.ts';

interface Measurement {
  readonly lookupsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

const variants = {
  'c-single': 'libldap in C, one search a user',
  'ldapts-single': 'ldapts, one search a user',
  'ours-single': 'ours, one search a user, not joined',
  'ours-batched': 'ours, users joined (16, 1 ms)',
  'c-groups': 'libldap in C, user and group search',
  'ldapts-groups': 'ldapts, user and group search',
  'ours-groups': 'ours, user and group search',
  nothing: 'nothing at all, 8,000 times a second',
} as const;
type Variant = keyof typeof variants;

export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      users: { type: 'string', default: '100000' },
      groups: { type: 'string', default: '1000' },
      rounds: { type: 'string', default: '5' },
      seconds: { type: 'string', default: '3' },
      'in-flight': { type: 'string', default: '64' },
    },
  });
  const users = Number(values.users);
  const print = (line: string) => process.stdout.write(`${line}\n`);
  const program = compilePeer();
  // slapd inherits the affinity. On shared cores, its threads and the client alternate every few milliseconds, which lengthens the latency tail.
  pin(process.pid, directoryCore);
  const slapd = await startBenchDirectory(users, Number(values.groups));
  print(
    `${describeMachine()}; ${users} users, ${values.groups} groups, ${values['in-flight']} in flight, ` +
      `${values.rounds} rounds of ${values.seconds} s, interleaved`,
  );
  const measured = new Map<Variant, Measurement[]>();
  try {
    for (let round = 1; round <= Number(values.rounds); round++) {
      for (const variant of Object.keys(variants) as Variant[]) {
        const options = [slapd.url, String(users), values['in-flight'], values.seconds] as const;
        const one = variant.startsWith('c-') ? measureC(program, variant, ...options) : measure(variant, ...options);
        measured.set(variant, [...(measured.get(variant) ?? []), one]);
        print(`  round ${round}, ${variant}: ${JSON.stringify(one)}`);
      }
    }
  } finally {
    await slapd.stop();
  }
  const results: Results = {};
  for (const [variant, list] of measured) {
    const rate = summarize(list.map(({ lookupsPerSecond }) => lookupsPerSecond));
    const { median, low, high } = rate;
    const [p50Ms, p99Ms] = (['p50Ms', 'p99Ms'] as const).map((name) =>
      Number(summarize(list.map((one) => one[name])).median.toFixed(2)),
    ) as [number, number];
    // The ratio is calculated for each round separately, because load on the machine affects both numbers.
    const tail = Number(summarize(list.map((one) => one.p99Ms / one.p50Ms)).median.toFixed(1));
    const latency = { p50Ms, p99Ms, p99PerP50: tail };
    const hasRate = variant !== 'nothing';
    results[variants[variant]] = hasRate
      ? { lookupsPerSecond: Math.round(median), ...spreadOf(rate), ...latency }
      : latency;
    print(
      `${variants[variant]}: ` +
        (hasRate ? `${median.toFixed(0)} lookups/s (${low.toFixed(0)}–${high.toFixed(0)}), ` : '') +
        `p50 ${p50Ms} ms, p99 ${p99Ms} ms, p99 / p50 ${tail}`,
    );
  }
  const ratio = (a: Variant, b: Variant) =>
    (
      (results[variants[a]]?.lookupsPerSecond ?? Number.NaN) / (results[variants[b]]?.lookupsPerSecond ?? Number.NaN)
    ).toFixed(2);
  print(`\nours not joined / ldapts: ${ratio('ours-single', 'ldapts-single')} (goal 0.9)`);
  print(`ours joined / C: ${ratio('ours-batched', 'c-single')} (goal 1.0)`);
  print(`ours with groups / C with groups: ${ratio('ours-groups', 'c-groups')} (goal 0.95)`);
  // The result of a quick run is not comparable.
  if (users === 100_000)
    saveResult('ldap', `npm run bench -- ldap ${args.join(' ')}`.trim(), results, versionsOf('ldapts'));
}

function compilePeer(): string {
  const program = join(scratchDirectory(), 'search-users');
  const { status, stderr } = spawnSync('cc', ['-O2', '-o', program, 'bench/ldap/search-users.c', '-lldap', '-llber'], {
    encoding: 'utf8',
  });
  if (status !== 0) {
    throw new Error(
      `The peer in C cannot be compiled; on Debian: apt-get install gcc libc6-dev libldap-dev\n${stderr}`,
    );
  }
  return program;
}

type Options = readonly [url: string, users: string, inFlight: string, seconds: string];

function measureC(program: string, variant: Variant, ...[url, users, inFlight, seconds]: Options): Measurement {
  const groups = variant === 'c-groups' ? [groupsBase] : [];
  const stdout = runClient(variant, [program, url, peopleBase, users, inFlight, seconds, ...groups]);
  const [lookupsPerSecond = Number.NaN, p50Ms = Number.NaN, p99Ms = Number.NaN] = stdout.split(' ').map(Number);
  return { lookupsPerSecond, p50Ms, p99Ms };
}

function measure(variant: Variant, ...options: Options): Measurement {
  const file = new URL('./measure.js', import.meta.url).pathname;
  return JSON.parse(runClient(variant, [process.execPath, file, variant, ...options])) as Measurement;
}

const directoryCore = '0';
const clientCore = '1';

function pin(pid: number, core: string): void {
  const { status } = spawnSync('taskset', ['-acp', core, String(pid)], { stdio: 'ignore' });
  if (status !== 0) throw new Error('This benchmark needs two cores, and taskset to share them out.');
}

/** @returns its output. */
function runClient(variant: Variant, command: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync('taskset', ['-c', clientCore, ...command], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`measuring ${variant} failed:\n${stderr}`);
  return stdout;
}
