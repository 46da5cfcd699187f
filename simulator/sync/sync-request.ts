// The request of a sync, and the control of a running one.
import { isKeepable } from '../database/keepable-text.ts';
import type { Faults } from '../faults/fault-rules.ts';
import type { ListedUser } from './plan-user.ts';
import type { PlatformClient } from './platform-client.ts';
import type { GuardNumbers, RunScope } from './run.ts';
import { SyncError } from './sync-error.ts';

/** The users of the identity provider, as a file or a directory had them. */
export interface UserList {
  /** E.g. the name of the file. */
  readonly name: string;
  /** Changes when its content does. */
  readonly hash: string;
  readonly users: readonly ListedUser[];
  /** Where it was read from, by reference and without secrets, as its reader needs it to read the list again. */
  readonly origin?: Readonly<Record<string, unknown>>;
  /** Whether the list gives groups and attribute values, e.g. has the columns. Default: both, unless no user has access. */
  readonly gives?: { readonly groups: boolean; readonly values: boolean };
}

export interface SyncProgress {
  readonly phase: 'asking' | 'applying';
  readonly done: number;
  readonly total: number;
}

export interface SyncRequest {
  readonly iam: string;
  readonly scope: RunScope;
  /** Whom to ask for; null: all of the list, or of the store. One for a login. */
  readonly userids: readonly string[] | null;
  /** Null: the users that the store has in this IAM. */
  readonly list: UserList | null;
  readonly dryRun: boolean;
  readonly by: string;
  /** In the stead of the IAM's own, for this run alone; not yet judged. */
  readonly settings?: unknown;
  /** What requests meet on their way to the endpoint. A resumed run meets none. */
  readonly faults?: Faults;
  /** Default: one of the settings. It is closed at the end. */
  readonly client?: PlatformClient;
}

export interface SyncControl {
  /** Confirms what the guard stops: the run is applied when the numbers are exactly those of its summary. */
  readonly accept?: GuardNumbers & { readonly by: string };
  /** Interrupts the run, which can be resumed. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: SyncProgress) => void;
  /** Called with the number of the run once it is recorded, before the first request. */
  readonly onBegin?: (runId: number) => void;
}

/** @throws {SyncError} `refused` for a name or value that the simulator can't keep as it is. */
export function assertKeepable({ userids, list }: Pick<SyncRequest, 'userids' | 'list'>): void {
  const unkeepable = "contains a NUL or an unpaired surrogate, which cannot be stored.";
  if (userids?.some((userid) => !isKeepable(userid))) throw new SyncError('refused', `A user id ${unkeepable}`);
  for (const { userid, name, email, access } of list?.users ?? []) {
    // One NUL of each value's key is ours.
    const values = [...(access?.values ?? [])].map((key) => key.replace('\0', ''));
    if ([userid, name ?? '', email ?? '', ...(access?.groups ?? []), ...values].every(isKeepable)) continue;
    throw new SyncError('refused', `${list?.name}: a name or value of a user ${unkeepable}`);
  }
}
