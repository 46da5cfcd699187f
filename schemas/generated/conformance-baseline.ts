// Made by `npm run generate:types` from schemas/conformance-baseline.schema.json. Do not edit.

/**
 * What `user-info conform --baseline FILE` reads, YAML or JSON: failures, and untestable checks, that are known and do not fail the run. They are not passes in the report.
 */
export interface ConformanceBaseline {
  knownFailures: KnownFailure[];
}
export interface KnownFailure {
  /**
   * The id of a check, which `user-info explain` lists.
   */
  check: string;
  /**
   * Why the failure is accepted, for whoever reads the report.
   */
  reason: string;
  /**
   * The last day on which it is accepted, in UTC, e.g. 2027-03-31. Absent: until the check passes.
   */
  until?: string;
}
