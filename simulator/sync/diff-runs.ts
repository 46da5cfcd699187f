// Owns what differs between two states of users: two runs, or a run and what somebody expects.
import type { UserInfo } from '../../schemas/generated/user-info.ts';
import { splitValueKey, toAccess, without } from './access.ts';
import type { RecordedUser } from './run.ts';
import { eachRunUser, type RunStore } from './run-store.ts';
import { readState, type UserState } from './user-state.ts';

/** `presence` when one side does not have the user; then the lists are empty. */
export interface UserDifference {
  readonly userid: string;
  readonly presence: 'only-before' | 'only-after' | 'both';
  /** "group analysts", "region: emea", "disabled". */
  readonly gained: readonly string[];
  readonly lost: readonly string[];
}

/** What a user has after a run would be applied; null: not made, or not in the run. */
function stateAfter(user: RecordedUser): UserState | null {
  const text = user.after ?? user.before;
  return text === null ? null : readState(text);
}

/** What the second run found otherwise than the first, by user name. Runs of different users are compared as they are. */
export function* diffRuns(runs: RunStore, firstId: number, secondId: number): Generator<UserDifference> {
  // Judged here, so that a wrong number is told before anything is printed.
  runs.get(firstId);
  runs.get(secondId);
  const first = eachRunUser(runs, firstId);
  const second = eachRunUser(runs, secondId);
  let before = first.next();
  let after = second.next();
  while (!before.done || !after.done) {
    const order = before.done ? 1 : after.done ? -1 : compareByBytes(before.value.userid, after.value.userid);
    const userid = order <= 0 && !before.done ? before.value.userid : (after.value as RecordedUser).userid;
    const was = order <= 0 && !before.done ? stateAfter(before.value) : null;
    const becomes = order >= 0 && !after.done ? stateAfter(after.value) : null;
    const difference = diffStates(userid, was, becomes);
    if (difference) yield difference;
    if (order <= 0) before = first.next();
    if (order >= 0) after = second.next();
  }
}

/** Null: there is no difference. */
export function diffStates(userid: string, was: UserState | null, becomes: UserState | null): UserDifference | null {
  if (was === null && becomes === null) return null;
  if (was === null) return { userid, presence: 'only-after', gained: [], lost: [] };
  if (becomes === null) return { userid, presence: 'only-before', gained: [], lost: [] };
  const gained = listGained(was, becomes);
  const lost = listGained(becomes, was);
  return gained.length + lost.length === 0 ? null : { userid, presence: 'both', gained, lost };
}

/** @param expected user name → what is to be held; users who are not in it are not judged. */
export function diffExpected(
  runs: RunStore,
  runId: number,
  expected: Readonly<Record<string, UserInfo>>,
): UserDifference[] {
  return Object.entries(expected).flatMap(([userid, info]) => {
    const user = runs.find(runId, userid);
    const difference = diffStates(userid, info, user && stateAfter(user));
    return difference ? [difference] : [];
  });
}

/** In the order of their names; what is behind the colon is a value. */
function listGained(was: UserState, becomes: UserState): string[] {
  const before = toAccess(was);
  const after = toAccess(becomes);
  return [
    ...(becomes.disabled && !was.disabled ? ['disabled'] : []),
    ...without(after.groups, before.groups)
      .sort()
      .map((name) => `group ${name}`),
    ...without(after.values, before.values)
      .sort()
      .map((key) => splitValueKey(key).join(': ')),
  ];
}

/** As SQLite orders: by the bytes of UTF-8, which JavaScript's own order of UTF-16 units is not. */
function compareByBytes(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other));
}
