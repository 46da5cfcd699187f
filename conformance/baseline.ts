// Owns what a baseline does to a report: which failures are known, which of its entries are stale, and whether the run fails.
import type { ConformanceBaseline, KnownFailure } from '../schemas/generated/conformance-baseline.ts';
import type { CheckResult, ConformanceReport } from '../schemas/generated/conformance-report.ts';

type StaleEntry = NonNullable<ConformanceReport['baseline']>['stale'][number];

/** `passed` whatever its date: a check that passes is no failure to accept. */
function findStaleEntry(entry: KnownFailure, result: CheckResult | undefined, today: string): StaleEntry[] {
  const { check, reason, until } = entry;
  if (result?.status === 'passed') return [{ check, why: 'passed', reason, ...(until === undefined ? {} : { until }) }];
  if (until !== undefined && until < today) return [{ check, why: 'expired', reason, until }];
  return [];
}

/** A failure often leaves other checks untestable, so those can be accepted too; a fault of the kit can't. */
const canBeAccepted = ({ status }: CheckResult) => status === 'failed' || status === 'untestable';

/**
 * The report with the baseline held against it: accepted failures carry `known`, and `baseline` names what is stale. The
 * verdict stays, since an accepted failure is one nevertheless.
 *
 * @param today the day in UTC, e.g. "2026-11-24": an entry whose `until` lies before it is not accepted any more.
 */
export function applyBaseline(
  report: ConformanceReport,
  { knownFailures }: ConformanceBaseline,
  today: string,
): ConformanceReport {
  const entries = new Map(knownFailures.map((entry) => [entry.check, entry]));
  const results = new Map(report.checks.map((result) => [result.id, result]));
  const stale = knownFailures.flatMap((entry) => findStaleEntry(entry, results.get(entry.check), today));
  const isStale = new Set(stale.map(({ check }) => check));
  const checks = report.checks.map((result) => {
    const entry = entries.get(result.id);
    if (!entry || !canBeAccepted(result) || isStale.has(result.id)) return result;
    const { reason, until } = entry;
    return { ...result, known: { reason, ...(until === undefined ? {} : { until }) } };
  });
  return { ...report, checks, baseline: { stale } };
}

/** How a run ends: as the verdict says, but for known failures, and `stale-baseline` when nothing else is wrong. */
export type RunOutcome = ConformanceReport['verdict'] | 'stale-baseline';

/** Whether a run fails. A new failure counts more than a stale baseline, and that more than what could not be judged. */
export function findOutcome({ verdict, checks, baseline }: ConformanceReport): RunOutcome {
  if (!baseline || checks.length === 0) return verdict;
  const musts = checks.filter(({ level }) => level === 'MUST');
  const isStale = new Set(baseline.stale.map(({ check }) => check));
  const isOpen = ({ id, known }: CheckResult) => known === undefined && !isStale.has(id);
  const open = musts.filter(isOpen).map(({ status }) => status);
  if (open.includes('failed')) return 'does-not-conform';
  if (baseline.stale.length > 0) return 'stale-baseline';
  if (open.includes('untestable') || open.includes('error')) return 'could-not-run';
  // A run in which no MUST was passed shows nothing, whatever is accepted.
  return open.includes('passed') ? 'conforms' : verdict;
}

/** A baseline of all that failed in a run, and of each MUST that was untestable. Reasons and dates of an earlier baseline are kept where the check still fails. */
export function createBaseline(
  { checks, startedAt }: ConformanceReport,
  earlier: ConformanceBaseline | null,
): ConformanceBaseline {
  const entries = new Map((earlier?.knownFailures ?? []).map((entry) => [entry.check, entry]));
  const reason = `Found on ${startedAt.slice(0, 10)}. Say here why it is accepted, and give a date with until.`;
  const accepted = checks.filter(({ id, status, level }) => {
    if (status === 'passed') return false;
    // What was not judged this time may still fail.
    return status === 'failed' || (status === 'untestable' && level === 'MUST') || entries.has(id);
  });
  return { knownFailures: accepted.map(({ id }) => entries.get(id) ?? { check: id, reason }) };
}
