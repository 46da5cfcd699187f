// Prompts for a line or a file on a terminal: input is validated at once, and Ctrl-C cancels.
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { isCancel, text } from '@clack/prompts';

/** Thrown on Ctrl-C or Escape. */
export class Cancelled extends Error {
  override readonly name = 'Cancelled';
}

/** Returns the input of a prompt. Throws Cancelled. */
export async function unlessCancelled<Answer>(asking: Promise<Answer>): Promise<Exclude<Answer, symbol>> {
  const answer = await asking;
  if (isCancel(answer)) throw new Cancelled();
  return answer as Exclude<Answer, symbol>;
}

interface TextQuestion {
  readonly placeholder?: string;
  readonly initialValue?: string;
  /** Value for empty input; if absent, input is required. */
  readonly whenEmpty?: string;
  /** Returns what is wrong with the input, or undefined. */
  readonly findFault?: (answer: string) => string | undefined;
}

/** Prompts for a line. Throws Cancelled. */
export function askText(message: string, question: TextQuestion = {}): Promise<string> {
  const { findFault, whenEmpty, ...shown } = question;
  return unlessCancelled(
    text({
      message,
      ...shown,
      validate(answer = '') {
        if (answer === '') return whenEmpty === undefined ? 'Input is required.' : undefined;
        return findFault?.(answer);
      },
    }),
  ).then((answer) => answer || (whenEmpty ?? ''));
}

/** Expands ~, as a shell would. */
const atHome = (path: string) => path.replace(/^~(?=\/)/, homedir());

/** Prompts for an existing file and returns its path; `findFault` validates its bytes. Throws Cancelled. */
export async function askFile(
  message: string,
  placeholder: string,
  findFault: (bytes: Buffer) => string | undefined = () => undefined,
): Promise<string> {
  const answer = await askText(message, {
    placeholder,
    findFault(path) {
      try {
        return findFault(readFileSync(atHome(path)));
      } catch (error) {
        return `The file cannot be read (${(error as NodeJS.ErrnoException).code}).`;
      }
    },
  });
  return atHome(answer);
}
