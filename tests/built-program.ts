// Built program for tests that start it as a process; rebuilt when a source is newer.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const projectRoot = fileURLToPath(new URL('..', import.meta.url));
const productFolders = ['schemas', 'certs', 'server', 'conformance', 'simulator', 'cli'];

/** `user-info` as it is shipped, for Node to start. */
export const builtProgram = join(projectRoot, 'dist/cli/main.js');

if (!existsSync(builtProgram) || newestSourceMs() > statSync(builtProgram).mtimeMs) {
  execFileSync('npm', ['run', '--silent', 'build'], { cwd: projectRoot, stdio: ['ignore', 'inherit', 'inherit'] });
}

function newestSourceMs(): number {
  const times = productFolders.flatMap((folder) =>
    readdirSync(join(projectRoot, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => !name.endsWith('.test.ts'))
      .map((name) => statSync(join(projectRoot, folder, name)))
      .filter((found) => found.isFile())
      .map(({ mtimeMs }) => mtimeMs),
  );
  return Math.max(...times);
}
