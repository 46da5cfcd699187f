// Finding of a diagnosis: one line per test, with its remedy.
import { SourceError } from '../../adapters/user-source.ts';

/** `doubtful`: the tested item works, but needs attention. `untried`: the test was not possible or proves nothing, which is not an error. */
export type Verdict = 'works' | 'doubtful' | 'fails' | 'untried';

/** None of the texts contains a secret or a user's data, including user ids. */
export interface Finding {
  /** The test, in a word or two: "DNS", "TLS", "rights". */
  readonly subject: string;
  readonly verdict: Verdict;
  /** What was found. */
  readonly text: string;
  /** What to do; omitted if nothing has to be done, or if `text` contains it. */
  readonly cure?: string;
}

/** Findings in the order of the tests. The return value indicates whether further tests make sense. */
export type Findings = AsyncGenerator<Finding, boolean>;

export function works(subject: string, text: string): Finding {
  return { subject, verdict: 'works', text };
}

export function doubtful(subject: string, text: string, remedy: string): Finding {
  return { subject, verdict: 'doubtful', text, cure: remedy };
}

export function fails(subject: string, text: string, remedy?: string): Finding {
  return { subject, verdict: 'fails', text, ...(remedy !== undefined && { cure: remedy }) };
}

export function untried(subject: string, text: string): Finding {
  return { subject, verdict: 'untried', text };
}

/** Returns the finding for an adapter's failure, whose message contains the remedy. @throws anything other than a SourceError, which is a bug. */
export function failure(subject: string, error: unknown, remedy?: string): Finding {
  if (!(error instanceof SourceError)) throw error;
  return fails(subject, error.message, remedy);
}

/** Returns the code of an error of Node or OpenSSL. */
export function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'no code';
}

/** Returns a number with its noun: "1 group", "3 groups". */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}
