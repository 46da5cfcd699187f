// Compares, plans and stores the outcome of each user, page by page, together with the checkpoint for --resume.

import type { Simulator } from '../open-simulator.ts';
import { isNothing, isSameAccess } from './access.ts';
import { writePlan } from './apply-plans.ts';
import type { EndpointAnswer } from './endpoint-answer.ts';
import { type Answer, evaluateResponse } from './evaluate-response.ts';
import { type ListedUser, type PlannedUser, planUser, type StoredUser } from './plan-user.ts';
import { addUnchangedUsers, createAnswerKeys, rememberAnswer } from './remembered-answers.ts';
import type { Run, RunUser } from './run.ts';
import { readStoredUsers } from './stored-users.ts';
import { plannedStateOf, stateOf } from './user-state.ts';

/** A user to request. */
export interface RequestedUser {
  readonly userid: string;
  /** Whether only the store, not the list, contains the user: such a user is not created again after being deleted in the meantime. */
  readonly isOnlyStored: boolean;
  readonly listed: ListedUser | null;
}

export interface OutcomeKeeper {
  /** Accepts the result of a user. Users are compared and written in batches. */
  keep(requested: RequestedUser, answer: Answer | EndpointAnswer): void;
  /** Writes the accepted results. */
  flush(): void;
}

/** Result of a user that has not been compared yet. */
interface Asked {
  readonly requested: RequestedUser;
  readonly answer: Answer | EndpointAnswer;
  /** Null: the response cannot be equal to another one. */
  readonly key: string | null;
}

/** Creates the keeper. @param atOnce number of results after which they are written; fewer changed users than this wait for later results. */
export function createOutcomeKeeper({ db, runs }: Simulator, run: Run, atOnce: number): OutcomeKeeper {
  const keyOf = createAnswerKeys(run);
  // If the IAM had no users before, there are no cached responses to search for.
  const wasEmpty = db.find('SELECT 1 FROM users WHERE iam = ? LIMIT 1', [run.iam]) === null;
  let asked: Asked[] = [];
  /**
   * Users whose response differs from the cached one. If there are only a few of them, they wait for the next pages, because comparing ten users
   * costs as much as comparing one.
   */
  let others: Asked[] = [];

  const evaluate = (answer: Answer | EndpointAnswer) =>
    'body' in answer ? evaluateResponse(answer, run.settings) : answer;

  function compare(changed: readonly Asked[]): void {
    if (changed.length === 0) return;
    const stored = readStoredUsers(
      db,
      run.iam,
      changed.map(({ requested }) => requested.userid),
    );
    const outcomes = changed.flatMap(({ requested: { userid, isOnlyStored, listed }, answer, key }) => {
      const user = stored.get(userid) ?? null;
      if (user === null && isOnlyStored) return [];
      return [planOutcome(userid, user, listed, evaluate(answer), user === null ? key : null, run)];
    });
    runs.addUsers(run.id, outcomes);
    const unchanged = new Set(outcomes.flatMap((user) => (hasNothingToChange(user) ? [user.userid] : [])));
    for (const { requested, key } of changed) {
      const user = stored.get(requested.userid);
      if (key !== null && user !== undefined && unchanged.has(user.userid)) rememberAnswer(db, run.id, user, key);
    }
  }

  /** @returns the users whose response is not cached. */
  function addUnchanged(all: readonly Asked[]): readonly Asked[] {
    const answers = new Map<string, string>();
    for (const { requested, key } of all) if (key !== null) answers.set(requested.userid, key);
    const left = addUnchangedUsers(db, run, answers);
    return all.filter(({ requested, key }) => key === null || left.has(requested.userid));
  }

  /** Compares and writes users. @param enough minimum number of users to compare at once; fewer users wait. */
  function write(enough: number): void {
    // The stored access is read in the transaction that writes the result, so that the access cannot change in between.
    db.transaction(() => {
      others = [...others, ...(wasEmpty ? asked : addUnchanged(asked))];
      if (others.length < enough) return;
      compare(others);
      others = [];
    });
    asked = [];
  }

  return {
    flush: () => write(0),
    keep(requested, answer) {
      asked.push({ requested, answer, key: 'body' in answer ? keyOf(answer, requested.listed) : null });
      if (asked.length >= atOnce) write(atOnce);
    },
  };
}

function hasNothingToChange({ outcome, plan }: RunUser): boolean {
  return outcome === 'user' && plan === null;
}

/** Plans the changes of a user. @param key key of the response; null if it is not to be cached with the plan. */
function planOutcome(
  userid: string,
  stored: StoredUser | null,
  listed: ListedUser | null,
  answer: Answer,
  key: string | null,
  run: Run,
): RunUser {
  const planned = planUser(stored, listed, answer, run.settings);
  const before = stored && stateOf(stored);
  const detail = answer.kind === 'user' ? null : answer.detail;
  const unchanged = { userid, outcome: answer.kind, status: answer.status, detail, before, after: null, plan: null };
  if (planned === null || (stored !== null && isAsStored(stored, planned))) return unchanged;
  const after = plannedStateOf(stored, planned);
  const create = stored === null ? { name: listed?.name ?? userid, email: listed?.email ?? null } : null;
  const isEndpointAlone =
    after !== before && isNothing(planned.provider) && (stored === null || isNothing(stored.platform));
  const answerKey = answer.kind === 'user' ? key : null;
  // A plan is also written if the state is unchanged: the origins may change, which matters when one of them is removed later.
  const plan = writePlan({ ...planned, create, answerKey }, isEndpointAlone);
  return { ...unchanged, after: after === before ? null : after, plan };
}

function isAsStored(stored: StoredUser, planned: PlannedUser): boolean {
  return (
    stored.disabled === planned.disabled &&
    isSameAccess(stored.provider, planned.provider) &&
    isSameAccess(stored.endpoint, planned.endpoint)
  );
}
