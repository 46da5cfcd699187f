// Owns the list of generated reference pages; run, it writes them (`npm run generate:docs`).
import { writeFileSync } from 'node:fs';
import { generateConfigurationPage } from './generate-configuration-page.ts';
import { generateConformanceChecksPage } from './generate-conformance-checks-page.ts';
import { generateErrorsPage } from './generate-errors-page.ts';
import { generateExitCodesPage } from './generate-exit-codes-page.ts';

/** File name in docs/reference/ → what makes its text. Tested to be what lies there. */
export const referencePages: Readonly<Record<string, () => string | Promise<string>>> = {
  'configuration.md': generateConfigurationPage,
  'conformance-checks.md': generateConformanceChecksPage,
  'errors.md': generateErrorsPage,
  'exit-codes.md': generateExitCodesPage,
};

if (process.argv[1] === import.meta.filename) {
  for (const [name, generate] of Object.entries(referencePages)) {
    writeFileSync(new URL(`reference/${name}`, import.meta.url), await generate());
  }
}
