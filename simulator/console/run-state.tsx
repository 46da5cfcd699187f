// Text and color of a run's state in the console. The success color is used only if no user lost access and every requested user was retrieved.
import type { RunBody } from '../api/run-handlers.ts';

type Tone = 'good' | 'warn' | 'bad';

/** Fields that determine text and color; from a run or from its final event. */
export interface RunOutcome {
  readonly ending: RunBody['ending'];
  readonly losing: number;
  readonly answered: number;
  readonly failed: number;
  /** Whether the guard stopped the run, or would stop the dry run. */
  readonly isStopped: boolean;
  /** Default: it was not undone. */
  readonly isUndone?: boolean;
}

const endings: Readonly<Record<RunBody['ending'], string>> = {
  running: 'running',
  done: 'applied',
  'dry-run': 'dry run',
  stopped: 'stopped by the guard',
  interrupted: 'interrupted',
  unreachable: 'endpoint unreachable',
};

export function outcomeOf({ ending, summary, undone }: Pick<RunBody, 'ending' | 'summary' | 'undone'>): RunOutcome {
  return {
    ending,
    losing: summary?.losing ?? 0,
    answered: summary?.answered ?? 0,
    failed: Object.values(summary?.failures ?? {}).reduce((sum, users) => sum + users, 0),
    isStopped: ending !== 'done' && (summary?.stopped.length ?? 0) > 0,
    isUndone: undone !== null,
  };
}

export function toneOf({ ending, losing, answered, failed, isStopped, isUndone }: RunOutcome): Tone {
  if (isUndone) return 'warn';
  const isSilent = answered === 0 && failed > 0;
  if (ending === 'stopped' || ending === 'unreachable' || isStopped) return 'bad';
  if (isSilent && (ending === 'done' || ending === 'dry-run')) return 'bad';
  if (ending === 'interrupted' || ending === 'running') return 'warn';
  return losing === 0 && failed === 0 ? 'good' : 'warn';
}

/** Describes the outcome of a run, e.g. "dry run, the guard would stop the run, 2 users would lose access, no user info for 1 user". */
export function describeOutcome({ ending, losing, answered, failed, isStopped, isUndone }: RunOutcome): string {
  const users = (count: number) => `${count} ${count === 1 ? 'user' : 'users'}`;
  const isApplied = ending === 'done';
  return [
    endings[ending],
    ...(isUndone ? ['undone later'] : []),
    ...(isStopped && ending === 'dry-run' ? ['the guard would stop the run'] : []),
    ...(ending === 'running' || losing === 0 ? [] : [`${users(losing)} ${isApplied ? 'lost' : 'would lose'} access`]),
    ...(ending === 'running' || failed === 0
      ? []
      : [`no user info for ${answered === 0 ? `any of ${users(failed)}` : users(failed)}`]),
  ].join(', ');
}

/** Returns the outcome of one user in a run as a word. */
export function wordOutcome(outcome: string): string {
  return outcome === 'user' ? 'answered' : outcome;
}

/** Returns why the endpoint returned no user info; empty if it did. */
export function wordReason({ outcome, detail }: { readonly outcome: string; readonly detail: string | null }): string {
  return outcome === 'gone' ? 'the user list no longer contains this user' : (detail ?? '');
}

export function RunState({ run }: { readonly run: Pick<RunBody, 'ending' | 'summary' | 'undone'> }) {
  const outcome = outcomeOf(run);
  return <span class={`badge ${toneOf(outcome)}`}>{describeOutcome(outcome)}</span>;
}
