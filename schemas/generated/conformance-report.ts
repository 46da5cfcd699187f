// Made by `npm run generate:types` from schemas/conformance-report.schema.json. Do not edit.

/**
 * contract: what the platform documents; a violation is a failure. standards: RFCs; a violation is a warning. hardening: advice of this kit; a violation is a warning.
 */
export type RuleSet = 'contract' | 'standards' | 'hardening';

/**
 * Report of `user-info conform --report json=FILE`: the result of every check against one endpoint. It contains no credentials and, without --show-data, no user ids or user data.
 */
export interface ConformanceReport {
  kit: {
    name: 'user-info-kit';
    version: string;
  };
  contract: ContractOfReport;
  target: {
    /**
     * The endpoint's URL without query and user information.
     */
    url: string;
    /**
     * The HTTP proxy through which the endpoint was reached, without credentials. Absent: none.
     */
    proxy?: string;
    /**
     * The address to which the kit connected instead of the one from DNS, as given with --resolve. Absent: the address from DNS.
     */
    resolve?: string;
    /**
     * The declared authentication.
     */
    auth: 'basic' | 'mtls' | 'both' | 'either' | 'none';
    /**
     * Whether additional keys in the body of a 200 counted as a failure (--strict-keys).
     */
    strictKeys: boolean;
  };
  /**
   * ISO 8601, UTC.
   */
  startedAt: string;
  durationMs: number;
  /**
   * does-not-conform: a check of the rule set contract failed. could-not-run: the endpoint could not be reached or rejected the given credentials, or the run was stopped. The same applies if a check of the rule set contract ended in an error, or none passed. conforms: otherwise, as far as the endpoint was tested (see notRun).
   */
  verdict: 'conforms' | 'does-not-conform' | 'could-not-run';
  /**
   * For could-not-run: the reason and the remedy.
   */
  reason?: string;
  failOn: RuleSet;
  platformProfile?: ProfileOfReport;
  /**
   * The framework or server that the responses of the endpoint name in their headers. The advice for it is shown first. Absent: the headers name none for which the kit has advice.
   */
  stack?: 'express' | 'flask' | 'spring' | 'go' | 'aspnet' | 'nginx';
  /**
   * Checks by status.
   */
  summary: {
    warning: number;
    info: number;
    passed: number;
    failed: number;
    untestable: number;
    skipped: number;
    error: number;
  };
  checks: CheckResult[];
  latency?: Latency;
  /**
   * Ids of checks of the rule set contract that apply but have no result. The property `notRun` of each check contains the reason. Reports list them next to the verdict.
   */
  notRun: string[];
  /**
   * Number of checks that --only and --skip left out. Absent: none.
   */
  notSelected?: number;
  /**
   * Kinds of users that often reveal errors and that are missing among the known users. Absent: none is missing, or no user was requested.
   */
  missingUserKinds?: ('non-ascii' | 'quote' | 'plus' | 'no-groups' | 'one-value' | 'many-groups')[];
  /**
   * Checks that were left out, as text, one entry for each reason. Reasons: selection, a missing input, a used-up budget or time limit, a 429, or a sign of a lockout.
   */
  leftOut: string[];
  attestation: Attestation;
  baseline?: BaselineFindings;
}
/**
 * The contract that was verified: its version, and the clauses that the checks of this report cite. docs/contract.md contains all clauses.
 */
export interface ContractOfReport {
  version: string;
  clauses: CitedClause[];
}
export interface CitedClause {
  /**
   * Permanent.
   */
  id: string;
  ruleSet: RuleSet;
  level: 'MUST' | 'SHOULD' | 'MAY';
  /**
   * documented: by the platform. observed: in public client code or a published API description. standard: by an RFC. decision: advice of this kit.
   */
  basis: 'documented' | 'observed' | 'standard' | 'decision';
  /**
   * Markdown.
   */
  sentence: string;
  references: ClauseReference[];
}
export interface ClauseReference {
  title: string;
  url?: string;
}
/**
 * The platform profile given with --profile-of-platform. It determines `platformEffect` of the findings. Absent: none was given.
 */
export interface ProfileOfReport {
  /**
   * Name and version, as the operator gave them.
   */
  platform: string;
  /**
   * Day of the experiments, in UTC.
   */
  date: string;
}
export interface CheckResult {
  /**
   * Permanent and readable.
   */
  id: string;
  /**
   * Topic of the check, by which the report is grouped.
   */
  topic: string;
  title: string;
  /**
   * The rule set of the check. custom: a check of --checks; a violation is a warning that fails the run.
   */
  ruleSet: 'contract' | 'standards' | 'hardening' | 'custom';
  level: 'MUST' | 'SHOULD' | 'MAY';
  /**
   * Ids of the clauses of the contract that the check verifies. Empty for custom checks.
   */
  clauses: string[];
  /**
   * Effect of a violation, by which reports rank the findings. silently-wrong-access: a 200 that is empty, partial or for another user. information-leak: an unauthorized client learns something. refused: no user info. cosmetic: none of these.
   */
  impact: 'refused' | 'silently-wrong-access' | 'information-leak' | 'cosmetic';
  /**
   * The effect on the platform. Present only if the platform itself sends the request: GET, one correctly encoded userid, the declared credentials.
   */
  platformVerdict?: 'refused' | 'silently-wrong-access' | 'information-leak' | 'cosmetic';
  platformEffect?: PlatformEffect;
  /**
   * failed: a violation in the contract rule set. warning: a violation in another rule set. info: a MAY that is not met, or a violation that does not count (see unscored). untestable: the endpoint or this machine does not allow the test, or a limit of the run was reached. skipped: the check does not apply, or an input was not given. error: a bug in the kit or in a custom check, or a failure of this machine.
   */
  status: 'passed' | 'failed' | 'warning' | 'info' | 'untestable' | 'skipped' | 'error';
  /**
   * For failed, warning and info: what was sent, expected and received, and what to change, one line each. A failure that a second run did not confirm has one more line. For untestable and skipped: why. Empty for passed. The message never contains group names, values, user ids or credentials.
   */
  message: string;
  /**
   * For failed: true if a second run of the check passed, or failed with a different status. The check counts as failed, because the same request must get the same response. Absent: the second run failed in the same way, could not be run, or met a rate limit or outage (see message).
   */
  inconsistent?: true;
  unscored?: UnscoredResult;
  /**
   * For a finding: the id of another finding in this report that has the same cause. Reports show the two together. Absent: no other finding has the same cause. Status and counts are not affected.
   */
  followsFrom?: string;
  notRun?: NotRun;
  /**
   * Why a violation matters, in one or two sentences.
   */
  why: string;
  /**
   * How to fix a violation: general advice, and advice for particular stacks.
   */
  fix: Fix[];
  /**
   * For failed, warning and info: the requests that revealed the violation. Empty for every other status.
   */
  evidence: Evidence[];
  durationMs: number;
  known?: Known;
}
/**
 * For a finding, with --profile-of-platform: what the platform does according to its profile. Never changes a status or the verdict. Absent: no profile was given, or the platform does not send this request and the profile has no fact about it.
 */
