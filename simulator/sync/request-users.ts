// Requests the users of a run, page by page, with limited concurrency.
import { setMaxListeners } from 'node:events';
import type { Simulator } from '../open-simulator.ts';
import { writePlan } from './apply-plans.ts';
import { type EndpointAnswer, noAnswerKinds } from './endpoint-answer.ts';
import type { Answer } from './evaluate-response.ts';
import { createOutcomeKeeper, type RequestedUser } from './keep-outcomes.ts';
import type { LatencyRecorder } from './latency.ts';
import type { PlatformClient } from './platform-client.ts';
import type { Run } from './run.ts';
import { findNextUsers, readNextStoredUsers } from './stored-users.ts';
import type { SyncControl, SyncRequest } from './sync-request.ts';
import { plannedStateOf, stateOf } from './user-state.ts';

/** Returns the next page of users; empty: there are no more. */
type Pages = () => RequestedUser[];

const nobody: ReadonlySet<string> = new Set();

/**
 * Maximum number of users in a page. While they are compared and written, the endpoint receives no requests; fewer users would lead to more
 * transactions. In addition, objects that live longer than a few hundred requests are expensive, because the garbage collector moves them.
 */
const maxStep = 100;

const unanswered: ReadonlySet<string> = new Set(noAnswerKinds);

/** Requests all users who are not in the run yet. @throws on internal errors. */
export async function requestUsers(
  simulator: Simulator,
  run: Run,
  request: SyncRequest,
  client: PlatformClient,
  latency: LatencyRecorder,
  { signal, onProgress }: SyncControl,
): Promise<'complete' | 'interrupted' | 'unreachable'> {
  const { runs } = simulator;
  const { concurrency, maxFailuresInARow } = run.settings.sync;
  const { total, next: nextPage } = createPages(simulator, run, request);
  const keeper = createOutcomeKeeper(simulator, run, stepOf(run));
  const stop = new AbortController();
  // One listener for each pause before a retry is not a leak.
  setMaxListeners(0, stop.signal);
  const giveUp = () => stop.abort(new DOMException('the run was canceled', 'AbortError'));
  if (signal?.aborted) giveUp();
  signal?.addEventListener('abort', giveUp, { once: true });

  /** Users to request, in reverse order: the next user is the last entry. */
  let requestedUsers: RequestedUser[] = [];
  let unevaluated: Array<readonly [RequestedUser, EndpointAnswer]> = [];
  let failure: unknown = null;
  let done = runs.tally(run.id).reduce((sum, { users }) => sum + users, 0);
  let failuresInARow = 0;
  let isUnreachable = false;

  function next(): RequestedUser | undefined {
    if (requestedUsers.length === 0) requestedUsers = nextPage().reverse();
    return requestedUsers.pop();
  }

  /** Reads the next page before the last requests are sent, so that no response waits for it. */
  function readAhead(): void {
    if (requestedUsers.length <= concurrency) requestedUsers = [...nextPage().reverse(), ...requestedUsers];
  }

  function settle(requested: RequestedUser, answer: Answer | EndpointAnswer): void {
    keeper.keep(requested, answer);
    failuresInARow = 'kind' in answer && unanswered.has(answer.kind) ? failuresInARow + 1 : 0;
    if (failuresInARow >= maxFailuresInARow) {
      isUnreachable = true;
      giveUp();
    }
    onProgress?.({ phase: 'requesting', done: ++done, total });
  }

  /**
   * Evaluates the waiting responses. After a cancellation, the rest is dropped: those users have no outcome yet, and are requested again when the run
   * is resumed.
   */
  function settleUnevaluated(): void {
    const answers = unevaluated;
    unevaluated = [];
    for (const [requested, answer] of answers) {
      if (stop.signal.aborted) return;
      settle(requested, answer);
    }
  }

  /**
   * Evaluates a response in a later turn of the event loop, after the following requests were sent, so that the endpoint works in the meantime.
   */
  function evaluateLater(requested: RequestedUser, answer: EndpointAnswer): void {
    unevaluated.push([requested, answer]);
    if (unevaluated.length > 1) return;
    const evaluate = () => {
      try {
        settleUnevaluated();
        readAhead();
      } catch (error) {
        failure = error;
        giveUp();
      }
    };
    setImmediate(() => setImmediate(evaluate));
  }

  async function work(): Promise<void> {
    for (;;) {
      if (stop.signal.aborted) return;
      const requested = next();
      if (!requested) return;
      const startedMs = performance.now();
      let backOffMs = 0;
      const answer = await client.fetch(requested.userid, stop.signal, (elapsedMs) => {
        backOffMs += elapsedMs;
      });
      latency.record(performance.now() - startedMs - backOffMs);
      if ('body' in answer) {
        evaluateLater(requested, answer);
        continue;
      }
      settleUnevaluated();
      settle(requested, answer);
    }
  }

  const workers = await Promise.allSettled(Array.from({ length: concurrency }, work));
  signal?.removeEventListener('abort', giveUp);
  if (failure !== null) throw failure;
  settleUnevaluated();
  keeper.flush();
  for (const worker of workers) {
    if (worker.status === 'rejected' && !stop.signal.aborted) throw worker.reason;
  }
  if (isUnreachable) return 'unreachable';
  if (stop.signal.aborted) return 'interrupted';
  if (request.list !== null && run.scope === 'all' && run.settings.guesses.disableGoneUsers) addGone(simulator, run);
  return 'complete';
}

