// Reads a line from the terminal without echo.

const enter = new Set(['\r', '\n']);
const erase = new Set(['\b', '\u007f']);
const eraseLine = '\u0015';
const endOfInput = '\u0004';
const interrupt = '\u0003';

/**
 * Writes `prompt` to stderr, so that stdout contains only the result, and reads a line from the terminal. Backspace and Ctrl-U
 * work; Ctrl-C stops the process as usual.
 *
 * @returns the line without its line break; empty if the user pressed only Enter or Ctrl-D. Needs `process.stdin.isTTY`.
 */
export function readHiddenLine(prompt: string): Promise<string> {
  const { stdin, stderr } = process;
  return new Promise((resolve, reject) => {
    // Splits the text into code points, so that one backspace removes one character.
    let typed: string[] = [];

    function finish(outcome: () => void): void {
      stdin.off('data', read);
      stdin.off('error', reject);
      stdin.setRawMode(false);
      stdin.pause();
      stderr.write('\n');
      outcome();
    }

    function read(chunk: string): void {
      const characters = [...chunk];
      for (const [index, character] of characters.entries()) {
        if (enter.has(character) || character === endOfInput) {
          // Text typed ahead belongs to the next prompt.
          const rest = characters.slice(index + 1).join('');
          finish(() => resolve(typed.join('')));
          if (rest !== '') stdin.unshift(rest);
          return;
        }
        if (character === interrupt) {
          finish(() => process.kill(process.pid, 'SIGINT'));
          return;
        }
        if (erase.has(character)) typed.pop();
        else if (character === eraseLine) typed = [];
        else typed.push(character);
      }
    }

    // Echo is switched off before the prompt appears, so that even immediate input is not shown.
    stdin.setRawMode(true);
    stderr.write(prompt);
    stdin.setEncoding('utf8');
    stdin.on('data', read);
    stdin.on('error', reject);
    stdin.resume();
  });
}
