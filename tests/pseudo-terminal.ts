// Types into an interactive program in tests, on a pseudo-terminal of script(1).
import { spawn } from 'node:child_process';

/** Keys that are typed as soon as a text appears on the screen, after the position of the previous match. */
export type TypedAnswer = readonly [question: string, keys: string];

/** Time limit for a prompt that never appears. */
const maxMs = 60_000;

/** Runs a shell command in a terminal. @returns its exit code, 130 after Ctrl-C, and the complete output, including control sequences. */
export function typeInTerminal(
  command: string,
  answers: readonly TypedAnswer[],
): Promise<{ readonly status: number | null; readonly screen: string }> {
  // Without a terminal, script(1) creates one that has no size, and programs that wrap lines would print one letter per line.
  const sized = `stty cols 120 rows 50; ${command}`;
  const terminal = spawn('script', ['--quiet', '--return', '--command', sized, '/dev/null'], { timeout: maxMs });
  const pending = [...answers];
  let screen = '';
  let read = 0;
  return new Promise((resolve, reject) => {
    terminal.once('error', reject);
    terminal.stdout.setEncoding('utf8').on('data', (text: string) => {
      screen += text;
      const [request = '', keys = ''] = pending[0] ?? [];
      const at = request === '' ? -1 : screen.indexOf(request, read);
      if (at < 0) return;
      read = at + request.length;
      pending.shift();
      terminal.stdin.write(keys);
    });
    terminal.once('close', (status) => resolve({ status, screen }));
  });
}
