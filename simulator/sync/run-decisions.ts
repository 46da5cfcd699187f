// How a run ended, and decisions about runs that the guard stopped: rejecting them, and skipping scheduled syncs until there is a decision.
import type { Simulator } from '../open-simulator.ts';
import type { Run } from './run.ts';
import type { SyncEnding } from './run-sync.ts';
import { SyncError } from './sync-error.ts';

/** Records that a stopped run must not be applied. @throws {SyncError} `unknown`, or `refused` if the run was not stopped or was already decided. */
export function rejectRun({ runs, now }: Pick<Simulator, 'runs' | 'now'>, id: number, by: string): void {
  const run = runs.get(id);
  if (run.decision !== null) {
    throw new SyncError('refused', `Run ${id} was already ${run.decision.kind} by ${run.decision.by}.`);
  }
  if (endingOf(run) !== 'stopped') {
    throw new SyncError('refused', `Run ${id} was not stopped by the guard, so there is nothing to reject.`);
  }
  runs.decide(id, { kind: 'rejected', by, at: now() });
}

/**
 * Returns why a scheduled sync of an IAM must not run now. In this case, counts the skipped sync in the record of the stopped run that awaits a
 * decision. Null: the sync may run.
 */
export function findReasonToSkipSync({ runs }: Pick<Simulator, 'runs'>, iam: string): string | null {
  const waiting = runs.findUndecided(iam);
  if (waiting === null) return null;
  runs.countSkippedSync(waiting.id);
  return (
    `The scheduled sync of ${iam} was skipped: run ${waiting.id} was stopped by the guard and is waiting for a decision. ` +
    `Show it with \`user-info simulate runs show ${waiting.id}\`, then apply or reject it.`
  );
}

/** Returns how a run ended. A run that has not ended counts as interrupted. */
export function endingOf({ phase, dryRun, summary }: Pick<Run, 'phase' | 'dryRun' | 'summary'>): SyncEnding {
  if (phase === 'done') return 'done';
  if (phase !== 'evaluated') return 'interrupted';
  if (dryRun) return 'dry-run';
  return (summary?.stopped.length ?? 0) > 0 ? 'stopped' : 'interrupted';
}
