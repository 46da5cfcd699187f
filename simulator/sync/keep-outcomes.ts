// Owns what is kept of each user who was asked for: compares, plans, and writes page by page; the checkpoint to go on from.
import type { EndpointAnswer } from '../http/answer-reader.ts';
import type { Simulator } from '../open-simulator.ts';
import { isNothing, isSameAccess } from './access.ts';
import { writePlan } from './apply-plans.ts';
import { type KnownUser, readHeldUsers } from './held-users.ts';
import { type Answer, judgeAnswer } from './judge-answer.ts';
import { type HeldUser, type ListedUser, type PlannedUser, planUser } from './plan-user.ts';
import { addUnchangedUsers, createAnswerKeys, rememberAnswer } from './remembered-answers.ts';
import type { Run, RunUser } from './run.ts';
import { plannedStateOf, stateOf } from './user-state.ts';

/** One user to ask for. */
export interface Question {
  readonly userid: string;
  /** Null: not there yet. */
  readonly known: KnownUser | null;
  readonly listed: ListedUser | null;
}

export interface OutcomeKeeper {
  /** Takes what came for a user. Many are written at a time. */
  keep(question: Question, answer: Answer | EndpointAnswer): void;
  /** Writes what was taken so far. */
  flush(): void;
}

/** What came for somebody who is there, until it is compared. */
interface Asked {
  readonly known: KnownUser;
  readonly listed: ListedUser | null;
  readonly answer: Answer | EndpointAnswer;
  /** Null: it is no answer of which another one could be the same. */
  readonly key: string | null;
}

/** How many users are written at a time at the latest. */
interface AtOnce {
  readonly known: number;
  readonly new: number;
}

export function createOutcomeKeeper({ db, runs }: Simulator, run: Run, atOnce: AtOnce): OutcomeKeeper {
  const keyOf = createAnswerKeys(run);
  let planned: RunUser[] = [];
  let asked: Asked[] = [];

  const judge = (answer: Answer | EndpointAnswer) => ('body' in answer ? judgeAnswer(answer, run.settings) : answer);

  function compare(changed: readonly Asked[]): void {
    if (changed.length === 0) return;
    const userids = changed.map(({ known }) => known.userid);
    const held = readHeldUsers(db, run.iam, userids);
    const outcomes = changed.flatMap(({ known: { userid }, listed, answer }) => {
      const user = held.get(userid);
      // Deleted meanwhile: there is nobody any longer.
      return user ? [planOutcome(userid, user, listed, judge(answer), null, run)] : [];
    });
    runs.addUsers(run.id, outcomes);
    const unchanged = new Set(outcomes.flatMap((user) => (hasNothingToChange(user) ? [user.userid] : [])));
    for (const { known, key } of changed) {
      if (key !== null && unchanged.has(known.userid)) rememberAnswer(db, run.id, known, key);
    }
  }

  function flush(): void {
    if (planned.length + asked.length === 0) return;
    // What is held is read in the transaction that writes what comes of it, so that nobody can change it between.
    db.transaction(() => {
      runs.addUsers(run.id, planned);
      if (asked.length === 0) return;
      const answers = new Map(asked.flatMap(({ known, key }) => (key === null ? [] : [[known.id, key] as const])));
      const others = addUnchangedUsers(db, run.id, answers);
      compare(asked.filter(({ known, key }) => key === null || others.has(known.id)));
    });
    planned = [];
    asked = [];
  }

  return {
    flush,
    keep({ userid, known, listed }, answer) {
      const key = 'body' in answer ? keyOf(answer, listed) : null;
      if (known) asked.push({ known, listed, answer, key });
      else planned.push(planOutcome(userid, null, listed, judge(answer), key, run));
      if (asked.length >= atOnce.known || planned.length >= atOnce.new) flush();
    },
  };
}

function hasNothingToChange({ outcome, plan }: RunUser): boolean {
  return outcome === 'user' && plan === null;
}

/** @param key of the answer; null when it is not to be remembered with the plan. */
function planOutcome(
  userid: string,
  held: HeldUser | null,
  listed: ListedUser | null,
  answer: Answer,
  key: string | null,
  run: Run,
): RunUser {
  const planned = planUser(held, listed, answer, run.settings);
  const before = held && stateOf(held);
  const unchanged = { userid, outcome: answer.kind, status: answer.status, before, after: null, plan: null };
  if (planned === null || (held !== null && isAsHeld(held, planned))) return unchanged;
  const after = plannedStateOf(held, planned);
  const create = held === null ? { name: listed?.name ?? userid, email: listed?.email ?? null } : null;
  const isEndpointAlone =
    after !== before && isNothing(planned.provider) && (held === null || isNothing(held.platform));
  const answerKey = answer.kind === 'user' ? key : null;
  // Also where the state stays: who gives it changes, and then it is another access once one of them takes it away.
  const plan = writePlan({ ...planned, create, answerKey }, isEndpointAlone);
  return { ...unchanged, after: after === before ? null : after, plan };
}

function isAsHeld(held: HeldUser, planned: PlannedUser): boolean {
  return (
    held.disabled === planned.disabled &&
    isSameAccess(held.provider, planned.provider) &&
    isSameAccess(held.endpoint, planned.endpoint)
  );
}
