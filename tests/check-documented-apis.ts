// `npm run check:apis`: checks that the product uses only documented APIs. Prints a line for each violation, and exits with 1.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { findUndocumented } from './undocumented-apis.ts';

const root = join(import.meta.dirname, '..');
const directories = ['schemas', 'certs', 'server', 'conformance', 'simulator', 'cli'];

/**
 * Returns whether a package has `exports`. A package without `exports` has one documented entry. With `exports`, Node itself rejects every other
 * path.
 */
function hasExports(name: string): boolean {
  return 'exports' in (JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8')) as object);
}

const found: string[] = [];
for (const directory of directories) {
  for (const name of readdirSync(join(root, directory), { recursive: true, encoding: 'utf8' })) {
    if (!/\.[cm]?tsx?$/.test(name)) continue;
    const file = join(directory, name);
    const source = ts.createSourceFile(file, readFileSync(join(root, file), 'utf8'), ts.ScriptTarget.Latest, true);
    found.push(...findUndocumented(source, hasExports));
  }
}
for (const place of found) process.stderr.write(`${place}\n`);
if (found.length > 0) process.exitCode = 1;
