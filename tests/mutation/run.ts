// Command `npm run test:mutation`: mutates the checks and the result model, and stores how many mutants were detected.
import { availableParallelism } from 'node:os';
import { mutateFiles } from './mutate-files.ts';
import { mutatedFiles } from './mutated-files.ts';
import { scoreResults, writeMutationResult } from './results.ts';

/** Files per copy of the tree: creating a copy takes time, and a stopped run keeps the results stored so far. */
const filesAtOnce = 4;

const unitTestsAlone = '--unit-tests';
const named = process.argv.slice(2).filter((argument) => argument !== unitTestsAlone);
const isGateUsed = !process.argv.includes(unitTestsAlone);
const unknown = named.filter((file) => !mutatedFiles.includes(file));
if (unknown.length > 0) throw new Error(`Not among the mutated files: ${unknown.join(', ')}. See mutated-files.ts.`);

const files = named.length > 0 ? named : mutatedFiles;
const processes = Number(process.env.MUTATION_PROCESSES ?? availableParallelism());
for (let first = 0; first < files.length; first += filesAtOnce) {
  const batch = files.slice(first, first + filesAtOnce);
  const mutations = await mutateFiles(batch, { processes, isGateUsed });
  for (const [index, { result, undetected }] of mutations.entries()) {
    const file = batch[index] ?? '';
    writeMutationResult(file, result);
    const { detected, tested } = scoreResults([result]);
    process.stdout.write(`${[...undetected, `${file}: ${detected} of ${tested} detected`].join('\n')}\n`);
  }
}
process.stdout.write('Run npm run generate:docs to update docs/reference/mutation.md.\n');
