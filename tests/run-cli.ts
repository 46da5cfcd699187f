// Runs the built `user-info` as a process, for tests.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { builtProgram } from './built-program.ts';

export interface CliOutcome {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliProcess {
  readonly child: ChildProcess;
  /** Waits until the output so far matches a pattern. @returns the match. @throws when the process ends before that. */
  printed(stream: 'stdout' | 'stderr', pattern: RegExp): Promise<RegExpExecArray>;
  /** Waits until the process exits. */
  ended(): Promise<CliOutcome>;
}

/**
 * Starts `user-info` with these arguments.
 *
 * @param environment variables in addition to the test's own.
 * @param node the Node executable that runs it; by default, the one that runs the tests.
 */
export function startCli(
  args: readonly string[],
  environment: NodeJS.ProcessEnv = {},
  node = process.execPath,
): CliProcess {
  const child = spawn(node, [builtProgram, ...args], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const heard = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (part: string) => {
      heard[name] += part;
    });
  }
  const closed = once(child, 'close');
  return {
    child,
    async printed(stream, pattern) {
      let isOver = false;
      void closed.then(() => {
        isOver = true;
      });
      for (;;) {
        const match = pattern.exec(heard[stream]);
        if (match) return match;
        if (isOver) throw new Error(`ended before it printed ${pattern}: ${heard.stdout}${heard.stderr}`);
        await Promise.race([once(child[stream], 'data'), closed]);
      }
    },
    async ended() {
      const [exitCode] = await closed;
      return { exitCode, ...heard };
    },
  };
}

export function runCli(...how: Parameters<typeof startCli>): Promise<CliOutcome> {
  return startCli(...how).ended();
}
