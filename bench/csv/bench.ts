// Benchmark `npm run bench -- csv`: our engine compared with csv-parse and papaparse, which fill a Map, each in its own process.
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { describeMachine, saveResult, summarize, versionsOf } from '../report.ts';
import { megabytesOf, prepareUsersFile } from './generate-users.ts';
import type { Measurement } from './measure.ts';

const variants = {
  packed: 'ours (in a worker)',
  'csv-parse': 'csv-parse → Map of objects',
  papaparse: 'papaparse → Map of objects',
} as const;
type Variant = keyof typeof variants;

const columns: readonly [keyof Measurement, string, number][] = [
  ['loadSeconds', 'load s', 2],
  ['residentMb', 'resident MB', 0],
  ['peakMb', 'peak MB', 0],
  ['bytesPerUser', 'B a user', 0],
  ['lookupsPerSecond', 'lookups/s', 0],
  ['reloadBlockMs', 'longest block in a reload, ms', 0],
];

export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: { users: { type: 'string', default: '1000000' }, rounds: { type: 'string', default: '5' } },
  });
  const users = Number(values.users);
  const rounds = Number(values.rounds);
  const path = prepareUsersFile(users);
  const versions = versionsOf('csv-parse', 'papaparse');
  const print = (line: string) => process.stdout.write(`${line}\n`);
  print(`${describeMachine()}; csv-parse ${versions['csv-parse']}, papaparse ${versions.papaparse}`);
  print(
    `${users} users, ${megabytesOf(path).toFixed(0)} MB, ${rounds} rounds, interleaved; npm run bench -- csv ${args.join(' ')}`,
  );
  const measured = new Map<Variant, Measurement[]>();
  for (let round = 1; round <= rounds; round++) {
    for (const variant of Object.keys(variants) as Variant[]) {
      const measurement = measure(variant, users);
      measured.set(variant, [...(measured.get(variant) ?? []), measurement]);
      print(`  round ${round}, ${variant}: ${JSON.stringify(measurement)}`);
    }
  }
  print(`\n${['', ...columns.map(([, title]) => title)].join(' | ')}`);
  const results: Record<string, Record<string, number>> = {};
  for (const [variant, list] of measured) {
    const row: Record<string, number> = {};
    const cells = columns.map(([key, , digits]) => {
      const known = list.map((one) => one[key]).filter((value) => value !== null);
      if (known.length === 0) return '–';
      const { median, low, high } = summarize(known);
      row[key] = Number(median.toFixed(digits));
      return `${median.toFixed(digits)} (${low.toFixed(digits)}–${high.toFixed(digits)})`;
    });
    results[variant] = row;
    print([variants[variant], ...cells].join(' | '));
  }
  for (const peer of ['csv-parse', 'papaparse'] as const) {
    const [ours, theirs] = [results.packed, results[peer]];
    const ratio = (key: keyof Measurement) => ((theirs?.[key] ?? Number.NaN) / (ours?.[key] ?? Number.NaN)).toFixed(1);
    print(
      `packed beside ${peer}: load 1/${ratio('loadSeconds')}, resident 1/${ratio('residentMb')}, peak 1/${ratio('peakMb')}`,
    );
  }
  // The result of a quick run is not comparable.
  if (users === 1_000_000) saveResult('csv', `npm run bench -- csv ${args.join(' ')}`.trim(), results, versions);
}

function measure(variant: Variant, users: number): Measurement {
  const file = new URL('./measure.js', import.meta.url).pathname;
  const options = ['--expose-gc', '--max-old-space-size=8192', file, variant, String(users)];
  const { status, stdout, stderr } = spawnSync(process.execPath, options, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`measuring ${variant} failed:\n${stderr}`);
  return JSON.parse(stdout) as Measurement;
}
