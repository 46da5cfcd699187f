// Made by `npm run generate:types` from schemas/conformance-baseline.schema.json. Do not edit.

/**
 * Baseline of `user-info conform --baseline FILE`, in YAML or JSON: known failures and untestable checks that do not fail the run. The report does not count them as passed.
 */
export interface ConformanceBaseline {
  knownFailures: KnownFailure[];
}
export interface KnownFailure {
  /**
   * Id of the check. `user-info explain` lists all ids.
   */
  check: string;
  /**
   * Reason why the failure is accepted, for readers of the report.
   */
  reason: string;
  /**
   * Last day on which the failure is accepted, in UTC, e.g. 2027-03-31. If omitted, the failure is accepted until the check passes.
   */
  until?: string;
}