function stepOf({ settings }: Run): number {
  return Math.min(settings.sync.pageSize, maxStep);
}

function createPages(
  { db, runs }: Simulator,
  run: Run,
  { userids, list }: SyncRequest,
): { total: number; next: Pages } {
  const { iam, id: runId, settings } = run;
  const step = stepOf(run);
  const normalize = (userid: string) => (settings.normalizeUserId ? userid.toLowerCase() : userid);

  if (list === null && userids === null) {
    let afterId = 0;
    const { n: total = 0 } =
      db.find<{ n: number }>(
        "SELECT count(*) AS n FROM users WHERE iam = ? AND (disabled = 0 OR disabled_by = 'sync')",
        [iam],
      ) ?? {};
    return {
      total,
      next() {
        const page = findNextUsers(db, { iam, runId, afterId, limit: step });
        afterId = page.at(-1)?.id ?? afterId;
        return page.map(({ userid }) => ({ userid, isOnlyStored: true, listed: null }));
      },
    };
  }

  const listed = new Map((list?.users ?? []).map((user) => [normalize(user.userid), user]));
  const wanted = userids === null ? [...listed.keys()] : [...new Set(userids.map(normalize))];
  // Only this process adds users to a run, so a new run has no users to skip.
  const isGoneOnWith = runs.tally(runId).length > 0;
  let at = 0;
  return {
    total: wanted.length,
    next() {
      for (;;) {
        const names = wanted.slice(at, at + step);
        at += names.length;
        const done = isGoneOnWith ? runs.known(runId, names) : nobody;
        const missing = names.filter((userid) => !done.has(userid));
        if (names.length > 0 && missing.length === 0) continue;
        return missing.map((userid) => ({ userid, isOnlyStored: false, listed: listed.get(userid) ?? null }));
      }
    },
  };
}

/** Adds the enabled users of the IAM who were not in the list. */
function addGone({ db, runs }: Simulator, run: Run): void {
  const { iam, id: runId } = run;
  for (let afterId = 0; ; ) {
    const page = readNextStoredUsers(db, { iam, runId, afterId, limit: run.settings.sync.pageSize });
    const last = page.at(-1);
    if (!last) return;
    afterId = last.id;
    const gone = page.filter(({ disabled }) => !disabled);
    runs.addUsers(
      runId,
      gone.map((stored) => {
        const planned = { provider: stored.provider, endpoint: stored.endpoint, disabled: true };
        return {
          userid: stored.userid,
          outcome: 'gone',
          status: null,
          detail: null,
          before: stateOf(stored),
          after: plannedStateOf(stored, planned),
          plan: writePlan({ ...planned, create: null, answerKey: null }, false),
        };
      }),
    );
  }
}
