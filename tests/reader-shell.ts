// Environment for a page's commands: an empty home directory, the examples, `user-info` on the PATH, one bash.
import { type ChildProcess, spawn } from 'node:child_process';
import { chownSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { builtProgram } from './built-program.ts';

/** Result of a command. `output` is stdout and stderr, as a terminal shows them. */
export interface CommandOutcome {
  readonly output: string;
  /** `null`: the command is still running in the background. */
  readonly exitCode: number | null;
}

/** One bash for a whole page: changes that a command makes (directory, variables, files) are visible to the next one. */
export interface ReaderShell {
  /** The reader's initial directory. */
  readonly directory: string;
  /** Runs a command until it ends. @throws {Error} when it takes longer than `timeoutMs`. */
  run(command: string, timeoutMs: number): Promise<CommandOutcome>;
  /** Starts a command and waits until `isReady` accepts its output, the command ends, or `timeoutMs` has elapsed. */
  start(command: string, isReady: (output: string) => boolean, timeoutMs: number): Promise<CommandOutcome>;
  /** Stops everything that was started, and removes the directory. */
  close(): Promise<void>;
}

export interface ReaderOptions {
  /** Copies `examples/` into the reader's directory, as in a clone. Default: false */
  readonly examples?: boolean;
  /** Puts `user-info` on the PATH. Default: true */
  readonly program?: boolean;
  /** User and group id of the reader. Default: the user of the tests */
  readonly user?: number;
}

const pollMs = 25;

function readIfThere(file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}

async function waitUntil(condition: () => boolean, timeoutMs: number): Promise<boolean> {
  const endsAt = Date.now() + timeoutMs;
  while (!condition()) {
    if (Date.now() > endsAt) return false;
    await delay(pollMs);
  }
  return true;
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Sends a signal to a whole process group: bash and everything that it started. */
function signalGroup(child: ChildProcess, signal: NodeJS.Signals | 0): boolean {
  try {
    return child.pid !== undefined && process.kill(-child.pid, signal);
  } catch {
    return false;
  }
}

/**
 * Creates the reader's machine in a scratch directory.
 *
 * @param projectRoot root of the project whose `dist/` is the program. Must be built.
 */
export function createReaderShell(
  projectRoot: string,
  { examples = false, program = true, user }: ReaderOptions = {},
): ReaderShell {
  const scratch = mkdtempSync(join(tmpdir(), 'user-info-reader-'));
  const [directory, home, programs, outputs] = ['work', 'home', 'bin', 'outputs'].map((name) => {
    mkdirSync(join(scratch, name));
    return join(scratch, name);
  }) as [string, string, string, string];
  if (examples && existsSync(join(projectRoot, 'examples'))) {
    cpSync(join(projectRoot, 'examples'), join(directory, 'examples'), { recursive: true });
  }
  const text = `#!/bin/sh\nexec '${process.execPath}' '${builtProgram}' "$@"\n`;
  if (program) writeFileSync(join(programs, 'user-info'), text, { mode: 0o755 });
  if (user !== undefined) for (const own of [scratch, directory, home, outputs]) chownSync(own, user, user);

  // Except for PATH, no settings of this process are passed on, because a page must mention everything that it requires.
  const environment = {
    PATH: [programs, process.env.PATH].join(delimiter),
    HOME: home,
    TMPDIR: outputs,
    LANG: 'C.UTF-8',
  };
  // detached: creates a separate process group, which can be stopped as a whole.
  const bash = spawn('bash', ['--noprofile', '--norc'], {
    cwd: directory,
    env: environment,
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    ...(user !== undefined && { uid: user, gid: user }),
  });
  // Writing fails if a command has ended bash: `exit`, or a failure after `set -e`. The SIGTERM of `close` can cause such a failure.
  bash.stdin.on('error', () => undefined);
  const hasBashEnded = () => bash.exitCode !== null || bash.signalCode !== null;
  // bash survives the SIGTERM that ends its children, so that it can reap them.
  bash.stdin.write('trap : TERM\n');
  let commands = 0;
  const nextFiles = () => {
    commands++;
    return { output: join(outputs, `${commands}.out`), status: join(outputs, `${commands}.status`) };
  };

  return {
    directory,
    async run(command, timeoutMs) {
      const files = nextFiles();
      // Uses braces instead of a subshell, so that `cd` and variables stay in effect. `$?` is restored for a command that reads it.
      bash.stdin.write(`{ ${command}\n} >'${files.output}' 2>&1 </dev/null; status=$?\n`);
      bash.stdin.write(
        `echo $status >'${files.status}.part'; mv '${files.status}.part' '${files.status}'; (exit $status)\n`,
      );
      await waitUntil(() => existsSync(files.status) || hasBashEnded(), timeoutMs);
      if (!existsSync(files.status)) {
        const problem = hasBashEnded() ? 'ended the shell' : `not done after ${timeoutMs} ms`;
        throw new Error(`${problem}: ${command}\nIt printed so far:\n${readIfThere(files.output)}`);
      }
      return { output: readIfThere(files.output), exitCode: Number(readFileSync(files.status, 'utf8')) };
    },
    async start(command, isReady, timeoutMs) {
      const files = nextFiles();
      // A simple command is itself the job, so that the reader's `kill %1` and `$!` work.
      const job = /&&|;/.test(command) ? `{ ${command}\n}` : command;
      bash.stdin.write(`${job} >'${files.output}' 2>&1 </dev/null &\necho $! >'${files.status}.pid'\n`);
      const hasEnded = () => {
        const pid = Number(readIfThere(`${files.status}.pid`));
        return pid > 0 && !isRunning(pid);
      };
      await waitUntil(() => isReady(readIfThere(files.output)) || hasEnded(), timeoutMs);
      const output = () => readIfThere(files.output);
      if (!hasEnded()) return { output: output(), exitCode: null };
      const pid = readIfThere(`${files.status}.pid`).trim();
      const { exitCode } = await this.run(`wait ${pid}`, timeoutMs);
      return { output: output(), exitCode };
    },
    async close() {
      // A signal before the trap is set would end bash, and writing to bash would then fail.
      if (commands === 0) await this.run(':', 30_000);
      signalGroup(bash, 'SIGTERM');
      bash.stdin.end('wait\n');
      const ended = await waitUntil(() => !signalGroup(bash, 0), 5000);
      if (!ended) signalGroup(bash, 'SIGKILL');
      rmSync(scratch, { recursive: true, force: true });
    },
  };
}
