// Notation of ```console blocks: `$ ` before a command, its output below it, `…` for variable text.

/** One command of a block, and what the page says that it prints. */
export interface ConsoleStep {
  /** As bash reads it: continuation lines joined, a closing ` &` taken off. */
  readonly command: string;
  /** It ended in ` &`: it goes on running while the next commands run. */
  readonly background: boolean;
  /** Output, line by line. */
  readonly expected: readonly string[];
  /** Line in the Markdown file, 1 being the first. */
  readonly line: number;
}

const ellipsis = '…';

/**
 * Reads a block's lines. `firstLine` is the line of the first one in its file.
 *
 * @throws {Error} when output stands before the first command, or a continuation leads nowhere.
 */
export function parseConsoleBlock(lines: readonly string[], firstLine: number): ConsoleStep[] {
  const steps: Array<{ command: string; background: boolean; expected: string[]; line: number }> = [];
  for (let index = 0; index < lines.length; index++) {
    const text = lines[index] ?? '';
    const line = firstLine + index;
    if (!text.startsWith('$ ')) {
      const step = steps.at(-1);
      if (!step) throw new Error(`line ${line}: output without a command; a command begins with "$ "`);
      step.expected.push(text);
      continue;
    }
    let command = text.slice(2);
    while (command.endsWith('\\')) {
      index++;
      const next = lines[index];
      if (next === undefined) throw new Error(`line ${line}: the last line of the command ends in a backslash`);
      command = `${command.slice(0, -1).trimEnd()} ${next.trim()}`;
    }
    const background = /\s&$/.test(command);
    steps.push({ command: background ? command.slice(0, -1).trimEnd() : command, background, expected: [], line });
  }
  // A blank line before the next command separates; it is not output.
  for (const step of steps) while (step.expected.at(-1) === '') step.expected.pop();
  return steps;
}

function escapeForRegExp(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

/** The pattern of one line, its line break aside. */
function patternOfLine(line: string): string {
  return line.trimEnd().split(ellipsis).map(escapeForRegExp).join('[^\\n]*');
}

/**
 * A command with `…` in it is a shortened one: the reader pastes the whole of it from what was printed before.
 *
 * @param printed the output so far; of several lines that match, the last one is meant.
 * @returns the command as it was printed, or as it stands when it has no `…`.
 * @throws {Error} when nothing printed matches.
 */
export function completeCommand(command: string, printed: string): string {
  if (!command.includes(ellipsis)) return command;
  const pattern = new RegExp(`^${patternOfLine(command)}$`);
  const whole = printed
    .split('\n')
    .map((line) => line.trim())
    .findLast((line) => pattern.test(line));
  if (whole === undefined) throw new Error(`no line printed so far is the shortened command: ${command}`);
  return whole;
}

/**
 * Whether `actual` is what the page shows. `…` inside a line stands for anything on that line, a line of `…` alone for
 * any number of lines, none included. White space at the ends of lines and empty lines at the end do not count.
 */
export function matchesOutput(expected: readonly string[], actual: string): boolean {
  const pattern = expected.map((line) => {
    if (line.trim() === ellipsis) return '(?:[^\\n]*\\n)*?';
    return `${patternOfLine(line)}\\n`;
  });
  const lines = actual
    .trimEnd()
    .split('\n')
    .map((line) => line.trimEnd());
  const text = actual.trim() === '' ? '' : `${lines.join('\n')}\n`;
  return new RegExp(`^${pattern.join('')}$`).test(text);
}
