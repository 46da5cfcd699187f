// Generator of docs/reference/mutation.md from the results of `npm run test:mutation`.
import { contractFiles, mutatedFiles } from '../mutation/mutated-files.ts';
import { type FileResult, readMutationResults, scoreResults } from '../mutation/results.ts';

const head = `# Mutation testing of the conformance kit

A passing test proves little if it also passes when the code is wrong. \`npm run test:mutation\` changes the code of the checks and of the
result model in every way that Stryker supports, one change at a time: \`<\` for \`<=\`, \`true\` for a condition, an empty list, a regular
expression without its end. Each changed copy is a mutant. It is detected when a test fails. A mutant that no test detects indicates one of these:

- an endpoint error that the kit does not find,
- a correct endpoint that the kit reports as wrong,
- unused code.

\`npm run test:mutation -- conformance/checks/body.ts\` tests the mutants of one file, prints each one that was not detected, and stores the
result. Without a file name, it tests all files, which takes an hour or two on two cores. \`MUTATION_PROCESSES\` sets the number of processes.
This page is generated from the stored results.

## How a mutant is tested

1. The unit tests of its file run. For a check, the tests of the catalogue run too: the list of ids, the ledger of requirements, the pages in
   \`checks/\`.
2. A mutant of a check that no unit test detects is tested at the [gate](../decisions/0006-conformance-checks-are-data.md): the conformant
   endpoint in every mode, the other conformant endpoints, and the faults that one of the checks in this file must find. Only the
   endpoints on which a check reaches the mutant are used. A result that also differs without the mutant does not count. With
   \`--unit-tests\`, the command omits this step, and takes a minute or two for a file.

The scores are lower bounds. The whole gate would detect more mutants, but running the faults that other checks find would take hours. A file whose
latest result was stored with \`--unit-tests\` has the score of its unit tests only.

Some mutants are not tested and not counted:

- human-readable text: titles, advice, messages, and the curl lines of evidence,
- names that are also in a separate list,
- code that the compiler rejects, such as \`{}\` in place of an object, or an empty string in a list of needs.

## Which mutants are not detected

Most of them make no difference. Examples are a default for a value that is always present, a condition that only selects a message, and a guard that
ends a check as *untestable* one step earlier.
`;

function row(name: string, results: readonly FileResult[]): string {
  const { detected, tested } = scoreResults(results);
  const sum = (count: (result: FileResult) => number) => results.reduce((total, result) => total + count(result), 0);
  const percent = tested === 0 ? '–' : `${Math.round((detected / tested) * 100)}%`;
  const cells = [name, detected, tested, percent, sum(({ notReached }) => notReached), sum(({ ignored }) => ignored)];
  return `| ${[...cells, results.map(({ date }) => date).sort()[0]].join(' | ')} |\n`;
}

const tableHead =
  '| file | detected | of | score | reached by no test | not tested | measured |\n|---|---|---|---|---|---|---|\n';

/** Returns docs/reference/mutation.md: the scores, by part and by file. */
export function generateMutationPage(): string {
  const entries = Object.entries(readMutationResults());
  const isCheck = ([file]: readonly [string, FileResult]) => file.startsWith('conformance/checks/');
  const checks = entries.filter(isCheck);
  const resultModel = entries.filter((entry) => !isCheck(entry));
  const results = (some: typeof entries) => some.map(([, result]) => result);
  const contract = checks.filter(([file]) => contractFiles.includes(file));
  const totals =
    row('contract checks', results(contract)) +
    row('all checks', results(checks)) +
    row('result model', results(resultModel));
  const others = mutatedFiles.filter((file) => file.startsWith('conformance/checks/') && !contractFiles.includes(file));
  const note = `\nContract checks: the files that define a check of the rule set \`contract\`, and the files of \`conformance/checks\` that these import. These are all files except ${others.map((file) => `\`${file.replace('conformance/checks/', '')}\``).join(', ')}.\n`;
  const missing = mutatedFiles.filter((file) => !entries.some(([measured]) => measured === file));
  const words = missing.length === 0 ? '' : `\nNot measured yet: ${missing.map((file) => `\`${file}\``).join(', ')}.\n`;
  const rows = (some: typeof entries) => some.map(([file, result]) => row(`\`${file}\``, [result])).join('');
  return `${head}\n## Scores\n\n${tableHead}${totals}${note}\n### Checks\n\n${tableHead}${rows(checks)}\n### Result model\n\n${tableHead}${rows(resultModel)}${words}`;
}
