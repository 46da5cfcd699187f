// Ending of a run, derived from its record.
import type { Run } from './run.ts';
import type { SyncEnding } from './run-sync.ts';

/** Returns how a run ended. A run that has not ended counts as interrupted. */
export function endingOf({ phase, dryRun, summary }: Pick<Run, 'phase' | 'dryRun' | 'summary'>): SyncEnding {
  if (phase === 'done') return 'done';
  if (phase !== 'evaluated') return 'interrupted';
  if (dryRun) return 'dry-run';
  return (summary?.stopped.length ?? 0) > 0 ? 'stopped' : 'interrupted';
}
