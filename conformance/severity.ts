// Owns the order in which failures matter: what leaves or gives access in silence comes first.
import type { CheckResult } from '../schemas/generated/conformance-report.ts';

const verdicts: readonly CheckResult['platformVerdict'][] = [
  'silently-wrong-access',
  'information-leak',
  'refused',
  'cosmetic',
];
const levels: readonly CheckResult['level'][] = ['MUST', 'SHOULD', 'MAY'];

/** For Array.sort: the worse of two first, by platform verdict, then by level; equals keep their order. */
export function compareSeverity(
  a: Pick<CheckResult, 'platformVerdict' | 'level'>,
  b: Pick<CheckResult, 'platformVerdict' | 'level'>,
): number {
  return (
    verdicts.indexOf(a.platformVerdict) - verdicts.indexOf(b.platformVerdict) ||
    levels.indexOf(a.level) - levels.indexOf(b.level)
  );
}
