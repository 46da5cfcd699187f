// Exit code of a sync, based on the run, its failures and the expected access.
import type { UserDifference } from '../../simulator/sync/diff-runs.ts';
import type { FailureKind } from '../../simulator/sync/evaluate-response.ts';
import type { SyncResult } from '../../simulator/sync/run-sync.ts';
import { isSuccessful } from '../../simulator/sync/sync-verdict.ts';
import { exitCodes } from '../exit-codes.ts';

/**
 * Returns 0 only if the sync was successful, and every expected user is as expected.
 *
 * @param differences differences from the expected access; null: the access could not be compared; undefined: no access is expected.
 */
export function findSyncExitCode(
  outcome: Pick<SyncResult, 'ending' | 'summary'>,
  tolerate: readonly FailureKind[],
  differences: readonly UserDifference[] | null | undefined,
): number {
  if (outcome.ending === 'unreachable') return exitCodes.unreachable;
  const isFine = isSuccessful(outcome, tolerate) && (differences === undefined || differences?.length === 0);
  return isFine ? exitCodes.ok : exitCodes.negative;
}
