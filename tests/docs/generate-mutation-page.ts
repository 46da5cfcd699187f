// Makes docs/reference/mutation.md from the results of `npm run test:mutation`.
import { mutatedFiles } from '../mutation/mutated-files.ts';
import { type FileResult, readMutationResults, scoreResults } from '../mutation/results.ts';

const head = `# Mutation testing of the conformance kit

A test that passes proves little if it would pass on other code too. \`npm run test:mutation\` changes the code of the checks and of the
result model in every way that Stryker knows, one change at a time (\`<\` for \`<=\`, \`true\` for a condition, an empty list, a regular
expression without its end), and looks whether a test notices. A change that nobody notices is a fault of an endpoint
that the kit would not see, an endpoint that it would accuse wrongly, or code that has no use.

\`npm run test:mutation -- conformance/checks/body.ts\` tries one file, in a minute or two, prints every change that was not noticed and writes
down the result; without a name it tries all, which takes an hour or two on two cores. This page is made from those results.

## How a change is judged

- First by the unit tests of its file, for a check also by what holds the data of all checks: the list of ids, the ledger of requirements, the pages in \`checks/\`.
- A change of a check then at the [gate](../decisions/0006-conformance-checks-are-data.md): the conformant endpoint in every mode, the
  endpoints that are right in another way, and the faults that one of the checks of this file must find. Only the checks that reach the
  changed code are run. What deviates also without the change proves nothing, and is not counted.
- The whole gate would notice more: faults that other checks find are left out for the sake of time. So these figures are a lower bound.

Not tried, and counted in no score: words for people (titles, advice, messages, curl lines of evidence), names that a list of their own holds, and what the compiler
refuses (\`{}\` in place of an object, an empty text in a list of needs).

## What is not noticed

Mostly what makes no difference: defaults of values that are always there, guards that end a check as *untestable* a step before it
would end so anyway, conditions that only choose between words, and bounds that no endpoint meets to the byte.
`;

function row(name: string, results: readonly FileResult[]): string {
  const { noticed, tried } = scoreResults(results);
  const sum = (count: (result: FileResult) => number) => results.reduce((total, result) => total + count(result), 0);
  const percent = tried === 0 ? '–' : `${Math.round((noticed / tried) * 100)} %`;
  const cells = [name, noticed, tried, percent, sum(({ notReached }) => notReached), sum(({ ignored }) => ignored)];
  return `| ${[...cells, results.map(({ date }) => date).sort()[0]].join(' | ')} |\n`;
}

const tableHead =
  '| file | noticed | of | score | of the rest, never reached | not tried | measured |\n|---|---|---|---|---|---|---|\n';

/** docs/reference/mutation.md: the scores, by part and by file. */
export function generateMutationPage(): string {
  const entries = Object.entries(readMutationResults());
  const isCheck = ([file]: readonly [string, FileResult]) => file.startsWith('conformance/checks/');
  const checks = entries.filter(isCheck);
  const resultModel = entries.filter((entry) => !isCheck(entry));
  const results = (some: typeof entries) => some.map(([, result]) => result);
  const totals = row('all checks', results(checks)) + row('the result model', results(resultModel));
  const missing = mutatedFiles.filter((file) => !entries.some(([measured]) => measured === file));
  const words = missing.length === 0 ? '' : `\nNot measured yet: ${missing.map((file) => `\`${file}\``).join(', ')}.\n`;
  const rows = (some: typeof entries) => some.map(([file, result]) => row(`\`${file}\``, [result])).join('');
  return `${head}\n## Scores\n\n${tableHead}${totals}\n### Checks\n\n${tableHead}${rows(checks)}\n### Result model\n\n${tableHead}${rows(resultModel)}${words}`;
}
