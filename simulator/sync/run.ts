// Owns what a run is: the record of a sync, of each user in it, and of its sum.
import type { LoadedIamSettings } from '../../schemas/generated/loaded-iam-settings.ts';
import type { FaultKind, Faults } from '../faults/fault-rules.ts';
import type { Answer, FailureKind } from './judge-answer.ts';
import type { LatencySummary } from './latency.ts';

/**
 * asking → judged → applying → done; a run that never left `asking` or `applying` was interrupted, one that stays `judged` was
 * stopped by the guard, or is a dry run.
 */
export type RunPhase = 'asking' | 'judged' | 'applying' | 'done';

/** `all` users, chosen ones, or one who logs in. */
export type RunScope = 'all' | 'users' | 'login';

/** What came of one user: an answer, a kind of failure, or that the list does not have the user any longer. */
export type UserOutcome = Answer['kind'] | 'gone';

export interface Run {
  readonly id: number;
  readonly iam: string;
  readonly by: string;
  readonly scope: RunScope;
  /** Where the users came from: "store", or the name of a file. */
  readonly source: string;
  /** Of the file's content; empty for the store. */
  readonly sourceHash: string;
  readonly dryRun: boolean;
  readonly phase: RunPhase;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly settings: LoadedIamSettings;
  /** What its requests met on their way; null: nothing was brought in. */
  readonly faults: Faults | null;
  readonly summary: RunSummary | null;
}

/** One user in a run. States are texts of `user-state.ts`. */
export interface RunUser {
  readonly userid: string;
  readonly outcome: UserOutcome;
  /** The status of the answer; null when none came. */
  readonly status: number | null;
  /** Null: not there before. */
  readonly before: string | null;
  /** Null: as before. */
  readonly after: string | null;
  /** Null: nothing is to be applied. */
  readonly plan: string | null;
}

/** What stays of it: a plan goes once it is applied. */
export type RecordedUser = Omit<RunUser, 'plan'>;

export interface GroupChange {
  readonly name: string;
  /** Users who get it, and who lose it or are disabled. */
  readonly gained: number;
  readonly lost: number;
}

export interface RunSummary {
  readonly asked: number;
  readonly answered: number;
  readonly failures: Readonly<Partial<Record<FailureKind, number>>>;
  /** Those who are migrated from another IAM among them. */
  readonly created: number;
  /** By `migrateFrom`, as it was when all were asked for; missing in records of versions that did not count them. */
  readonly migrated?: number;
  readonly changed: number;
  readonly disabled: number;
  readonly enabled: number;
  /** Not in the list of users any longer. */
  readonly gone: number;
  /** Users who lose a group or a value, or are disabled; some of them gain others. */
  readonly losing: number;
  readonly losingPercent: number;
  readonly groups: readonly GroupChange[];
  /** Groups that have members now and would have none. */
  readonly emptied: readonly string[];
  /** Why nothing was applied; empty: the guard let it pass. */
  readonly stopped: readonly string[];
  /** How often each fault was brought in; missing in records of versions that had none. */
  readonly faults?: Readonly<Partial<Record<FaultKind, number>>>;
  readonly latency: LatencySummary | null;
  /** Of asking alone. */
  readonly durationMs: number;
}
