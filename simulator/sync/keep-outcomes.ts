// Compares, plans and stores the outcome of each user page by page, with the checkpoint for --resume.

import type { Simulator } from '../open-simulator.ts';
import { isNothing, isSameAccess } from './access.ts';
import { writePlan } from './apply-plans.ts';
import type { EndpointAnswer } from './endpoint-answer.ts';
import { readHeldUsers } from './held-users.ts';
import { type Answer, judgeAnswer } from './judge-answer.ts';
import { type HeldUser, type ListedUser, type PlannedUser, planUser } from './plan-user.ts';
import { addUnchangedUsers, createAnswerKeys, rememberAnswer } from './remembered-answers.ts';
import type { Run, RunUser } from './run.ts';
import { plannedStateOf, stateOf } from './user-state.ts';

/** One user to ask for. */
export interface Question {
  readonly userid: string;
  /** Whether only the store named the user: who is deleted meanwhile is nobody any longer, and is not made anew. */
  readonly isHeld: boolean;
  readonly listed: ListedUser | null;
}

export interface OutcomeKeeper {
  /** Takes what came for a user. Many are compared and written at a time. */
  keep(question: Question, answer: Answer | EndpointAnswer): void;
  /** Writes what was taken so far. */
  flush(): void;
}

/** What came for somebody, until it is compared. */
interface Asked {
  readonly question: Question;
  readonly answer: Answer | EndpointAnswer;
  /** Null: it is no answer of which another one could be the same. */
  readonly key: string | null;
}

/** @param atOnce how many users are written at a time at the latest; at most as many others wait to be compared. */
export function createOutcomeKeeper({ db, runs }: Simulator, run: Run, atOnce: number): OutcomeKeeper {
  const keyOf = createAnswerKeys(run);
  // Where there was nobody, no answer can be remembered, and none is looked for.
  const wasEmpty = db.find('SELECT 1 FROM users WHERE iam = ? LIMIT 1', [run.iam]) === null;
  let asked: Asked[] = [];
  /** Whose answer is not the one that is remembered. Few are compared together with those of the next pages: what one costs alone, ten do. */
  let others: Asked[] = [];

  const judge = (answer: Answer | EndpointAnswer) => ('body' in answer ? judgeAnswer(answer, run.settings) : answer);

  function compare(changed: readonly Asked[]): void {
    if (changed.length === 0) return;
    const held = readHeldUsers(
      db,
      run.iam,
      changed.map(({ question }) => question.userid),
    );
    const outcomes = changed.flatMap(({ question: { userid, isHeld, listed }, answer, key }) => {
      const user = held.get(userid) ?? null;
      if (user === null && isHeld) return [];
      return [planOutcome(userid, user, listed, judge(answer), user === null ? key : null, run)];
    });
    runs.addUsers(run.id, outcomes);
    const unchanged = new Set(outcomes.flatMap((user) => (hasNothingToChange(user) ? [user.userid] : [])));
    for (const { question, key } of changed) {
      const user = held.get(question.userid);
      if (key !== null && user !== undefined && unchanged.has(user.userid)) rememberAnswer(db, run.id, user, key);
    }
  }

  /** @returns those for whom the answer is not remembered. */
  function addUnchanged(all: readonly Asked[]): readonly Asked[] {
    const answers = new Map<string, string>();
    for (const { question, key } of all) if (key !== null) answers.set(question.userid, key);
    const left = addUnchangedUsers(db, run, answers);
    return all.filter(({ question, key }) => key === null || left.has(question.userid));
  }

  /** @param enough number of users to compare at once; fewer wait. */
  function write(enough: number): void {
    // What is held is read in the transaction that writes what comes of it, so that nobody can change it between.
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
    keep(question, answer) {
      asked.push({ question, answer, key: 'body' in answer ? keyOf(answer, question.listed) : null });
      if (asked.length >= atOnce) write(atOnce);
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
  const detail = answer.kind === 'user' ? null : answer.detail;
  const unchanged = { userid, outcome: answer.kind, status: answer.status, detail, before, after: null, plan: null };
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