export interface PlatformEffect {
  /**
   * What the platform does, and when and on which platform this was measured; or "not known".
   */
  text: string;
  /**
   * Names of the facts of the profile that determine this effect. Empty: not known.
   */
  facts: string[];
}
/**
 * Why the check does not count in this contract version. A violation is an info, and counts of checks that were not run do not include the check. Absent: it counts.
 */
export interface UnscoredResult {
  /**
   * added-after: added after this contract version was published. open-interpretation: the contract can be read in two ways.
   */
  because: 'added-after' | 'open-interpretation';
  /**
   * The first contract version in which the check counts.
   */
  scoredFrom: string;
  why: string;
}
/**
 * For a check that applies and has no result: why it did not run. Absent: it has a result, or it does not apply.
 */
export interface NotRun {
  /**
   * input: an option is missing. limit: a limit on requests, of the run or of the endpoint, was reached. time: the time limit of the run (--max-duration) was reached. endpoint: a response of the endpoint did not allow the test. error: the kit or this machine failed.
   */
  because: 'input' | 'limit' | 'time' | 'endpoint' | 'error';
  /**
   * The flags that together would run the check, as typed, e.g. `--expect FILE`. Empty: no flag would.
   */
  flags: string[];
}
export interface Fix {
  stack: 'any' | 'express' | 'flask' | 'spring' | 'go' | 'aspnet' | 'nginx';
  text: string;
}
export interface Evidence {
  /**
   * A curl line that reproduces the request. Secrets are shell variables, and so are user ids unless --show-data was given.
   */
  request: string;
  expected: string;
  /**
   * Status, content type, size and structure of the body, in which keyed hashes replace names and values unless --show-data was given.
   */
  answered: string;
}
/**
 * For a violation or an untestable check: the baseline accepts it, so it does not fail the run. It does not count as passed.
 */
export interface Known {
  reason: string;
  /**
   * The last day on which the failure is accepted, in UTC.
   */
  until?: string;
}
/**
 * Response times in ms, including the connection, measured with concurrent requests. Present if they were measured.
 */
export interface Latency {
  requests: number;
  /**
   * Maximum number of concurrent requests.
   */
  concurrency: number;
  p50Ms: number;
  p95Ms: number;
  p99Ms: number;
  /**
   * The declared limit of p95; absent: none.
   */
  maxP95Ms?: number;
}
/**
 * What was tested, by which rules and with which settings, so that two reports can be compared.
 */
export interface Attestation {
  /**
   * SHA-256 of the checks as data, in hexadecimal: reports with the same value used the same rules.
   */
  ruleSetSha256: string;
  /**
   * ISO 8601, UTC.
   */
  finishedAt: string;
  /**
   * SHA-256 of the server's certificate (DER), in hexadecimal; null over plain HTTP, or when no handshake was completed.
   */
  serverCertificateSha256: string | null;
  configuration: {
    auth: 'basic' | 'mtls' | 'both' | 'either' | 'none';
    strictKeys: boolean;
    timeoutMs: number;
    maxRequests: number;
    /**
     * Time limit for the whole run, in seconds. Absent: the report is from a version without this limit.
     */
    maxDuration?: number;
    /**
     * Maximum number of requests with wrong credentials for one user name.
     */
    maxFailedLogins: number;
    failedLoginSpacingMs: number;
    /**
     * As declared; absent: undeclared.
     */
    useridCase?: 'sensitive' | 'insensitive';
    /**
     * As declared; absent: undeclared.
     */
    useridSpaces?: 'kept' | 'trimmed';
    intrusive: boolean;
    showData: boolean;
    /**
     * Generated inputs for each check of the topic Generated inputs. Absent: none.
     */
    explore?: number;
    /**
     * The seed that repeats the generated inputs. Absent: no inputs were generated.
     */
    seed?: number;
    /**
     * Names of the given inputs, never their content.
     */
    inputs: string[];
  };
  requestsSent: number;
  failedLoginsSent: number;
}
/**
 * Present if the run used a baseline. Known failures are marked in the entries of their checks.
 */
export interface BaselineFindings {
  /**
   * Entries that fail the run with exit code 4.
   */
  stale: {
    check: string;
    /**
     * passed: the check passes. expired: the check did not pass, and the date of the entry has passed.
     */
    why: 'passed' | 'expired';
    reason: string;
    until?: string;
  }[];
}
