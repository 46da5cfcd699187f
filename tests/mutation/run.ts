// Command `npm run test:mutation`: mutates the checks and the result model, and stores how many mutants were detected.
import { availableParallelism } from 'node:os';
import { mutateFiles } from './mutate-files.ts';
import { mutatedFiles } from './mutated-files.ts';
import { scoreResults, writeMutationResult } from './results.ts';

/** So many files are changed in one copy of the tree: each copy takes its time, and a run that is stopped keeps what was written. */
const filesAtOnce = 8;

const named = process.argv.slice(2);
const unknown = named.filter((file) => !mutatedFiles.includes(file));
if (unknown.length > 0)
  throw new Error(`Not among the files that are changed: ${unknown.join(', ')}. See mutated-files.ts.`);

const files = named.length > 0 ? named : mutatedFiles;
const processes = Number(process.env.MUTATION_PROCESSES ?? availableParallelism());
for (let first = 0; first < files.length; first += filesAtOnce) {
  const batch = files.slice(first, first + filesAtOnce);
  const mutations = await mutateFiles(batch, processes);
  for (const [index, { result, unnoticed }] of mutations.entries()) {
    const file = batch[index] ?? '';
    writeMutationResult(file, result);
    const { noticed, tried } = scoreResults([result]);
    process.stdout.write(`${[...unnoticed, `${file}: ${noticed} of ${tried} noticed`].join('\n')}\n`);
  }
}
process.stdout.write('Now npm run generate:docs brings the results into docs/reference/mutation.md.\n');
