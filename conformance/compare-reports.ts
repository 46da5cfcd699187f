// Owns the comparison of two reports of the same endpoint: what got better, what got worse, and what is new.
import type { CheckResult, ConformanceReport } from '../schemas/generated/conformance-report.ts';
import { routeInWords } from './report/report-parts.ts';
import { compareSeverity } from './severity.ts';

/** A status in the words of a comparison; `absent`: the report has no such check. */
type Standing = CheckResult['status'] | 'absent';

/** One check that stands otherwise than before. */
export interface ReportChange {
  readonly check: string;
  readonly title: string;
  readonly level: CheckResult['level'];
  /** What the failure means on the platform, before or after. */
  readonly platformVerdict: CheckResult['platformVerdict'];
  readonly before: Standing;
  readonly after: Standing;
}

export interface ReportComparison {
  /** What differs between the runs besides their results, e.g. another profile; such reports compare with care. */
  readonly differences: readonly string[];
  readonly verdict: { readonly before: ConformanceReport['verdict']; readonly after: ConformanceReport['verdict'] };
  /** Fails and did not, fails in a worse way, or was judged and is not any more: that could hide a failure. */
  readonly worse: readonly ReportChange[];
  /** Passes and did not, or fails in a milder way. */
  readonly better: readonly ReportChange[];
  /** Checks that the earlier report does not know, however they ended. */
  readonly added: readonly ReportChange[];
  /** How many checks stand as before. */
  readonly unchanged: number;
}

const isJudged = (standing: Standing) => standing === 'passed' || standing === 'failed';

function judge(before: CheckResult | undefined, after: CheckResult | undefined): 'worse' | 'better' | null {
  const [was, is]: [Standing, Standing] = [before?.status ?? 'absent', after?.status ?? 'absent'];
  if (before && after && was === 'failed' && is === 'failed') {
    const change = compareSeverity(after, { ...before, level: after.level });
    return change < 0 ? 'worse' : change > 0 ? 'better' : null;
  }
  if (was === is || (!isJudged(was) && !isJudged(is))) return null;
  return is === 'passed' ? 'better' : 'worse';
}

function toChange(before: CheckResult | undefined, after: CheckResult | undefined): ReportChange[] {
  const check = after ?? before;
  if (!check) return [];
  const { id, title, level } = check;
  const failed = after?.status === 'failed' ? after : (before ?? check);
  const standings = { before: before?.status ?? 'absent', after: after?.status ?? 'absent' } as const;
  return [{ check: id, title, level, platformVerdict: failed.platformVerdict, ...standings }];
}

function findDifferences(before: ConformanceReport, after: ConformanceReport): string[] {
  const pairs: readonly (readonly [string, string, string])[] = [
    ['URL', before.target.url, after.target.url],
    ['route', routeInWords(before) || 'straight', routeInWords(after) || 'straight'],
    ['authentication', before.target.auth, after.target.auth],
    ['profile', before.target.profile, after.target.profile],
    ['kit', before.kit.version, after.kit.version],
    ['inputs', before.attestation.configuration.inputs.join(', '), after.attestation.configuration.inputs.join(', ')],
  ];
  return pairs.filter(([, was, is]) => was !== is).map(([name, was, is]) => `${name}: ${was}, now ${is}`);
}

/** Compares two reports. Each list is sorted, the worst first. */
export function compareReports(before: ConformanceReport, after: ConformanceReport): ReportComparison {
  const earlier = new Map(before.checks.map((check) => [check.id, check]));
  const later = new Map(after.checks.map((check) => [check.id, check]));
  const ids = [...new Set([...earlier.keys(), ...later.keys()])];
  const changesOf = (wanted: 'worse' | 'better') =>
    ids
      .filter((id) => earlier.has(id) && judge(earlier.get(id), later.get(id)) === wanted)
      .flatMap((id) => toChange(earlier.get(id), later.get(id)))
      .sort(compareSeverity);
  const [worse, better] = [changesOf('worse'), changesOf('better')];
  const added = ids.filter((id) => !earlier.has(id));
  return {
    differences: findDifferences(before, after),
    verdict: { before: before.verdict, after: after.verdict },
    worse,
    better,
    added: added.flatMap((id) => toChange(undefined, later.get(id))).sort(compareSeverity),
    unchanged: ids.length - worse.length - better.length - added.length,
  };
}
