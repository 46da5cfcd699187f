// Build step for the files that the program reads: copies them next to the code that reads them, and compiles the validators.
import { cpSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { transformSync } from 'esbuild';
import { builtSchemas, compiledSchemas, compileSchemaModule } from '../schemas/compile-schema.ts';

const built = process.argv[2] ?? 'dist';
const directory = `${built}/schemas`;
mkdirSync(`${directory}/compiled`, { recursive: true });
for (const name of readdirSync('schemas')) {
  if (/\.(json|yaml)$/.test(name)) cpSync(`schemas/${name}`, `${directory}/${name}`);
}
for (const name of builtSchemas) {
  const { code } = transformSync(compileSchemaModule(name), { minify: true, format: 'cjs', treeShaking: true });
  writeFileSync(`${directory}/compiled/${name}.cjs`, code);
}
// Removes files of an earlier build.
for (const name of compiledSchemas) {
  if (!builtSchemas.includes(name)) rmSync(`${directory}/compiled/${name}.cjs`, { force: true });
}
mkdirSync(`${built}/simulator/learn`, { recursive: true });
cpSync('simulator/learn/experiments.yaml', `${built}/simulator/learn/experiments.yaml`);
