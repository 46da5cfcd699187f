// Applies a baseline to a report: which violations are known, which entries are stale, and whether the run fails.
import type { ConformanceBaseline, KnownFailure } from '../../schemas/generated/conformance-baseline.ts';
import type { CheckResult, ConformanceReport, RuleSet } from '../../schemas/generated/conformance-report.ts';
import { failsRun, isIncluded, isViolation } from '../fail-on.ts';

type StaleEntry = NonNullable<ConformanceReport['baseline']>['stale'][number];

/** Returns the entry if it is stale, unless its check cannot fail the run: a baseline never turns a warning into a failure. */
function findStaleEntry(
  entry: KnownFailure,
  result: CheckResult | undefined,
  failOn: RuleSet,
  today: string,
): StaleEntry[] {
  const { check, reason, until } = entry;
  if (result && !isIncluded(result.ruleSet, failOn)) return [];
  if (result?.status === 'passed') return [{ check, why: 'passed', reason, ...(until === undefined ? {} : { until }) }];
  if (until !== undefined && until < today) return [{ check, why: 'expired', reason, until }];
  return [];
}

/** Returns whether a baseline can accept a result: a violation, or an untestable check, which often follows from one. */
const canBeAccepted = (result: CheckResult) => isViolation(result) || result.status === 'untestable';

/**
 * Returns the report with accepted violations and untestable checks marked as `known`, and stale entries in `baseline`. The verdict does not change.
 *
 * @param today the day in UTC, e.g. "2026-11-24": an entry whose `until` is earlier is no longer accepted.
 */
export function applyBaseline(
  report: ConformanceReport,
  { knownFailures }: ConformanceBaseline,
  today: string,
): ConformanceReport {
  const entries = new Map(knownFailures.map((entry) => [entry.check, entry]));
  const results = new Map(report.checks.map((result) => [result.id, result]));
  const stale = knownFailures.flatMap((entry) => findStaleEntry(entry, results.get(entry.check), report.failOn, today));
  const isStale = new Set(stale.map(({ check }) => check));
  const checks = report.checks.map((result) => {
    const entry = entries.get(result.id);
    if (!entry || !canBeAccepted(result) || isStale.has(result.id)) return result;
    const { reason, until } = entry;
    return { ...result, known: { reason, ...(until === undefined ? {} : { until }) } };
  });
  return { ...report, checks, baseline: { stale } };
}

/** Ending of a run: `fails` means that a violation in a rule set of --fail-on is not accepted, or that no check of the contract passed. */
export type RunOutcome = 'succeeds' | 'fails' | 'stale-baseline' | 'could-not-run';

/** Returns how a run ends. A new violation takes precedence over a stale baseline, which takes precedence over a run without a verdict. */
export function findOutcome(report: ConformanceReport): RunOutcome {
  const { verdict, checks, baseline } = report;
  const isStale = new Set((baseline?.stale ?? []).map(({ check }) => check));
  const isOpen = ({ id, known }: CheckResult) => known === undefined && !isStale.has(id);
  if (checks.some((check) => isOpen(check) && failsRun(check, report))) return 'fails';
  if (isStale.size > 0 && checks.length > 0) return 'stale-baseline';
  if (verdict === 'could-not-run') return 'could-not-run';
  // A run in which no check of the contract passed proves nothing, whatever is accepted.
  const hasPassed = checks.some(({ ruleSet, status }) => ruleSet === 'contract' && status === 'passed');
  return verdict === 'conforms' || hasPassed ? 'succeeds' : 'fails';
}

/** Creates a baseline of everything that fails the run. Reasons and dates of an earlier baseline are kept while the check does not pass. */
export function createBaseline(report: ConformanceReport, earlier: ConformanceBaseline | null): ConformanceBaseline {
  const entries = new Map((earlier?.knownFailures ?? []).map((entry) => [entry.check, entry]));
  const reason = `Found on ${report.startedAt.slice(0, 10)}. State here why the failure is accepted, and set an expiry date with until.`;
  const accepted = report.checks.filter((check) => {
    if (check.status === 'passed') return false;
    // A check without a result may still fail.
    return failsRun(check, report) || entries.has(check.id);
  });
  return { knownFailures: accepted.map(({ id }) => entries.get(id) ?? { check: id, reason }) };
}
