// Owns what a check is: data that can be listed, and one function that judges.
import type { CheckResult } from '../schemas/generated/conformance-report.ts';
import type { CheckContext } from './check-context.ts';
import type { AuthMode } from './conformance-options.ts';

type Level = CheckResult['level'];

/**
 * What must be there before a check may run.
 *
 * - `known-user`, `second-known-user`, `basic-credentials`, `client-certificate`, `client-ca`, `expected-data`, `hook`: an
 *   option was given; else *skipped*.
 * - `plus-user`: one of the known users has a plus sign or a space in the name; `two-form-user`: a letter that Unicode writes in two
 *   ways, as é; `more-failed-logins`: so many wrong passwords are allowed that the rarer ones are tried too. Else *skipped*.
 * - `declared-case`, `declared-spaces`: it was declared how user ids are compared; else *skipped*. `undeclared-case`,
 *   `undeclared-spaces`: it was not; else another check judges it, and this one does not apply.
 * - `latency-bound`: a bound for the time of an answer was declared; else *skipped*.
 * - `https`: the URL is an https: one; else *skipped*.
 * - `intrusive`: the operator allowed requests that write, flood or dawdle; else *skipped*.
 * - `control`: the same question with the right credentials and the known user has just been answered with 200; else
 *   *untestable*, since a refusal of the wrong proves nothing where the right is refused too. It implies `known-user`.
 */
export type Need =
  | 'known-user'
  | 'second-known-user'
  | 'basic-credentials'
  | 'client-certificate'
  | 'client-ca'
  | 'expected-data'
  | 'hook'
  | 'plus-user'
  | 'two-form-user'
  | 'more-failed-logins'
  | 'declared-case'
  | 'undeclared-case'
  | 'declared-spaces'
  | 'undeclared-spaces'
  | 'latency-bound'
  | 'https'
  | 'intrusive'
  | 'control';

/** One line of the report. To change what it means, give it a new id. */
export interface Check {
  /** Permanent, readable, unique: lower-case words joined by hyphens. */
  readonly id: string;
  /** MUST where the contract or an RFC forces it, SHOULD where a careless choice hurts, MAY for taste. */
  readonly level: Level;
  /** What a failure means on the platform. A single finding can say otherwise, see Finding. */
  readonly platformVerdict: CheckResult['platformVerdict'];
  /** A sentence that begins with the level. */
  readonly title: string;
  /** The clause that forces it: of the contract, or RFC and section. */
  readonly source: string;
  /** Why it matters: one or two sentences. */
  readonly why: string;
  /** How to mend it: at least one entry, `any` first; a stack by name where it differs there. Whole sentences. */
  readonly mend: CheckResult['mend'];
  readonly needs: readonly Need[];
  /** The declared authentication that it applies to; absent: every one. */
  readonly auth?: readonly AuthMode[];
  /**
   * Returns when the endpoint conforms.
   *
   * Throws chai's AssertionError when it does not, Untestable or MissingInput when that can't be said, NoAnswer when no
   * HTTP answer came. Anything else is a bug of the kit.
   */
  run(context: CheckContext): Promise<void>;
}

/** The checks of one file, in the order in which they run and are shown. */
export interface Topic {
  readonly title: string;
  readonly checks: readonly Check[];
}
