// Command `npm run fuzz -- --inputs 1000000 --seed 1`: the long run of the fuzz targets.
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { fuzzTargets } from './fuzz-targets.ts';

const { values } = parseArgs({
  options: { inputs: { type: 'string', default: '100000' }, seed: { type: 'string' } },
});
const inputs = Number(values.inputs);
const seed = values.seed === undefined ? Date.now() % 2 ** 31 : Number(values.seed);
if (!Number.isSafeInteger(inputs) || inputs < 1 || !Number.isSafeInteger(seed)) {
  process.stderr.write('Give --inputs a number above 0, and --seed a number.\n');
  process.exit(2);
}

process.stdout.write(`seed ${seed}\n`);
for (const { name, share, property, examples } of fuzzTargets) {
  const numRuns = Math.ceil((inputs * share) / 100);
  const startedAt = performance.now();
  const result = fc.check(property, { numRuns, seed, examples });
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  process.stdout.write(`${result.failed ? 'FAILED' : 'ok'}  ${result.numRuns} inputs in ${seconds} s: ${name}\n`);
  if (!result.failed) continue;
  process.exitCode = 1;
  const example = fc.stringify(result.counterexample);
  const [complaint] = String(result.errorInstance).split('\n');
  process.stdout.write(`  ${example}\n  ${complaint}\n  Keep it among the examples of its target.\n`);
}
