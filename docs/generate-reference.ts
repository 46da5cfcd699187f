// Owns the list of generated reference pages; run, it writes them (`npm run generate:docs`).
import { mkdirSync, writeFileSync } from 'node:fs';
import { checkPages } from './generate-check-pages.ts';
import { generateConfigurationPage } from './generate-configuration-page.ts';
import { generateErrorsPage } from './generate-errors-page.ts';
import { generateExitCodesPage } from './generate-exit-codes-page.ts';
import { generateMutationPage } from './generate-mutation-page.ts';

/** File name in docs/reference/ → what makes its text. Tested to be what lies there. */
export const referencePages: Readonly<Record<string, () => string | Promise<string>>> = {
  'configuration.md': generateConfigurationPage,
  'errors.md': generateErrorsPage,
  'exit-codes.md': generateExitCodesPage,
  'mutation.md': generateMutationPage,
  ...checkPages,
};

if (process.argv[1] === import.meta.filename) {
  mkdirSync(new URL('reference/checks/', import.meta.url), { recursive: true });
  for (const [name, generate] of Object.entries(referencePages)) {
    writeFileSync(new URL(`reference/${name}`, import.meta.url), await generate());
  }
}
