// Removes the declarations below dist/ that no entry of the package reaches. tsc writes one for each source file.
import { existsSync, readdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

const root = dirname(import.meta.dirname);
const dist = join(root, 'dist');
const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

const reached = new Set();
function follow(file) {
  if (reached.has(file)) return;
  reached.add(file);
  for (const [, specifier] of readFileSync(file, 'utf8').matchAll(/(?:from |import\()['"](\.[^'"]+)['"]/g)) {
    follow(resolve(dirname(file), specifier.replace(/(?:\.d)?\.[jt]s$/, '.d.ts')));
  }
}
for (const { types } of Object.values(exports)) if (types !== undefined) follow(join(root, types));

for (const name of readdirSync(dist, { recursive: true, encoding: 'utf8' })) {
  const file = join(dist, name);
  if (name.endsWith('.d.ts') && !reached.has(file)) rmSync(file);
}
// Directories that contained only declarations, the innermost first.
const directories = readdirSync(dist, { recursive: true, withFileTypes: true }).filter((entry) => entry.isDirectory());
for (const path of directories
  .map(({ parentPath, name }) => join(parentPath, name))
  .sort()
  .reverse()) {
  if (existsSync(path) && readdirSync(path).length === 0) rmdirSync(path);
}
