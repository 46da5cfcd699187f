// Record of a sync: the run, its users, and its summary.
import type { LoadedIamSettings } from '../../schemas/generated/loaded-iam-settings.ts';
import type { FaultKind, Faults } from '../faults/fault-rules.ts';
import type { UserGroup } from './access.ts';
import type { Answer, FailureKind } from './evaluate-response.ts';
import type { LatencySummary } from './latency.ts';

/**
 * requesting → evaluated → applying → done. A run that remains in `requesting` or `applying` was interrupted. One that remains in `evaluated` was
 * stopped by the guard, is a dry run, or was interrupted before it was applied.
 */
export type RunPhase = 'requesting' | 'evaluated' | 'applying' | 'done';

/** `all` users, the given `users`, or one user who logs in. */
export type RunScope = 'all' | 'users' | 'login';

/** Outcome of one user: a response, a kind of failure, or that the list no longer has the user. */
export type UserOutcome = Answer['kind'] | 'gone';

export interface Run {
  readonly id: number;
  readonly iam: string;
  readonly by: string;
  readonly scope: RunScope;
  /** Source of the users: "store", or the name of the list. */
  readonly source: string;
  /** Digest of the list's content; empty for the store. */
  readonly sourceHash: string;
  readonly dryRun: boolean;
  readonly phase: RunPhase;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly settings: LoadedIamSettings;
  /** Faults injected into the run's requests; null: none were injected. */
  readonly faults: Faults | null;
  readonly summary: RunSummary | null;
  /** Null: undecided, or the guard did not stop the run. */
  readonly decision: RunDecision | null;
  /** User who undid the run; null: it was not undone. */
  readonly undone: { readonly by: string; readonly at: string } | null;
  /** Scheduled syncs that were skipped because this run is waiting for a decision. */
  readonly skippedSyncs: number;
}

/** One user in a run. States are texts of `user-state.ts`. */
export interface RunUser {
  readonly userid: string;
  readonly outcome: UserOutcome;
  /** Status of the response; null: there was no response, or no request (`gone`). */
  readonly status: number | null;
  /**
   * Why the endpoint returned no user info; null: it returned user info, the user was not requested (`gone`), or the version did not store reasons.
   */
  readonly detail: string | null;
  /** Null: the user did not exist before. */
  readonly before: string | null;
  /** Null: unchanged. */
  readonly after: string | null;
  /** Null: there is nothing to apply. */
  readonly plan: string | null;
}

/** A user without the plan, which is removed once it is applied. */
export type RecordedUser = Omit<RunUser, 'plan'>;

export interface GroupChange extends UserGroup {
  /** Enabled users who gain the group, and users who lose it or are disabled. */
  readonly gained: number;
  readonly lost: number;
}

/** Decision about a run that the guard stopped. */
export interface RunDecision {
  readonly kind: 'accepted' | 'rejected';
  readonly by: string;
  readonly at: string;
}

export interface RunSummary {
  readonly asked: number;
  readonly answered: number;
  readonly failures: Readonly<Partial<Record<FailureKind, number>>>;
  /** Users to create, including those who are migrated from another IAM. */
  readonly created: number;
  /** Users to migrate according to `migrateFrom`, as of the time of the requests; missing in records of versions that did not count them. */
  readonly migrated?: number;
  readonly changed: number;
  readonly disabled: number;
  readonly enabled: number;
  /** Users who are no longer in the user list. */
  readonly gone: number;
  /** Users who lose a group or a value, or are disabled. Some of them also gain groups or values. */
  readonly losing: number;
  /** Enabled users of the IAM before the run; missing in records of versions that did not count them. */
  readonly enabledUsers?: number;
  readonly groups: readonly GroupChange[];
  /** Groups that have members before the run and none after it, in the form of `describeGroup`. */
  readonly emptied: readonly string[];
  /** Why the guard stopped the run, or would stop a dry run; empty: the run may be applied. */
  readonly stopped: readonly string[];
  /** The exact numbers that confirm a stopped run; missing in records of versions without them. */
  readonly toConfirm?: GuardNumbers;
  /** Number of injected faults by kind; missing in records of versions without faults. */
  readonly faults?: Readonly<Partial<Record<FaultKind, number>>>;
  readonly latency: LatencySummary | null;
  /** For requests to the endpoint only. */
  readonly durationMs: number;
}

/** Numbers of users. `gains`: users who gain a group that stops the run. */
export interface GuardNumbers {
  readonly losses?: number;
  readonly gains?: number;
}
