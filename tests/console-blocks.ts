// Notation of commands in documentation: ```sh blocks, and the output of the last command in an ```output block below. `…` stands for variable text
// in the output; commands that were printed before can have named placeholders such as `DIRECTORY`.
import type { FencedBlock } from './markdown.ts';

/** One command of a page, and the output that the page shows for it. */
export interface ConsoleStep {
  /** As bash reads it: continuation lines joined, a closing ` &` removed. */
  readonly command: string;
  /** Whether the command ended in ` &` and keeps running during the next commands. */
  readonly background: boolean;
  /** Output, line by line. */
  readonly expected: readonly string[];
  /** Line in the Markdown file; the first line is 1. */
  readonly line: number;
}

const ellipsis = '…';

/**
 * Parses the commands of an ```sh block: one per line, with continuation lines and here-documents.
 *
 * @param firstLine line number of the first command in its file.
 * @throws {Error} when a continuation or a here-document is incomplete.
 */
export function parseCommands(lines: readonly string[], firstLine: number): ConsoleStep[] {
  const steps: ConsoleStep[] = [];
  for (let index = 0; index < lines.length; index++) {
    const line = firstLine + index;
    let command = lines[index] ?? '';
    if (command.trim() === '' || command.startsWith('#')) continue;
    while (command.endsWith('\\')) {
      index++;
      const next = lines[index];
      if (next === undefined) throw new Error(`line ${line}: the last line of the command ends in a backslash`);
      command = `${command.slice(0, -1).trimEnd()} ${next.trim()}`;
    }
    const mark = /<<'(\w+)'/.exec(command)?.[1];
    if (mark !== undefined) {
      const end = lines.indexOf(mark, index + 1);
      if (end === -1) throw new Error(`line ${line}: the here-document has no line ${mark}`);
      command = [command, ...lines.slice(index + 1, end + 1)].join('\n');
      index = end;
    }
    const background = /\s&$/.test(command);
    steps.push({ command: background ? command.slice(0, -1).trimEnd() : command, background, expected: [], line });
  }
  return steps;
}

/**
 * Reads the commands of a page. An ```output block belongs to the last command of the ```sh block immediately before it.
 *
 * @throws {Error} when an ```output block has no command.
 */
export function readSteps(blocks: readonly FencedBlock[]): ConsoleStep[] {
  const steps: ConsoleStep[] = [];
  for (const [index, { info, lines, line }] of blocks.entries()) {
    if (info === 'sh') steps.push(...parseCommands(lines, line + 1));
    if (info !== 'output') continue;
    const last = steps.at(-1);
    if (last === undefined || blocks[index - 1]?.info !== 'sh')
      throw new Error(`line ${line}: output without a command`);
    steps[steps.length - 1] = { ...last, expected: lines };
  }
  return steps;
}

function escapeForRegExp(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

/** Returns the pattern of one line, without its line break. */
function patternOfLine(line: string): string {
  return line.trimEnd().split(ellipsis).map(escapeForRegExp).join('[^\\n]*');
}

/** Names such as `DIRECTORY` and `CA_FILE`. */
const placeholder = /\b[A-Z]{2,}(?:_[A-Z]+)*\b/g;

/** How the program prints its own name: in a clone, with the path of its file. */
const ownName = { onPage: /^npx user-info /, printed: '(?:node \\S+|user-info) ' };

/**
 * Returns the command with its named placeholders replaced by their values, if earlier output contains the completed command.
 *
 * @param printed the output so far; if several lines match, the last one is used.
 * @returns the command as it was printed, or unchanged when no line of the output matches.
 */
export function completeCommand(command: string, printed: string): string {
  const rest = command.replace(ownName.onPage, '');
  const name = rest === command ? '' : ownName.printed;
  const pattern = new RegExp(`^${name}${rest.split(placeholder).map(escapeForRegExp).join('\\S+')}$`);
  return (
    printed
      .split('\n')
      .map((line) => line.trim())
      .findLast((line) => pattern.test(line)) ?? command
  );
}

/**
 * Returns whether `actual` matches the page. `…` within a line stands for any text on that line. A line that consists of `…` alone stands for any
 * number of lines, including none. White space at the ends of lines and empty lines at the end are ignored.
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
