// Files that are mutated, and the tests that must detect the mutants of each.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { catalogue } from '../../conformance/checks/catalogue.ts';

const root = join(import.meta.dirname, '../..');
const checksDirectory = 'conformance/checks';

/** The result model and the options: file below conformance/ → its tests, also below conformance/. */
const resultModel: Readonly<Record<string, readonly string[]>> = {
  'report/baseline.ts': ['report/baseline.test.ts'],
  'report/compare-reports.ts': ['report/compare-reports.test.ts'],
  'define-check.ts': ['define-check.test.ts'],
  'explore-options.ts': ['explore-options.test.ts'],
  'http/json-scan.ts': ['http/json-scan.test.ts'],
  'http/own-certificate.ts': ['http/own-certificate.services.test.ts'],
  'positive-control.ts': ['positive-control.test.ts'],
  'request-budget.ts': ['politeness.test.ts'],
  'http/retry-after.ts': ['http/retry-after.test.ts'],
  'run-check.ts': ['run-check.test.ts', 'run-conformance.test.ts'],
  'run-checks.ts': ['run-conformance.test.ts'],
  'run-conformance.ts': ['run-conformance.test.ts'],
  'select-checks.ts': ['select-checks.test.ts'],
  'report/severity.ts': ['report/severity.test.ts'],
  'user-info-body.ts': ['user-info-body.test.ts'],
};

/** The tests of the data of all checks. */
const catalogueTests = [
  'conformance/checks/catalogue.test.ts',
  'conformance/contract/contract.test.ts',
  'tests/docs/check-pages.test.ts',
];

/** Every file that is mutated, as a path from the root. */
export const mutatedFiles: readonly string[] = [
  ...readdirSync(join(root, checksDirectory))
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && file !== 'catalogue.ts')
    .map((file) => `${checksDirectory}/${file}`),
  ...Object.keys(resultModel).map((file) => `conformance/${file}`),
];

/** Returns the project files that a file imports, directly or indirectly, including the file itself. */
function findImported(file: string, found = new Set<string>()): Set<string> {
  if (found.has(file)) return found;
  found.add(file);
  const imports = readFileSync(join(root, file), 'utf8').matchAll(
    /^(?:import|export) (?!type )[^;]*? from '(\.[^']+)';/gms,
  );
  for (const [, path = ''] of imports) findImported(relative(root, join(root, dirname(file), path)), found);
  return found;
}

/** Returns whether a file defines a check of the rule set `contract`. */
const definesContractCheck = (file: string) => readFileSync(join(root, file), 'utf8').includes("ruleSet: 'contract'");

/** The files that define a check of the rule set `contract`, and the files in checks/ that they import, in the order of `mutatedFiles`. */
export const contractFiles: readonly string[] = (() => {
  const imported = new Set<string>();
  for (const file of mutatedFiles.filter(definesContractCheck)) findImported(file, imported);
  return mutatedFiles.filter((file) => file.startsWith(`${checksDirectory}/`) && imported.has(file));
})();

/** Returns the unit tests of a file. */
export function findUnitTests(file: string): readonly string[] {
  const beside = ['.test.ts', '.services.test.ts'].map((ending) => file.replace(/\.ts$/, ending));
  const named = resultModel[relative('conformance', file)]?.map((test) => `conformance/${test}`);
  return named ?? [...beside.filter((test) => existsSync(join(root, test))), ...catalogueTests];
}

/**
 * Returns the ids of the checks whose code is in a file in checks/, or whose topic is in a file that imports it. Returns none for the result model,
 * which is covered by its unit tests.
 */
export async function findChecksOf(file: string): Promise<readonly string[]> {
  if (!file.startsWith(`${checksDirectory}/`)) return [];
  const ids: string[] = [];
  for (const name of readdirSync(join(root, checksDirectory)).filter((each) => each.endsWith('.ts'))) {
    const topicFile = `${checksDirectory}/${name}`;
    if (name === 'catalogue.ts' || name.endsWith('.test.ts') || !findImported(topicFile).has(file)) continue;
    const exported: Record<string, { readonly title?: string }> = await import(join(root, topicFile));
    // Topics are compared by title, because a loader for two kinds of modules may have loaded the file twice.
    const topics = catalogue.filter(({ title }) => Object.values(exported).some((each) => each.title === title));
    ids.push(...topics.flatMap(({ checks }) => checks.map(({ id }) => id)));
  }
  return ids;
}

/** Returns the ids of the checks that a file names in texts, e.g. in "see known-user-200": their findings change the results of its own checks. */
export function findNamedChecks(file: string): readonly string[] {
  const words = new Set(readFileSync(join(root, file), 'utf8').match(/[a-z0-9]+(?:-[a-z0-9]+)+/g));
  return catalogue.flatMap(({ checks }) => checks.map(({ id }) => id)).filter((id) => words.has(id));
}
