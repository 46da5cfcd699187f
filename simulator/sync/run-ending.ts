// Owns reading from a run's record how it ended.
import type { Run } from './run.ts';
import type { SyncEnding } from './run-sync.ts';

/** Of one that is on its way, "interrupted": that is what it is until it ends. */
export function endingOf({ phase, dryRun, summary }: Pick<Run, 'phase' | 'dryRun' | 'summary'>): SyncEnding {
  if (phase === 'done') return 'done';
  if (phase !== 'judged') return 'interrupted';
  if (dryRun) return 'dry-run';
  return (summary?.stopped.length ?? 0) > 0 ? 'stopped' : 'interrupted';
}
