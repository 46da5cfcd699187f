// Report of every benchmark: the machine, medians with their spread, and the comparison with the previous result.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';

export interface Summary {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

export function summarize(values: readonly number[]): Summary {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const median = ((sorted[Math.ceil(middle) - 1] ?? Number.NaN) + (sorted[Math.floor(middle)] ?? Number.NaN)) / 2;
  return { median, low: sorted[0] ?? Number.NaN, high: sorted.at(-1) ?? Number.NaN };
}

/** Returns the lowest and highest round, rounded, as columns next to the median of a result. */
export function spreadOf({ low, high }: Summary): { readonly low: number; readonly high: number } {
  const round = (value: number) => (value < 100 ? Number(value.toFixed(2)) : Math.round(value));
  return { low: round(low), high: round(high) };
}

/** Describes the machine, e.g. "Node 20.20.2, 2 × Intel Xeon, 24 GiB" */
export function describeMachine(): string {
  const [first] = cpus();
  return `Node ${process.versions.node}, ${cpus().length} × ${first?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB`;
}

/** `npm run` starts in the project's root; the compiled benchmarks are elsewhere. */
const resultsDirectory = 'bench/results';

/** Medians by row and column. `low` and `high` are the spread of the row's first column. */
export type Results = Record<string, Record<string, number>>;

/** Returns the versions of the installed npm packages, for the record of a run. */
export function versionsOf(...names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.map((name) => {
      const text = readFileSync(`node_modules/${name}/package.json`, 'utf8');
      return [name, (JSON.parse(text) as { version: string }).version];
    }),
  );
}

/**
 * Writes bench/results/NAME.json and prints what changed by more than the noise since the previous result.
 *
 * @param versions of the measured packages, in addition to Node.
 */
export function saveResult(
  name: string,
  command: string,
  results: Results,
  versions: Readonly<Record<string, string>> = {},
): void {
  const file = `${resultsDirectory}/${name}.json`;
  if (existsSync(file)) {
    const before = (JSON.parse(readFileSync(file, 'utf8')) as { results: Results }).results;
    process.stdout.write(`\n${compare(before, results).join('\n')}\n`);
  }
  mkdirSync(resultsDirectory, { recursive: true });
  const measuredOn = new Date().toISOString().slice(0, 10);
  const text = JSON.stringify({ command, machine: describeMachine(), measuredOn, versions, results }, null, 2);
  writeFileSync(file, `${text}\n`);
}

/** Two runs of the same code differ by ±20% on the machines in use. */
const noise = 0.2;

function compare(before: Results, now: Results): string[] {
  const changes: string[] = [];
  for (const [row, values] of Object.entries(now)) {
    for (const [column, value] of Object.entries(values)) {
      const old = before[row]?.[column];
      if (
        old === undefined ||
        value === old ||
        column === 'low' ||
        column === 'high' ||
        Math.abs(value / old - 1) <= noise
      )
        continue;
      changes.push(`  ${row}, ${column}: ${old} → ${value}`);
    }
  }
  return changes.length > 0
    ? ['Changed since the last result by more than 20%:', ...changes]
    : ['As the last result, within 20%.'];
}
