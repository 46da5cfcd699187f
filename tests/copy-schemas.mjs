// Owns the part of the build that tsc leaves out: the contract's files, copied beside their compiled readers.
import { cpSync, readdirSync } from 'node:fs';

for (const name of readdirSync('schemas')) {
  if (/\.(json|yaml)$/.test(name)) cpSync(`schemas/${name}`, `dist/schemas/${name}`);
}
