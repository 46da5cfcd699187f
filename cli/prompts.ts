// Prompts for a line or a file on a terminal: input is validated at once, and Ctrl-C cancels.
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { isCancel, text } from '@clack/prompts';

/** Ctrl-C or Escape: nothing is to be done. */
export class Cancelled extends Error {
  override readonly name = 'Cancelled';
}

/** The answer to a prompt. Throws Cancelled when there is none. */
export async function unlessCancelled<Answer>(asking: Promise<Answer>): Promise<Exclude<Answer, symbol>> {
  const answer = await asking;
  if (isCancel(answer)) throw new Cancelled();
  return answer as Exclude<Answer, symbol>;
}

interface TextQuestion {
  readonly placeholder?: string;
  readonly initialValue?: string;
  /** What an empty answer stands for; absent: an answer is needed. */
  readonly whenEmpty?: string;
  /** What is wrong with the answer; undefined: nothing. */
  readonly findFault?: (answer: string) => string | undefined;
}

/** Asks for a line. Throws Cancelled. */
export function askText(message: string, question: TextQuestion = {}): Promise<string> {
  const { findFault, whenEmpty, ...shown } = question;
  return unlessCancelled(
    text({
      message,
      ...shown,
      validate(answer = '') {
        if (answer === '') return whenEmpty === undefined ? 'An answer is needed here.' : undefined;
        return findFault?.(answer);
      },
    }),
  ).then((answer) => answer || (whenEmpty ?? ''));
}

/** The file of an answer; a shell would have read the ~ before. */
const atHome = (path: string) => path.replace(/^~(?=\/)/, homedir());

/** Asks for a file that is there, and gives its path; `findFault` judges its bytes. Throws Cancelled. */
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
        return `It can not be read (${(error as NodeJS.ErrnoException).code}).`;
      }
    },
  });
  return atHome(answer);
}
