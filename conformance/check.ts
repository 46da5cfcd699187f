// A conformance check: data that can be listed, and one function that verifies an endpoint.
import type { CheckResult } from '../schemas/generated/conformance-report.ts';
import type { CheckContext } from './check-context.ts';
import type { AuthMode } from './conformance-options.ts';
import type { Level, Unscored } from './contract/clause.ts';
import type { ClauseId } from './contract/contract.ts';

/**
 * Requirements of a check before it can run.
 *
 * - `known-user`, `second-known-user`, `basic-credentials`, `client-certificate`, `client-ca`, `expected-data`, `hook`: the
 *   option was given; otherwise *skipped*.
 * - `plus-user`: one of the known user names contains a plus sign or a space; `two-form-user`: a letter that Unicode can write in two
 *   ways, such as é; `more-failed-logins`: the budget of failed logins is large enough for the rarer wrong passwords. Otherwise *skipped*.
 * - `declared-case`, `declared-spaces`: the comparison of user names was declared; otherwise *skipped*. `undeclared-case`, `undeclared-spaces`: it
 * was not declared; otherwise another check covers it, and this one does not apply.
 * - `latency-bound`: a limit for the response time was declared; otherwise *skipped*.
 * - `https`: the URL begins with https; otherwise the check does not apply.
 * - `explore`: generated inputs were requested; otherwise the check does not apply.
 * - `intrusive`: the operator allowed requests that write, flood or stall; otherwise *skipped*.
 * - `control`: a request for the known user with the right credentials has just received a 200. Otherwise *untestable*, because a refusal proves
 * nothing if the right request is refused too. It implies `known-user`.
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
  | 'explore'
  | 'control';

/** Identity and rank of a check. Written as a literal in the file of the check's topic. */
export interface CheckHead {
  /** Permanent, readable, unique: lower-case words joined by hyphens. A changed requirement gets a new id. */
  readonly id: string;
  /** One requirement in the style of RFC 2119. Begins with the level. */
  readonly title: string;
  /**
   * `contract`: a violation is a failure and decides the verdict. `standards`, `hardening`: a violation is a warning, or for MAY an info. `custom`:
   * the same, but it fails the run; see defineCheck.
   */
  readonly ruleSet: CheckResult['ruleSet'];
  /** Always MUST in the rule set `contract`; the RFC's own level in `standards`; SHOULD or MAY in `hardening`. */
  readonly level: Level;
  /** Clauses of the contract that require it; at least one of them has the rule set and the level of the check. Empty for `custom`. */
  readonly clauses: readonly ClauseId[];
  /** Effect of a violation; ranks findings. A single finding can override it; see Finding. */
  readonly impact: CheckResult['impact'];
  /**
   * Whether the platform itself sends the request: GET, one correctly encoded userid, the declared credentials. Only then does the report
   * state the effect on the platform. Absent: no.
   */
  readonly sentByPlatform?: true;
  /** Why the check does not count until a later contract version: it runs, but a violation is only an info. Absent: it counts. */
  readonly unscored?: Unscored;
}

/** A check: one line in the report. */
export interface Check extends CheckHead {
  /** Why it matters: one or two sentences. */
  readonly why: string;
  /** How to fix it: at least one entry, `any` first; then stacks with different advice. Whole sentences. */
  readonly fix: CheckResult['fix'];
  readonly needs: readonly Need[];
  /** The declared authentication modes that it applies to; absent: all. */
  readonly auth?: readonly AuthMode[];
  /**
   * Returns if the endpoint meets the requirement.
   *
   * Throws chai's AssertionError if it does not, Untestable or MissingInput if that cannot be determined, and NoAnswer if no HTTP response arrived.
   * Any other error is a bug in the kit.
   */
  run(context: CheckContext): Promise<void>;
}

/** The checks of one file, in the order in which they run and are shown. */
export interface Topic {
  readonly title: string;
  readonly checks: readonly Check[];
}

/** Completes "Needs: …"; in Markdown, with options as code. */
export const needTexts: Readonly<Record<Need, string>> = {
  'known-user': '`--known-user`',
  'second-known-user': 'a second `--known-user`',
  'basic-credentials': '`--username` and its password',
  'client-certificate': '`--cert` and `--key`, or `--pfx`',
  'client-ca': '`--client-ca` and `--client-ca-key`',
  'expected-data': '`--expect`',
  hook: '`--break` and `--restore`',
  'plus-user': 'a `--known-user` with a plus sign or a space in the name',
  'two-form-user': 'a `--known-user` with a letter such as é in the name',
  'more-failed-logins': '`--max-failed-logins 7` or more',
  'declared-case': '`--userid-case`',
  'undeclared-case': 'no `--userid-case`',
  'declared-spaces': '`--userid-spaces`',
  'undeclared-spaces': 'no `--userid-spaces`',
  'latency-bound': '`--max-p95-ms`',
  https: 'an https:// URL',
  intrusive: '`--intrusive`',
  explore: '`--explore`',
  control: '`--known-user`, control',
};
