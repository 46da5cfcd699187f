// Made by `npm run generate:types` from schemas/conformance-report.schema.json. Do not edit.

/**
 * What `user-info conform --report json=FILE` writes: the outcome of every check against one endpoint. It carries no credentials, no user ids and no user's data.
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
   * untestable: the endpoint or this machine does not let it be judged. skipped: it does not apply to the declared profile, or the needed input was not given. error: a fault of the kit.
   */
  status: 'passed' | 'failed' | 'untestable' | 'skipped' | 'error';
  /**
   * For failed: what was asked, expected and seen, and what to change, a line each. For untestable and skipped: why. Empty for passed. Never group names, values, user ids or credentials.
   */
  message: string;
  /**
   * The clause of the contract or the RFC that forces it.
   */
  source: string;
  durationMs: number;
}
