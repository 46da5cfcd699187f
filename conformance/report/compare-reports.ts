// Compares two reports of the same endpoint: what got better, what got worse, and what is new.
import type { CheckResult, ConformanceReport } from '../../schemas/generated/conformance-report.ts';
import { isViolation } from '../fail-on.ts';
import { describeRoute } from './report-parts.ts';
import { compareSeverity } from './severity.ts';

/** Text for a status in a comparison; `absent`: the report does not contain the check. */
type Standing = CheckResult['status'] | 'absent';

/** One check whose result differs from before. */
export interface ReportChange {
  readonly check: string;
  readonly title: string;
  readonly ruleSet: CheckResult['ruleSet'];
  readonly level: CheckResult['level'];
  /** Effect of the violation, before or after. */
  readonly impact: CheckResult['impact'];
  readonly before: Standing;
  readonly after: Standing;
}

export interface ReportComparison {
  /** Differences between the runs other than their results, e.g. another profile; such reports are only partly comparable. */
  readonly differences: readonly string[];
  readonly verdict: { readonly before: ConformanceReport['verdict']; readonly after: ConformanceReport['verdict'] };
  /** A violation that is new or worse than before, or a check without a result, which could hide a violation. */
  readonly worse: readonly ReportChange[];
  /** A check that passes now, or whose violation is less severe. */
  readonly better: readonly ReportChange[];
  /** Checks that the earlier report does not have, whatever their result. */
  readonly added: readonly ReportChange[];
  /** Number of checks with the same result as before. */
  readonly unchanged: number;
}

const hasResult = (standing: Standing) => standing === 'passed' || isViolationStatus(standing);

function isViolationStatus(standing: Standing): boolean {
  return standing !== 'absent' && isViolation({ status: standing });
}

function rate(before: CheckResult | undefined, after: CheckResult | undefined): 'worse' | 'better' | null {
  const [was, is]: [Standing, Standing] = [before?.status ?? 'absent', after?.status ?? 'absent'];
  if (before && after && isViolation(before) && isViolation(after)) {
    const change = compareSeverity(after, { ...before, level: after.level });
    return change < 0 ? 'worse' : change > 0 ? 'better' : null;
  }
  if (was === is || (!hasResult(was) && !hasResult(is))) return null;
  return is === 'passed' ? 'better' : 'worse';
}

function toChange(before: CheckResult | undefined, after: CheckResult | undefined): ReportChange[] {
  const check = after ?? before;
  if (!check) return [];
  const { id, title, ruleSet, level } = check;
  const found = after && isViolation(after) ? after : (before ?? check);
  const standings = { before: before?.status ?? 'absent', after: after?.status ?? 'absent' } as const;
  return [{ check: id, title, ruleSet, level, impact: found.impact, ...standings }];
}

function findDifferences(before: ConformanceReport, after: ConformanceReport): string[] {
  const pairs: readonly (readonly [string, string, string])[] = [
    ['URL', before.target.url, after.target.url],
    ['route', describeRoute(before) || 'direct', describeRoute(after) || 'direct'],
    ['authentication', before.target.auth, after.target.auth],
    ['strict keys', String(before.target.strictKeys), String(after.target.strictKeys)],
    ['contract', before.contract.version, after.contract.version],
    ['kit', before.kit.version, after.kit.version],
    ['inputs', before.attestation.configuration.inputs.join(', '), after.attestation.configuration.inputs.join(', ')],
  ];
  return pairs.filter(([, was, is]) => was !== is).map(([name, was, is]) => `${name}: ${was}, now ${is}`);
}

/** Compares by the status of the violation (after or before), then by impact and level. */
function compareChanges(a: ReportChange, b: ReportChange): number {
  const ranked = ({ before, after, impact, level }: ReportChange) => {
    const status = [after, before].find(isViolationStatus) ?? 'passed';
    return { status: status === 'absent' ? ('passed' as const) : status, impact, level };
  };
  return compareSeverity(ranked(a), ranked(b));
}

/** Compares two reports. Each list is sorted, most severe first. */
export function compareReports(before: ConformanceReport, after: ConformanceReport): ReportComparison {
  const earlier = new Map(before.checks.map((check) => [check.id, check]));
  const later = new Map(after.checks.map((check) => [check.id, check]));
  const ids = [...new Set([...earlier.keys(), ...later.keys()])];
  const changesOf = (wanted: 'worse' | 'better') =>
    ids
      .filter((id) => earlier.has(id) && rate(earlier.get(id), later.get(id)) === wanted)
      .flatMap((id) => toChange(earlier.get(id), later.get(id)))
      .sort(compareChanges);
  const [worse, better] = [changesOf('worse'), changesOf('better')];
  const added = ids.filter((id) => !earlier.has(id));
  return {
    differences: findDifferences(before, after),
    verdict: { before: before.verdict, after: after.verdict },
    worse,
    better,
    added: added.flatMap((id) => toChange(undefined, later.get(id))).sort(compareChanges),
    unchanged: ids.length - worse.length - better.length - added.length,
  };
}
