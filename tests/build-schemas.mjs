// Owns the part of the build that tsc leaves out: the contract's files beside their readers, and validators compiled from them.
import { cpSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';

for (const name of readdirSync('schemas')) {
  if (/\.(json|yaml)$/.test(name)) cpSync(`schemas/${name}`, `dist/schemas/${name}`);
}

const { compiledSchemas, compileSchemaModule } = await import('../dist/schemas/compile-schema.js');
mkdirSync('dist/schemas/compiled', { recursive: true });
for (const name of compiledSchemas) writeFileSync(`dist/schemas/compiled/${name}.cjs`, compileSchemaModule(name));
