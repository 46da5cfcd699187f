// Response to a request for a sync: 200 if `user-info simulate sync` would exit with 0, otherwise an error that contains the result.
import type { FailureKind } from '../sync/evaluate-response.ts';
import type { SyncResult } from '../sync/run-sync.ts';
import { findFailures, isStoppedByGuard } from '../sync/sync-verdict.ts';
import { toErrorBody } from './api-error.ts';
import { AnswerWithStatus } from './handler.ts';
import { toSyncBody } from './wire.ts';

interface SyncProblem {
  readonly status: number;
  /** The result, its reason, and the fix. */
  readonly message: string;
}

export function toSyncAnswer(result: SyncResult, tolerate: readonly FailureKind[]) {
  const body = toSyncBody(result);
  const problem = findSyncProblem(result, tolerate);
  return problem === null
    ? body
    : new AnswerWithStatus(problem.status, { ...toErrorBody(problem.status, problem.message), sync: body });
}

/** Returns why a sync was not successful; null: it was. */
export function findSyncProblem(result: SyncResult, tolerate: readonly FailureKind[]): SyncProblem | null {
  const { run, ending, summary } = result;
  const next = run.scope === 'all' ? 'resume the run' : 'start a new sync';
  if (ending === 'unreachable') {
    return {
      status: 502,
      message: `Run ${run.id} was interrupted, because the endpoint did not respond for too many users in a row. Correct the connection, then ${next}.`,
    };
  }
  if (ending === 'interrupted') {
    return { status: 409, message: `Run ${run.id} was interrupted. To complete it, ${next}.` };
  }
  if (isStoppedByGuard(result)) {
    const what = ending === 'dry-run' ? `The guard would stop dry run ${run.id}` : `The guard stopped run ${run.id}`;
    return { status: 409, message: `${what} and nothing was applied: ${summary.stopped.join(' ')}` };
  }
  const failures = findFailures(summary, tolerate);
  if (failures.length === 0) return null;
  const failed = failures.reduce((sum, [, users]) => sum + users, 0);
  const { asked } = summary;
  const all = asked === 1 ? 'the user' : `any of the ${asked} users`;
  const users = failed === asked ? all : `${failed} of ${asked} users`;
  const kinds = failures.map(([kind, count]) => `${count} ${kind}`).join(', ');
  return {
    status: 502,
    message: `Run ${run.id} ${ending === 'dry-run' ? 'is a dry run' : 'was applied'}, but the endpoint returned no user info for ${users}: ${kinds}. Read the reasons in the run, correct the endpoint, and start a new sync.`,
  };
}
