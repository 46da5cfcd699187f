// Runs the commands that break and restore the data source, and ensures that the source is always restored.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { Untestable } from './check-endings.ts';
import type { CheckedHook } from './conformance-options.ts';

/** Terminates a command and all processes that it started: on systems that support process groups, it terminates the group. */
function endProcess(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    child.kill('SIGKILL');
  }
}

/** Runs a shell command without input or output. Throws Untestable if it fails or takes too long. */
function runCommand(flag: string, command: string, timeoutMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, { shell: true, stdio: 'ignore', detached: true });
    const fail = (how: string) =>
      reject(new Untestable(`The command of ${flag} ${how}. Run it manually to find the cause.`));
    const deadline = setTimeout(() => {
      endProcess(child);
      fail(
        `did not exit within ${timeoutMs} ms: start long-running programs in the background, or increase --hook-timeout-ms`,
      );
    }, timeoutMs);
    child.once('error', () => {
      clearTimeout(deadline);
      fail('could not be started');
    });
    child.once('exit', (code, signal) => {
      clearTimeout(deadline);
      if (code === 0) resolve();
      else fail(`ended with ${signal ?? code}`);
    });
  });
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Stops the data source while `look` runs, and restores it in every case, even if this process receives a signal.
 *
 * @throws {Untestable} if one of the commands fails.
 */
export async function withSourceDown<Result>(
  { breakCommand, restoreCommand, timeoutMs }: CheckedHook,
  look: () => Promise<Result>,
): Promise<Result> {
  const restoreAndExit = (signal: NodeJS.Signals) => {
    spawnSync(restoreCommand, { shell: true, stdio: 'ignore', timeout: timeoutMs });
    for (const each of signals) process.off(each, restoreAndExit);
    process.kill(process.pid, signal);
  };
  for (const signal of signals) process.on(signal, restoreAndExit);
  try {
    try {
      await runCommand('--break', breakCommand, timeoutMs);
      return await look();
    } finally {
      await runCommand('--restore', restoreCommand, timeoutMs);
    }
  } finally {
    for (const signal of signals) process.off(signal, restoreAndExit);
  }
}
