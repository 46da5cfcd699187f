// Bundle of the simulator's console: one script, one style sheet and one page, in dist/ or where a test needs them.
import { copyFileSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';

const source = join(dirname(import.meta.dirname), 'simulator/console');

/** Writes console.js, console.css and index.html into a directory, which is created if necessary. @returns the packages in the bundle, by name. */
export async function bundleConsole(directory) {
  mkdirSync(directory, { recursive: true });
  const { metafile } = await build({
    metafile: true,
    entryPoints: [join(source, 'main.tsx')],
    outfile: join(directory, 'console.js'),
    bundle: true,
    minify: true,
    format: 'esm',
    target: ['chrome120', 'firefox120', 'safari17'],
    jsx: 'automatic',
    jsxImportSource: 'preact',
    legalComments: 'none',
    banner: { js: '/* Contains Preact, MIT License, Copyright (c) 2015-present Jason Miller. */' },
    logLevel: 'warning',
  });
  for (const name of ['index.html', 'console.css']) copyFileSync(join(source, name), join(directory, name));
  const packages = Object.keys(metafile.inputs).flatMap(
    (file) => /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1] ?? [],
  );
  return [...new Set(packages)].sort();
}

if (process.argv[1] === import.meta.filename) await bundleConsole('dist/simulator/console');
