// Made by `npm run generate:types` from schemas/conformance-report.schema.json. Do not edit.

/**
 * What `user-info conform --report json=FILE` writes: the outcome of every check against one endpoint. It carries no credentials, and unless --show-data was given no user ids and no user's data.
 */
export interface ConformanceReport {
  kit: {
    name: 'user-info-kit';
    version: string;
  };
  target: {
    /**
     * The endpoint's URL without query and user information.
     */
    url: string;
    /**
     * The HTTP proxy that it was asked through, without credentials. Absent: none.
     */
    proxy?: string;
    /**
     * The address at which its host was met, whatever DNS says, as --resolve gave it. Absent: that of DNS.
     */
    resolve?: string;
    /**
     * The declared authentication.
     */
    auth: 'basic' | 'mtls' | 'both' | 'either' | 'none';
    /**
     * The shape of a 200 body that was asked for; lenient tolerates extra keys.
     */
    profile: 'strict' | 'lenient';
  };
  /**
   * ISO 8601, UTC.
   */
  startedAt: string;
  durationMs: number;
  /**
   * does-not-conform: a MUST failed. could-not-run: the endpoint was not reached, refused the credentials that were given, or a MUST was untestable or in error. conforms: every MUST that applies passed.
   */
  verdict: 'conforms' | 'does-not-conform' | 'could-not-run';
  /**
   * Of could-not-run: why, and what to do.
   */
  reason?: string;
  /**
   * Checks by status.
   */
  summary: {
    passed: number;
    failed: number;
    untestable: number;
    skipped: number;
    error: number;
  };
  checks: CheckResult[];
  latency?: Latency;
  /**
   * What was not asked, in words: for want of budget, after a 429 or a sign of a lock-out, or because an input was not given.
   */
  leftOut: string[];
  attestation: Attestation;
  baseline?: BaselineFindings;
}
export interface CheckResult {
  /**
   * Permanent and readable.
   */
  id: string;
  /**
   * What the check is about; groups the report.
   */
  topic: string;
  title: string;
  level: 'MUST' | 'SHOULD' | 'MAY';
  /**
   * What a failure means on the platform. refused: user info could not be retrieved. silently-wrong-access: a 200 that is empty, partial or somebody else's. information-leak: an outsider learns something. cosmetic: nothing of these.
   */
  platformVerdict: 'refused' | 'silently-wrong-access' | 'information-leak' | 'cosmetic';
  /**
   * untestable: the endpoint or this machine does not let it be judged. skipped: it does not apply to the declared profile, or the needed input was not given. error: a fault of the kit.
   */
  status: 'passed' | 'failed' | 'untestable' | 'skipped' | 'error';
  /**
   * For failed: what was asked, expected and seen, and what to change, a line each. For untestable and skipped: why. Empty for passed. Never group names, values, user ids or credentials.
   */
  message: string;
  /**
   * Why it matters, in one or two sentences.
   */
  why: string;
  /**
   * How to mend it, for any stack and for some by name.
   */
  mend: Mend[];
  /**
   * Of a failed check: the requests that showed it. Empty for every other.
   */
  evidence: Evidence[];
  /**
   * The clause of the contract or the RFC that forces it.
   */
  source: string;
  durationMs: number;
  known?: Known;
}
export interface Mend {
  stack: 'any' | 'express' | 'flask' | 'spring' | 'go' | 'aspnet' | 'nginx';
  text: string;
}
export interface Evidence {
  /**
   * A curl line that reproduces it. Secrets are shell variables, user ids too unless --show-data was given.
   */
  request: string;
  expected: string;
  /**
   * Status, content type, size and the shape of the body, in which keyed hashes stand for names and values unless --show-data was given.
   */
  answered: string;
}
/**
 * Of a failed or untestable check: the baseline accepts it, so it does not fail the run. It is not a pass nevertheless.
 */
export interface Known {
  reason: string;
  /**
   * The last day on which it is accepted, in UTC.
   */
  until?: string;
}
/**
 * How long answers took, connecting included, as measured with several requests on their way at once; there when that was measured. Times in ms.
 */
export interface Latency {
  requests: number;
  /**
   * On their way at once, at most.
   */
  concurrency: number;
  p50Ms: number;
  p95Ms: number;
  p99Ms: number;
  /**
   * The declared bound of p95; absent: none.
   */
  maxP95Ms?: number;
}
/**
 * What was judged, by which rules and with which settings, so that a report can be held against another.
 */
export interface Attestation {
  /**
   * SHA-256 of the checks as data, in hexadecimal: two reports with the same one were judged by the same rules.
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
    profile: 'strict' | 'lenient';
    timeoutMs: number;
    maxRequests: number;
    /**
     * For one user name.
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
     * Which inputs were given, by name; never what they hold.
     */
    inputs: string[];
  };
  requestsSent: number;
  failedLoginsSent: number;
}
/**
 * There when the run was held against a baseline. Its known failures are marked at the checks.
 */
export interface BaselineFindings {
  /**
   * Entries that fail the run with exit code 4.
   */
  stale: {
    check: string;
    /**
     * passed: the check passes. expired: it fails, and the date of the entry is over.
     */
    why: 'passed' | 'expired';
    reason: string;
    until?: string;
  }[];
}
