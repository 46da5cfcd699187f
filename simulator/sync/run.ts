// The record of a sync: the run, its users, and its summary.
import type { LoadedIamSettings } from '../../schemas/generated/loaded-iam-settings.ts';
import type { FaultKind, Faults } from '../faults/fault-rules.ts';
import type { UserGroup } from './access.ts';
import type { Answer, FailureKind } from './judge-answer.ts';
import type { LatencySummary } from './latency.ts';

/**
 * asking → judged → applying → done. A run that stays in `asking` or `applying` was interrupted, one that stays in `judged` was
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
  /** Null: nobody has decided, or the guard did not stop it. */
  readonly decision: RunDecision | null;
  /** Who undid it; null: nobody. */
  readonly undone: { readonly by: string; readonly at: string } | null;
  /** Scheduled syncs that did not run because this run waits for a decision. */
  readonly skippedSyncs: number;
}

/** One user in a run. States are texts of `user-state.ts`. */
export interface RunUser {
  readonly userid: string;
  readonly outcome: UserOutcome;
  /** The status of the answer; null when none came. */
  readonly status: number | null;
  /** Why the endpoint's response was no answer; null: it was one, or the record is of a version that did not keep the reason. */
  readonly detail: string | null;
  /** Null: not there before. */
  readonly before: string | null;
  /** Null: as before. */
  readonly after: string | null;
  /** Null: nothing is to be applied. */
  readonly plan: string | null;
}

/** What stays of it: a plan goes once it is applied. */
export type RecordedUser = Omit<RunUser, 'plan'>;

export interface GroupChange extends UserGroup {
  /** Enabled users who gain it, and who lose it or are disabled. */
  readonly gained: number;
  readonly lost: number;
}

/** What a person decided about a run that the guard stopped. */
export interface RunDecision {
  readonly kind: 'accepted' | 'rejected';
  readonly by: string;
  readonly at: string;
}

export interface RunSummary {
  readonly asked: number;
  readonly answered: number;
  readonly failures: Readonly<Partial<Record<FailureKind, number>>>;
  /** Including users who are migrated from another IAM. */
  readonly created: number;
  /** By `migrateFrom`, as counted when the endpoint was asked; missing in records of versions that did not count them. */
  readonly migrated?: number;
  readonly changed: number;
  readonly disabled: number;
  readonly enabled: number;
  /** Users who are no longer in the list of users. */
  readonly gone: number;
  /** Users who lose a group or a value, or are disabled. Some of them gain others. */
  readonly losing: number;
  /** Enabled users of the IAM before the run; missing in records of versions that did not count them. */
  readonly enabledUsers?: number;
  readonly groups: readonly GroupChange[];
  /** Groups that have members before the run and none after it, as `describeGroup` writes them. */
  readonly emptied: readonly string[];
  /** Why the guard stopped the run, or would stop a dry run; empty: it may be applied. */
  readonly stopped: readonly string[];
  /** The exact numbers that a person confirms to apply a stopped run; missing in records of versions without them. */
  readonly toConfirm?: GuardNumbers;
  /** How often each fault was injected; missing in records of versions that had none. */
  readonly faults?: Readonly<Partial<Record<FaultKind, number>>>;
  readonly latency: LatencySummary | null;
  /** Of the requests to the endpoint alone. */
  readonly durationMs: number;
}

/** Numbers of users. `gains`: those who gain a group for which the guard stops the run. */
export interface GuardNumbers {
  readonly losses?: number;
  readonly gains?: number;
}
