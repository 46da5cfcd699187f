// Build step for the contract's files: copies them beside their readers, and compiles the validators.
import { cpSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { transformSync } from 'esbuild';
import { compiledSchemas, compileSchemaModule } from '../schemas/compile-schema.ts';

const folder = `${process.argv[2] ?? 'dist'}/schemas`;
mkdirSync(`${folder}/compiled`, { recursive: true });
for (const name of readdirSync('schemas')) {
  if (/\.(json|yaml)$/.test(name)) cpSync(`schemas/${name}`, `${folder}/${name}`);
}
for (const name of compiledSchemas) {
  const { code } = transformSync(compileSchemaModule(name), { minify: true });
  writeFileSync(`${folder}/compiled/${name}.cjs`, code);
}
