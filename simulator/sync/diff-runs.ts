// Differences between the users of two runs, or between the users of a run and an expectation.
import { makeVisibleName } from '../../schemas/printable-text.ts';
import {
  type Access,
  describeGroup,
  type GroupedUserInfo,
  splitGroupKey,
  splitValueKey,
  toAccess,
  without,
} from './access.ts';
import type { RecordedUser, UserOutcome } from './run.ts';
import { eachRunUser, type RunStore } from './run-store.ts';
import { readState, type UserState } from './user-state.ts';

/** Differences of one user. */
export interface UserDifference {
  readonly userid: string;
  /** The side that has the user. If only one side has the user, the lists are empty. */
  readonly presence: 'only-before' | 'only-after' | 'both';
  /** The outcomes on both sides if they differ, since one side may show access that was only kept. Null: they are equal, or a side has none. */
  readonly outcomes: {
    readonly before: UserOutcome;
    readonly after: UserOutcome;
    /** Reason for the failure in `after`; null: there was no failure. */
    readonly detail: string | null;
  } | null;
  /** E.g. "group analysts", "region: emea", "disabled". */
  readonly gained: readonly string[];
  readonly lost: readonly string[];
}

/** Returns a user's access after the run is applied; null: the user was not created. */
function stateAfter(user: RecordedUser): UserState | null {
  const text = user.after ?? user.before;
  return text === null ? null : readState(text);
}

/** Expected access of one user. */
export interface ExpectedUser extends GroupedUserInfo {
  /** Whether kept access is sufficient: by default, the endpoint must have returned user info for the user in this run. */
  readonly allowKept?: boolean;
}

/**
 * Yields, sorted by user name, how outcomes and access in the second run differ from the first. Users who are in only one of the runs also count as
 * differences.
 */
export function* diffRuns(runs: RunStore, firstId: number, secondId: number): Generator<UserDifference> {
  // The runs are read first, so that an unknown run number is reported before anything is printed.
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
    const outcomes =
      order === 0 && !before.done && !after.done && before.value.outcome !== after.value.outcome
        ? { before: before.value.outcome, after: after.value.outcome, detail: after.value.detail }
        : null;
    const difference = diffStates(userid, was, becomes);
    if (difference) yield { ...difference, outcomes };
    else if (outcomes) yield { userid, presence: 'both', outcomes, gained: [], lost: [] };
    else if (order !== 0)
      yield { userid, presence: order < 0 ? 'only-before' : 'only-after', outcomes, gained: [], lost: [] };
    if (order <= 0) before = first.next();
    if (order >= 0) after = second.next();
  }
}

/** Returns how two states of a user differ; null: they are equal. */
export function diffStates(userid: string, was: UserState | null, becomes: UserState | null): UserDifference | null {
  if (was === null && becomes === null) return null;
  const same = { userid, outcomes: null };
  if (was === null) return { ...same, presence: 'only-after', gained: [], lost: [] };
  if (becomes === null) return { ...same, presence: 'only-before', gained: [], lost: [] };
  const gained = listGained(was, becomes);
  const lost = listGained(becomes, was);
  return gained.length + lost.length === 0 ? null : { ...same, presence: 'both', gained, lost };
}

/**
 * Returns how the users of a run differ from an expectation. A user who could not be retrieved in this run counts as a difference, regardless of the
 * access that was kept, unless `allowKept` is set.
 *
 * @param expected map from user name to expected access; other users are not compared.
 */
export function diffExpected(
  runs: RunStore,
  runId: number,
  expected: Readonly<Record<string, ExpectedUser>>,
): UserDifference[] {
  return Object.entries(expected).flatMap(([userid, { allowKept = false, ...info }]) => {
    const user = runs.find(runId, userid);
    const difference = diffStates(userid, info, user && stateAfter(user));
    const outcomes =
      user !== null && user.outcome !== 'user' && !allowKept
        ? { before: 'user' as const, after: user.outcome, detail: user.detail }
        : null;
    if (difference) return [{ ...difference, outcomes }];
    return outcomes ? [{ userid, presence: 'both' as const, outcomes, gained: [], lost: [] }] : [];
  });
}

/**
 * Returns "disabled" if it is new, then the gained groups, then the values, each sorted by name; the text after a colon is a value. Invisible
 * characters are escaped.
 */
function listGained(was: UserState, becomes: UserState): string[] {
  const before = toAccess(was);
  const after = toAccess(becomes);
  return [...(becomes.disabled && !was.disabled ? ['disabled'] : []), ...describeGainedAccess(before, after)];
}

/** Returns the access that `after` contains and `before` does not: "group analysts", "region: emea". */
export function describeGainedAccess(before: Access, after: Access): string[] {
  return [
    ...without(after.groups, before.groups)
      .sort()
      .map((key) => `group ${makeVisibleName(describeGroup(splitGroupKey(key)))}`),
    ...without(after.values, before.values)
      .sort()
      .map((key) => splitValueKey(key).map(makeVisibleName).join(': ')),
  ];
}

/** Compares texts as SQLite does: by UTF-8 bytes, unlike JavaScript, which compares UTF-16 units. */
function compareByBytes(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other));
}
