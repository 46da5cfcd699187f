// Generator of docs/reference/licences.md from the lock file: what a user installs, and under which licences.
import {
  accepted,
  listBundledPackages,
  listProductionPackages,
  type ProductionPackage,
  saidElsewhere,
} from '../supply-chain/production-packages.ts';

const head = `# Licences

The packages that an installation of the kit contains, according to the lock file. The licence of the kit itself is Apache-2.0. A test fails if a new
package has an unknown licence, or one that is neither permissive nor accepted below. \`npm run sbom\` prints the list in machine-readable form.

`;

/**
 * Generates docs/reference/licences.md: the number of packages under each licence, manual decisions, the packages in the console, and one row per
 * package.
 */
export function generateLicencesPage(): string {
  const packages = listProductionPackages();
  const counts = new Map<string, number>();
  for (const { licence } of packages) counts.set(licence ?? 'unknown', (counts.get(licence ?? 'unknown') ?? 0) + 1);
  const summary = [...counts]
    .sort(([one, ofOne], [other, ofOther]) => ofOther - ofOne || (one < other ? -1 : 1))
    .map(([licence, count]) => `| ${licence} | ${count} |\n`);
  const byHand = [
    ...Object.entries(accepted).map(([name, { licence, reason }]) => `- **${name}**, ${licence}. ${reason}\n`),
    ...Object.entries(saidElsewhere).map(
      ([name, { licence, file }]) => `- **${name}**: ${licence} according to its ${file}.\n`,
    ),
  ];
  const toRow = ({ name, version, licence }: ProductionPackage) =>
    `| ${name} | ${version} | ${licence ?? 'unknown'} |\n`;
  return [
    head,
    '| licence | packages |\n|---|---|\n',
    ...summary,
    '\n## Reviewed manually\n\n',
    ...byHand,
    '\n## Bundled into the console\n\n',
    "The packages in the script of the simulator's console, which is shipped prebuilt; the first line of the script names them.\n\n",
    '| package | version | licence |\n|---|---|---|\n',
    ...listBundledPackages().map(toRow),
    '\n## Packages\n\n| package | version | licence |\n|---|---|---|\n',
    ...packages.map(toRow),
  ].join('');
}
