// Builds the program in a clone when it is missing or older than a source file. Imports no packages, because they may not be installed.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const projectRoot = fileURLToPath(new URL('..', import.meta.url));
const productDirectories = ['schemas', 'certs', 'server', 'conformance', 'simulator', 'cli'];

/** `user-info` as shipped, started by Node. */
export const builtProgram = join(projectRoot, 'dist/cli/main.js');

function newestSourceMs() {
  const times = productDirectories.flatMap((directory) =>
    readdirSync(join(projectRoot, directory), { recursive: true, encoding: 'utf8' })
      .filter((name) => !name.endsWith('.test.ts'))
      .map((name) => statSync(join(projectRoot, directory, name)))
      .filter((found) => found.isFile())
      .map(({ mtimeMs }) => mtimeMs),
  );
  return Math.max(...times);
}

/** Returns whether the program is missing or a source file is newer. */
export function isBuildDue() {
  return !existsSync(builtProgram) || newestSourceMs() > statSync(builtProgram).mtimeMs;
}

function fail(exitCode, message) {
  process.stderr.write(`user-info: ${message}\n`);
  process.exit(exitCode);
}

/** Returns the port that `serve --dev` will use; `undefined` for another command, or if any free port may be used. */
function developmentPort(args) {
  if (args[0] !== 'serve' || !args.includes('--dev')) return undefined;
  const text = args.join(' ');
  const port = Number(/--port[ =](\d+)/.exec(text)?.[1] ?? 8443);
  const host = /--host[ =](\S+)/.exec(text)?.[1] ?? '127.0.0.1';
  return port > 0 && port < 65_536 ? { port, host } : undefined;
}

/** Exits with 3 when the port is in use: the build would be useless. */
async function assertPortIsFree(args) {
  const wanted = developmentPort(args);
  if (wanted === undefined) return;
  const server = createServer();
  const error = await new Promise((resolve) => {
    server.once('error', resolve).listen(wanted, () => resolve(null));
  });
  server.close();
  if (error?.code !== 'EADDRINUSE') return;
  fail(
    3,
    `port ${wanted.port} is already in use. Stop the process that listens there, or add --port 0 for a free port.`,
  );
}

/**
 * Builds the program if necessary. Exits with a message when that is impossible.
 *
 * @param args of the command that follows; the port of `serve --dev` is checked before the build.
 */
export async function buildWhenDue(args) {
  if (!isBuildDue()) return;
  if (!existsSync(join(projectRoot, 'node_modules/typescript'))) {
    fail(2, `the packages of this clone are not installed. Run \`npm ci\` in ${projectRoot} first.`);
  }
  await assertPortIsFree(args);
  process.stderr.write('user-info: building the program from this clone (a few seconds)\n');
  // stdout belongs to the command that follows.
  const build = spawn('npm', ['run', '--silent', 'build:program'], { cwd: projectRoot, stdio: ['ignore', 2, 2] });
  const forward = (signal) => build.kill(signal);
  process.on('SIGTERM', forward).on('SIGINT', forward);
  const [exitCode, signal] = await once(build, 'exit');
  process.off('SIGTERM', forward).off('SIGINT', forward);
  if (signal !== null || exitCode > 128) process.exit(130);
  if (exitCode !== 0) fail(70, 'the build failed. Its messages are above.');
}
