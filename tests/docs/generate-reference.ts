// List of generated pages, and the command `npm run generate:docs` that writes them.
import { mkdirSync, writeFileSync } from 'node:fs';
import { contractVersion } from '../../conformance/contract/contract.ts';
import { drawTerminalRecording } from './draw-terminal.ts';
import { generateAssumptionsPage } from './generate-assumptions-page.ts';
import { checkPages } from './generate-check-pages.ts';
import { generateConfigurationPage } from './generate-configuration-page.ts';
import {
  generateCheckIds,
  generateContractPage,
  generateLedger,
  generateScoredChecks,
} from './generate-contract-page.ts';
import { generateErrorsPage } from './generate-errors-page.ts';
import { generateExitCodesPage } from './generate-exit-codes-page.ts';
import { generateLicencesPage } from './generate-licences-page.ts';
import { generateMetricsPage } from './generate-metrics-page.ts';
import { generateMutationPage } from './generate-mutation-page.ts';
import { generatePerformancePages } from './generate-performance-page.ts';

/** File name in docs/reference/ → the function that generates its text. A test compares the text with the file. */
export const referencePages: Readonly<Record<string, () => string | Promise<string>>> = {
  'assumptions.md': generateAssumptionsPage,
  'configuration.md': generateConfigurationPage,
  'errors.md': generateErrorsPage,
  'exit-codes.md': generateExitCodesPage,
  'mutation.md': generateMutationPage,
  'licences.md': generateLicencesPage,
  'metrics.md': generateMetricsPage,
  'requirements.md': generateLedger,
  'check-ids.txt': generateCheckIds,
  [`scored-checks-${contractVersion}.txt`]: generateScoredChecks,
  ...checkPages,
};

/**
 * Generates the pages, as file name below docs/ → text: the reference pages, the contract, the page on performance and its plots, the README's
 * recording.
 */
export async function generatePages(): Promise<ReadonlyMap<string, string>> {
  const pages = new Map(Object.entries(generatePerformancePages()));
  pages.set('contract.md', generateContractPage());
  pages.set('screenshots/terminal.svg', drawTerminalRecording());
  for (const [name, generate] of Object.entries(referencePages)) pages.set(`reference/${name}`, await generate());
  return pages;
}

if (process.argv[1] === import.meta.filename) {
  for (const [name, text] of await generatePages()) {
    const file = new URL(`../../docs/${name}`, import.meta.url);
    mkdirSync(new URL('.', file), { recursive: true });
    writeFileSync(file, text);
  }
}
