// Request for a sync, and control of a running sync.
import { isKeepable } from '../database/database-error.ts';
import type { Faults } from '../faults/fault-rules.ts';
import type { ListedUser } from './plan-user.ts';
import type { PlatformClient } from './platform-client.ts';
import type { GuardNumbers, RunScope } from './run.ts';
import { SyncError } from './sync-error.ts';

/** Users of the identity provider, from a file or an LDAP directory. */
export interface UserList {
  /** E.g. the name of the file. */
  readonly name: string;
  /** Digest that changes with the content. */
  readonly hash: string;
  readonly users: readonly ListedUser[];
  /** Reference to the source of the list, without secrets, from which the list can be read again. */
  readonly origin?: Readonly<Record<string, unknown>>;
  /** Whether the list contains groups and attribute values, e.g. in columns. Default: it contains both, unless no user has any. */
  readonly gives?: { readonly groups: boolean; readonly values: boolean };
}

export interface SyncProgress {
  readonly phase: 'requesting' | 'applying';
  readonly done: number;
  readonly total: number;
}

export interface SyncRequest {
  readonly iam: string;
  readonly scope: RunScope;
  /** Users to request; null: all users in the list or the store. For a login, one user. */
  readonly userids: readonly string[] | null;
  /** Null: the users of this IAM in the store. */
  readonly list: UserList | null;
  readonly dryRun: boolean;
  readonly by: string;
  /** Settings for this run instead of the IAM's own; not yet validated. */
  readonly settings?: unknown;
  /** Faults to inject into requests. A resumed run has none. */
  readonly faults?: Faults;
  /** Client to use; by default, one is created from the settings. The client is closed at the end. */
  readonly client?: PlatformClient;
}

export interface SyncControl {
  /** Confirms a run that the guard stops: it is applied if the numbers are exactly those of its summary. */
  readonly accept?: GuardNumbers & { readonly by: string };
  /** Interrupts the run, which can be resumed. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: SyncProgress) => void;
  /** Called with the number of the run once it is recorded, before the first request. */
  readonly onBegin?: (runId: number) => void;
}

/** @throws {SyncError} `refused` for a name or value that the simulator cannot store unchanged. */
export function assertKeepable({ userids, list }: Pick<SyncRequest, 'userids' | 'list'>): void {
  const unkeepable = 'contains a NUL or an unpaired surrogate, which cannot be stored.';
  if (userids?.some((userid) => !isKeepable(userid))) throw new SyncError('refused', `A user id ${unkeepable}`);
  for (const { userid, name, email, access } of list?.users ?? []) {
    // The key of each value contains one NUL as the separator.
    const values = [...(access?.values ?? [])].map((key) => key.replace('\0', ''));
    if ([userid, name ?? '', email ?? '', ...(access?.groups ?? []), ...values].every(isKeepable)) continue;
    throw new SyncError('refused', `${list?.name}: a name or value of a user ${unkeepable}`);
  }
}
