// Database row of a run, and its conversion to a `Run`.
import type { LoadedIamSettings } from '../../schemas/generated/loaded-iam-settings.ts';
import type { Faults } from '../faults/fault-rules.ts';
import type { Run, RunDecision, RunPhase, RunScope, RunSummary } from './run.ts';

export interface RunRow {
  readonly id: number;
  readonly iam: string;
  readonly actor: string;
  readonly scope: RunScope;
  readonly source: string;
  readonly source_hash: string;
  readonly dry_run: number;
  readonly phase: RunPhase;
  readonly started_at: string;
  readonly ended_at: string | null;
  readonly settings: string;
  readonly faults: string | null;
  readonly summary: string | null;
  readonly applied_order: number | null;
  readonly based_on: number;
  readonly decision: string | null;
  readonly skipped_syncs: number;
  readonly list_origin: string | null;
  readonly undone: string | null;
}

/** Converts a row to a run. */
export function toRun({
  actor,
  source_hash,
  dry_run,
  started_at,
  ended_at,
  settings,
  faults,
  summary,
  decision,
  skipped_syncs,
  applied_order: _appliedOrder,
  based_on: _basedOn,
  list_origin: _listOrigin,
  undone,
  ...same
}: RunRow): Run {
  return {
    ...same,
    by: actor,
    sourceHash: source_hash,
    dryRun: dry_run === 1,
    startedAt: started_at,
    endedAt: ended_at,
    settings: JSON.parse(settings) as LoadedIamSettings,
    faults: faults === null ? null : (JSON.parse(faults) as Faults),
    summary: summary === null ? null : (JSON.parse(summary) as RunSummary),
    decision: decision === null ? null : (JSON.parse(decision) as RunDecision),
    undone: undone === null ? null : (JSON.parse(undone) as Run['undone']),
    skippedSyncs: skipped_syncs,
  };
}
