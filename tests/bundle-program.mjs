// Bundles of the program and of the package's exports: few files, because starting takes longer with many.
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { build } from 'esbuild';

const root = dirname(import.meta.dirname);
const outdir = join(root, 'dist');

/**
 * Entry points for starting or importing, without `.ts`. They are bundled together, with shared code in common files. An error class is therefore the
 * same in the server and in a custom module.
 */
const entries = [
  'cli/main',
  'server/create-app',
  'server/adapters/user-source.suite',
  'server/auth/password-hash-worker',
  'server/adapters/csv/csv-load-worker',
  'server/adapters/sql/sqlite-worker',
  'conformance/run-conformance',
];

/** The sources that use their own location. */
const placed = new Set();

/** Lets such a file find other files by its position in the source tree, regardless of where the bundle is. */
const placeOfSource = {
  name: 'place-of-source',
  setup({ onLoad }) {
    onLoad({ filter: /\.ts$/ }, ({ path }) => {
      const text = readFileSync(path, 'utf8');
      if (!text.includes('import.meta.')) return undefined;
      const built = relative(root, path).replaceAll(sep, '/').replace(/\.ts$/, '.js');
      if (/import\.meta\.(?!url\b)/.test(text))
        throw new Error(`${path}: only import.meta.url has a meaning in a bundle.`);
      placed.add(relative(root, path));
      const place = `new URL(${JSON.stringify(`../${built}`)}, import.meta.url).href`;
      return { contents: text.replaceAll('import.meta.url', place), loader: 'ts' };
    });
  },
};

const { metafile } = await build({
  entryPoints: Object.fromEntries(entries.map((entry) => [entry, join(root, `${entry}.ts`)])),
  outdir,
  absWorkingDir: root,
  chunkNames: 'chunks/[hash]',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  packages: 'external',
  plugins: [placeOfSource],
  metafile: true,
  logLevel: 'warning',
});
for (const [output, { inputs }] of Object.entries(metafile.outputs)) {
  const lost = Object.keys(inputs).find((input) => placed.has(input));
  if (lost !== undefined && dirname(output) !== 'dist/chunks')
    throw new Error(`${lost} would look for its files from ${output}.`);
}
// Files of the previous build are removed last, because they may be in use.
for (const name of readdirSync(join(outdir, 'chunks'))) {
  if (!(`dist/chunks/${name}` in metafile.outputs)) rmSync(join(outdir, 'chunks', name));
}
