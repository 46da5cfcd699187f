// The exit code of a sync: whether the run, its failures and the expectation are fine.
import type { UserDifference } from '../../simulator/sync/diff-runs.ts';
import type { FailureKind } from '../../simulator/sync/judge-answer.ts';
import type { SyncResult } from '../../simulator/sync/run-sync.ts';
import { exitCodes } from '../exit-codes.ts';

/** Whether the users can be compared with an expectation: of a stopped or interrupted run, nothing or only a part is applied. */
export function isComparable({ ending }: Pick<SyncResult, 'ending'>): boolean {
  return ending === 'done' || ending === 'dry-run';
}

/**
 * Returns 0 only when the run was applied, or is a dry run that the guard would not stop; the endpoint answered for at least one user,
 * and failed for others in tolerated ways only; and every expected user is as expected.
 *
 * @param differences from the expectation; null: there is an expectation that could not be compared; undefined: there is none.
 */
export function findSyncExitCode(
  { ending, summary }: Pick<SyncResult, 'ending' | 'summary'>,
  tolerate: readonly FailureKind[],
  differences: readonly UserDifference[] | null | undefined,
): number {
  if (ending === 'unreachable') return exitCodes.unreachable;
  const failures = Object.keys(summary.failures) as FailureKind[];
  const isFine =
    isComparable({ ending }) &&
    (ending !== 'dry-run' || summary.stopped.length === 0) &&
    (summary.answered > 0 || summary.asked === 0) &&
    failures.every((kind) => tolerate.includes(kind)) &&
    (differences === undefined || differences?.length === 0);
  return isFine ? exitCodes.ok : exitCodes.negative;
}
