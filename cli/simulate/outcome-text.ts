// Text for the outcome of one user in a run.
import type { RecordedUser } from '../../simulator/sync/run.ts';

/** Returns e.g. "answered", "gone", or a kind of failure with its reason: "other-status (status 302, a redirect to https://host)". */
export function describeOutcome({ outcome, detail }: Pick<RecordedUser, 'outcome' | 'detail'>): string {
  if (outcome === 'user') return 'answered';
  return detail === null ? outcome : `${outcome} (${detail})`;
}
