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
  };
  /**
   * ISO 8601, UTC.
   */
  startedAt: string;
  durationMs: number;
  /**
   * conforms: no MUST failed, and none was left in error. could-not-run: the endpoint was not reached.
   */
  verdict: 'conforms' | 'does-not-conform' | 'could-not-run';
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
  title: string;
  level: 'MUST' | 'SHOULD' | 'MAY';
  /**
   * untestable: the endpoint or this machine does not let it be judged. skipped: it does not apply to the declared profile, or the needed input was not given. error: a fault of the kit.
   */
  status: 'passed' | 'failed' | 'untestable' | 'skipped' | 'error';
  /**
   * For failed: what was seen, and what to change. Empty for passed.
   */
  message: string;
  /**
   * The clause of the contract or the RFC that forces it.
   */
  source: string;
  durationMs: number;
}
