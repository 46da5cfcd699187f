// Benchmark `npm run bench -- guards`: the CPU time that each guard adds to a lookup, and the memory of a cache.
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { describeMachine, type Results, saveResult, spreadOf, summarize } from '../report.ts';
import { type CacheMemory, type LookUpTimes, stacks } from './measure.ts';

export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: { rounds: { type: 'string', default: '5' }, lookups: { type: 'string', default: '100000' } },
  });
  const print = (line: string) => process.stdout.write(`${line}\n`);
  print(`${describeMachine()}; npm run bench -- guards ${args.join(' ')}`);
  print(
    `${values.rounds} rounds of ${values.lookups} lookups of users with 20 groups and 5 attributes, one after the other;`,
  );
  print('each answer is validated and serialized once, with guards or without.\n');

  const rounds = Array.from({ length: Number(values.rounds) }, () => measure<LookUpTimes>('times', values.lookups));
  const results: Results = {};
  const bare = rounds.map((times) => times['no guard'] ?? Number.NaN);
  print('guards | µs of CPU a lookup | of it guards');
  for (const name of Object.keys(stacks)) {
    const own = rounds.map((times) => times[name] ?? Number.NaN);
    const summary = summarize(own);
    const { median, low, high } = summary;
    const added = summarize(own.map((time, round) => time - (bare[round] ?? Number.NaN)));
    results[name] = {
      microseconds: Number(median.toFixed(2)),
      ...spreadOf(summary),
      added: Number(added.median.toFixed(2)),
    };
    print(`${name} | ${median.toFixed(2)} (${low.toFixed(2)}–${high.toFixed(2)}) | ${added.median.toFixed(2)}`);
  }
  const memory = measure<CacheMemory>('memory', '100000');
  results['cache of 100000 answers'] = {
    megabytes: Math.round(memory.residentBytes / 1e6),
    bytesAnAnswer: Math.round(memory.residentBytes / 100_000),
    bytesOfJson: memory.answerBytes,
  };
  print(
    `\na cache of 100,000 answers of ${memory.answerBytes} bytes: ${(memory.residentBytes / 1e6).toFixed(0)} MB resident; ` +
      `guards.cache.maxBytes counts ${(memory.countedBytes / 1e6).toFixed(0)} MB`,
  );
  saveResult('guards', `npm run bench -- guards ${args.join(' ')}`.trim(), results);
}

/** Measures in a separate process, so that earlier measurements have no influence. */
function measure<T>(what: string, count: string): T {
  const file = new URL('./measure.js', import.meta.url).pathname;
  const options = ['--expose-gc', file, what, count];
  const { status, stdout, stderr } = spawnSync(process.execPath, options, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`measuring ${what} failed:\n${stderr}`);
  return JSON.parse(stdout) as T;
}
