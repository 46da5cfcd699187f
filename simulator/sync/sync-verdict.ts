// Verdict on a sync, shared by the command's exit code and the status in the REST API.
import type { FailureKind } from './evaluate-response.ts';
import type { SyncResult } from './run-sync.ts';

type Outcome = Pick<SyncResult, 'ending' | 'summary'>;

/** Returns whether the state can be compared with expected access: a stopped or interrupted run is applied partially or not at all. */
export function isComparable({ ending }: Pick<SyncResult, 'ending'>): boolean {
  return ending === 'done' || ending === 'dry-run';
}

/** Returns whether the guard stopped the run, or would stop the dry run. */
export function isStoppedByGuard({ ending, summary }: Outcome): boolean {
  return ending === 'stopped' || (ending === 'dry-run' && summary.stopped.length > 0);
}

/**
 * Returns the kinds of failures that make a run fail, with the number of users of each. If the endpoint did not return user info for any user, the result contains all
 * kinds.
 */
export function findFailures(
  { asked, answered, failures }: SyncResult['summary'],
  tolerate: readonly FailureKind[],
): ReadonlyArray<readonly [kind: FailureKind, users: number]> {
  const isSilent = asked > 0 && answered === 0;
  return (Object.entries(failures) as Array<[FailureKind, number]>).filter(
    ([kind]) => isSilent || !tolerate.includes(kind),
  );
}

/**
 * Returns whether a sync succeeded. It must have been applied, or be a dry run that the guard would not stop. In addition, the endpoint must have
 * returned user info for at least one user, and all failures must be tolerated.
 */
export function isSuccessful(outcome: Outcome, tolerate: readonly FailureKind[]): boolean {
  return isComparable(outcome) && !isStoppedByGuard(outcome) && findFailures(outcome.summary, tolerate).length === 0;
}
