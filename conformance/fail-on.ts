// The rule sets that fail a run, as --fail-on selects them: each includes the ones before it.
import type { CheckResult, ConformanceReport, RuleSet } from '../schemas/generated/conformance-report.ts';

/** The rule sets, in order from the one that decides the verdict to the one that only gives advice. */
export const ruleSets: readonly RuleSet[] = ['contract', 'standards', 'hardening'];

/** Returns whether violations in `ruleSet` fail a run with this --fail-on. Violations of custom checks always do. */
export function isIncluded(ruleSet: CheckResult['ruleSet'], failOn: RuleSet): boolean {
  return ruleSet === 'custom' || ruleSets.indexOf(ruleSet) <= ruleSets.indexOf(failOn);
}

/** Returns whether a check found a violation: failed, warning or info. */
export function isViolation({ status }: Pick<CheckResult, 'status'>): boolean {
  return status === 'failed' || status === 'warning' || status === 'info';
}

/**
 * Returns whether a result fails the run. Such results are violations of MUST or SHOULD in a rule set of --fail-on or of a custom check, and bugs of
 * a custom check. A baseline can still accept it.
 */
export function failsRun(
  { status, ruleSet }: Pick<CheckResult, 'status' | 'ruleSet'>,
  { failOn }: Pick<ConformanceReport, 'failOn'>,
): boolean {
  if (status === 'error') return ruleSet === 'custom';
  return (status === 'failed' || status === 'warning') && isIncluded(ruleSet, failOn);
}
