// The built program, for tests that start it as a process; rebuilt when a source file is newer.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { builtProgram, isBuildDue } from './build-when-due.mjs';

export { builtProgram };

if (isBuildDue()) {
  const cwd = fileURLToPath(new URL('..', import.meta.url));
  execFileSync('npm', ['run', '--silent', 'build'], { cwd, stdio: ['ignore', 'inherit', 'inherit'] });
}
