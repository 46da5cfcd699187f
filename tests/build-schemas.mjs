// Build step for the contract's files: copies them beside their readers, and compiles the validators.
import { cpSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { transformSync } from 'esbuild';
import { builtSchemas, compiledSchemas, compileSchemaModule } from '../schemas/compile-schema.ts';

const folder = `${process.argv[2] ?? 'dist'}/schemas`;
mkdirSync(`${folder}/compiled`, { recursive: true });
for (const name of readdirSync('schemas')) {
  if (/\.(json|yaml)$/.test(name)) cpSync(`schemas/${name}`, `${folder}/${name}`);
}
for (const name of builtSchemas) {
  const { code } = transformSync(compileSchemaModule(name), { minify: true, format: 'cjs', treeShaking: true });
  writeFileSync(`${folder}/compiled/${name}.cjs`, code);
}
// Files of an earlier build.
for (const name of compiledSchemas) {
  if (!builtSchemas.includes(name)) rmSync(`${folder}/compiled/${name}.cjs`, { force: true });
}
