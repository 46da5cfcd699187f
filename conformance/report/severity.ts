// The order of findings: failures of the contract first, then warnings that affect users or reveal data, then cosmetic ones.
import type { CheckResult } from '../../schemas/generated/conformance-report.ts';

const statuses: readonly CheckResult['status'][] = [
  'failed',
  'warning',
  'info',
  'error',
  'untestable',
  'skipped',
  'passed',
];
const impacts: readonly CheckResult['impact'][] = ['silently-wrong-access', 'information-leak', 'refused', 'cosmetic'];
const levels: readonly CheckResult['level'][] = ['MUST', 'SHOULD', 'MAY'];

/** Criteria for ranking a finding. */
export type Ranked = Pick<CheckResult, 'status' | 'impact' | 'level'>;

/** Compares two findings for Array.sort: by status, then by impact, then by level; equal findings keep their order. */
export function compareSeverity(a: Ranked, b: Ranked): number {
  return (
    statuses.indexOf(a.status) - statuses.indexOf(b.status) ||
    impacts.indexOf(a.impact) - impacts.indexOf(b.impact) ||
    levels.indexOf(a.level) - levels.indexOf(b.level)
  );
}
