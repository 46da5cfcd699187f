// Finding of a diagnosis: one line for each thing that was tried, with its remedy.
import { SourceError } from '../../adapters/user-source.ts';

/** `doubtful`: it works, but needs attention. `untried`: it cannot be determined, which is not an error. */
export type Verdict = 'works' | 'doubtful' | 'fails' | 'untried';

/** Neither a secret nor a user's data, user ids included, stands in any of the texts. */
export interface Finding {
  /** What was tried, in a word or two: "DNS", "TLS", "rights". */
  readonly subject: string;
  readonly verdict: Verdict;
  /** What was found. */
  readonly text: string;
  /** What to do about it; left out where nothing is to be done, or `text` says it. */
  readonly cure?: string;
}

/** Findings as they are made. The return value: does it make sense to go on? */
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

/** A failure of an adapter's: its message has the remedy. @throws anything but a SourceError, which is a bug. */
export function failure(subject: string, error: unknown, remedy?: string): Finding {
  if (!(error instanceof SourceError)) throw error;
  return fails(subject, error.message, remedy);
}

/** "1 group", "3 groups". */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}
