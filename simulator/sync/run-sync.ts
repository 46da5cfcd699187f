// A sync from start to end: requests every user from the endpoint, evaluates the guard, and applies the changes; also resumes an interrupted run.
import type { LoadedIamSettings } from '../../schemas/generated/loaded-iam-settings.ts';
import type { Simulator } from '../open-simulator.ts';
import { applyPlans, readPlan } from './apply-plans.ts';
import { loadIamSettings, readClientCredentials } from './iam-settings.ts';
import { createLatencyRecorder } from './latency.ts';
import { migratePlanned } from './migrate-planned.ts';
import { createPlatformClient } from './platform-client.ts';
import { requestUsers } from './request-users.ts';
import type { Run, RunSummary } from './run.ts';
import { summarizeRun } from './run-summary.ts';
import { SyncError } from './sync-error.ts';
import { assertKeepable, type SyncControl, type SyncRequest, type UserList } from './sync-request.ts';

/**
 * Ending of a run. `interrupted`: stopped by the signal; `unreachable`: stopped after too many consecutive failures. Both can be resumed if the run
 * covers all users.
 */
export type SyncEnding = 'done' | 'dry-run' | 'stopped' | 'interrupted' | 'unreachable';

export interface SyncResult {
  readonly run: Run;
  readonly ending: SyncEnding;
  readonly summary: RunSummary;
  /** For an applied login: whether the user can log in. Null for other runs. */
  readonly isLoggedIn: boolean | null;
}

/**
 * Begins a run. Responses are stored user by user, and nothing is applied before all of them are known.
 *
 * @throws {IdentityError} `unknown` for the IAM. @throws {SyncError} `settings`, or `refused` for an unusable list, and if there are no users or some
 * do not exist.
 */
export async function runSync(
  simulator: Simulator,
  request: SyncRequest,
  control: SyncControl = {},
): Promise<SyncResult> {
  const { settings: stored } = simulator.identities.iams.get(request.iam);
  const settings = loadIamSettings(request.settings ?? stored);
  assertKeepable(request);
  assertListHolds(request.list, settings.normalizeUserId);
  assertListGivesAccess(simulator, request, settings);
  assertUsersAreThere(simulator, request, settings.normalizeUserId);
  assertTestsSomebody(simulator, request);
  // Credentials are read before the run starts, so that a run that cannot send requests leaves no record.
  const credentials = readClientCredentials(settings.externalUserInfo);
  const record = {
    iam: request.iam,
    by: request.by,
    scope: request.scope,
    source: request.list?.name ?? 'store',
    sourceHash: request.list?.hash ?? '',
    dryRun: request.dryRun,
    startedAt: simulator.now(),
    settings,
    faults: request.faults ?? null,
  };
  const run = simulator.runs.begin(record, request.list?.origin ?? null);
  return requestAndApply(simulator, run, request, control, credentials);
}

/** Returns whether resuming a run requires the list that it started with. */
export function needsList({ phase, sourceHash }: Run): boolean {
  return phase === 'requesting' && sourceHash !== '';
}

/**
 * Resumes a run with its settings: requests the missing users and applies the remaining changes. Applies changes that the guard stopped if a person
 * has accepted them. Users for whom the endpoint has responded are not requested again.
 *
 * @param list the user list of the run, unchanged; null when the users came from the store.
 * @throws {SyncError} `unknown`; `settings`; `refused` if the list has changed, or if the run is done, outdated, rejected, a finished dry run or
 * partial.
 */
export async function resumeSync(
  simulator: Simulator,
  runId: number,
  list: UserList | null,
  control: SyncControl = {},
): Promise<SyncResult> {
  const recorded = simulator.runs.get(runId);
  // Records of earlier versions lack settings that were added later.
  const run = { ...recorded, settings: loadIamSettings(recorded.settings) };
  if (run.phase === 'done') throw new SyncError('refused', `Run ${runId} is done. There is nothing to resume.`);
  if (run.scope !== 'all') {
    throw new SyncError('refused', `Run ${runId} covers only some users and cannot be resumed. Start a new sync.`);
  }
  if (run.phase === 'evaluated' && run.dryRun) {
    throw new SyncError('refused', `Run ${runId} is a finished dry run. Start a sync without --dry-run to apply it.`);
  }
  if (run.decision?.kind === 'rejected') {
    throw new SyncError('refused', `Run ${runId} was rejected by ${run.decision.by}. Start a new sync.`);
  }
  const later = run.dryRun ? null : simulator.runs.findAppliedAfter(runId);
  if (later !== null) {
    throw new SyncError(
      'refused',
      `Run ${runId} is outdated: run ${later} has been applied since, and resuming would overwrite it. Start a new sync.`,
    );
  }
  if (run.phase === 'requesting') {
    if ((list?.hash ?? '') !== run.sourceHash) {
      throw new SyncError(
        'refused',
        `Run ${runId} was started with the user list ${run.source}, and the list has changed. Start a new sync.`,
      );
    }
    simulator.runs.removeUnanswered(runId);
  }
  const { iam, scope, dryRun, by } = run;
  const request = { iam, scope, userids: null, list, dryRun, by };
  const credentials = run.phase === 'requesting' ? readClientCredentials(run.settings.externalUserInfo) : null;
  return requestAndApply(simulator, run, request, control, credentials);
}

async function requestAndApply(
  simulator: Simulator,
  run: Run,
  request: SyncRequest,
  control: SyncControl,
  credentials: ReturnType<typeof readClientCredentials> | null,
): Promise<SyncResult> {
  const { runs, db } = simulator;
  const end = (ending: SyncEnding, summary: RunSummary): SyncResult => ({
    run: runs.get(run.id),
    ending,
    summary,
    isLoggedIn: ending === 'done' && run.scope === 'login' ? findLogin(simulator, run) : null,
  });
  let { summary } = run;
  control.onBegin?.(run.id);

  if (run.phase === 'requesting' && credentials !== null) {
    const latency = createLatencyRecorder(summary?.latency?.histogram);
    const startedMs = performance.now() - (summary?.durationMs ?? 0);
    const client = request.client ?? createPlatformClient(run.settings, credentials, request.faults);
    let outcome: Awaited<ReturnType<typeof requestUsers>>;
    try {
      outcome = await requestUsers(simulator, run, request, client, latency, control);
    } finally {
      await client.close();
    }
    const measured = {
      latency: latency.summarize(),
      durationMs: performance.now() - startedMs,
      faults: { ...summary?.faults, ...client.faultsSeen },
    };
    summary = summarizeRun(db, runs, run, measured);
    runs.end(run.id, outcome === 'complete' ? 'evaluated' : 'requesting', simulator.now(), summary);
    if (outcome !== 'complete') return end(outcome, summary);
  }
  if (summary === null) throw new Error(`run ${run.id} was evaluated and has no summary`);
  if (run.phase === 'evaluated') {
    // Permissions of groups, and the users, may have changed since the run was stopped.
    const { latency, durationMs, faults } = summary;
    summary = summarizeRun(db, runs, run, { latency, durationMs, ...(faults && { faults }) });
    runs.end(run.id, 'evaluated', run.endedAt ?? simulator.now(), summary);
  }
  if (run.dryRun) return end('dry-run', summary);
  if (run.phase !== 'applying' && summary.stopped.length > 0) {
    if (!isAccepted(summary, control.accept)) return end('stopped', summary);
    runs.decide(run.id, { kind: 'accepted', by: control.accept?.by ?? run.by, at: simulator.now() });
  }

  runs.beginApplying(run.id);
  const isWhole = await applyAll(simulator, run, summary, control);
  if (!isWhole) return end('interrupted', summary);
  db.transaction(() => {
    markRefreshed(simulator, run);
    if (run.scope === 'login') recordLogin(simulator, run);
    runs.end(run.id, 'done', simulator.now(), summary);
  });
  return end('done', summary);
}

/** Returns whether the confirmed numbers are exactly those of the summary. */
function isAccepted(summary: RunSummary, accept: SyncControl['accept']): boolean {
  // Records of earlier versions contain no such numbers; the guard of those versions stopped only losses.
  const { losses, gains } = summary.toConfirm ?? { losses: summary.losing };
  return accept !== undefined && accept.losses === losses && accept.gains === gains;
}

/** Applies all plans. Each page is one transaction, which removes its plans, so users who still have a plan have yet to be processed. */
async function applyAll(
  { identities, db, runs, record, now }: Simulator,
  run: Run,
  summary: RunSummary,
  { signal, onProgress }: SyncControl,
): Promise<boolean> {
  const total = summary.created + summary.changed;
  for (let done = 0, after = ''; ; ) {
    const page = runs.planned(run.id, after, run.settings.sync.pageSize);
    const last = page.at(-1)?.userid;
    if (last === undefined) return true;
    if (signal?.aborted) return false;
    db.transaction(() => {
      const plans = page.map(({ userid, plan, after: state }) => readPlan(userid, plan, state));
      migratePlanned({ identities, db }, run, plans);
      applyPlans({ db, record, runId: run.id, iam: run.iam, by: run.by, at: now() }, plans);
      runs.clearPlans(run.id, after, last);
    });
    after = last;
    done += page.length;
    onProgress?.({ phase: 'applying', done, total });
    // Yields to the event loop, so that a signal can be handled.
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function markRefreshed({ db }: Simulator, run: Run): void {
  db.run(
    `UPDATE users SET last_external_refresh = ?1 WHERE iam = ?2
     AND userid IN (SELECT userid FROM run_users WHERE run_id = ?3 AND outcome = 'user')`,
    [run.startedAt, run.iam, run.id],
  );
}

/** Returns whether an applied login succeeds: no failure rejects it, and the user exists and is enabled. */
function findLogin({ db }: Simulator, run: Run): boolean {
  const { onNotFound, onFailure } = run.settings.guesses;
  const row = db.find<{ outcome: string; disabled: number | null }>(
    `SELECT r.outcome, u.disabled FROM run_users r LEFT JOIN users u ON u.iam = ?2 AND u.userid = r.userid
     WHERE r.run_id = ?1`,
    [run.id, run.iam],
  );
  if (row?.disabled !== 0) return false;
  if (row.outcome === 'user') return true;
  return (row.outcome === 'not-found' ? onNotFound : onFailure) !== 'fail';
}

function recordLogin(simulator: Simulator, run: Run): void {
  if (!findLogin(simulator, run)) return;
  simulator.db.run(
    'UPDATE users SET last_login = ?1 WHERE iam = ?2 AND userid IN (SELECT userid FROM run_users WHERE run_id = ?3)',
    [run.startedAt, run.iam, run.id],
  );
}

/** Rejects a sync without users, which would succeed without testing anything. @throws {SyncError} `refused`. */
function assertTestsSomebody({ db }: Simulator, { iam, scope, userids, list }: SyncRequest): void {
  if (userids?.length === 0)
    throw new SyncError('refused', 'No users were specified, so there are no users to request. Specify at least one.');
  if (scope !== 'all' || (list?.users.length ?? 0) > 0) return;
  const isHeld = db.find("SELECT 1 FROM users WHERE iam = ? AND (disabled = 0 OR disabled_by = 'sync') LIMIT 1", [iam]);
  if (isHeld !== null) return;
  throw new SyncError(
    'refused',
    list === null
      ? `The IAM ${iam} has no enabled users and no user list, so there are no users to request. ` +
          'Specify a list with --users, or set one with `iam user-list`.'
      : `The user list ${list.name} is empty, and the IAM ${iam} has no enabled users. There are no users to request from the endpoint.`,
  );
}

/** Verifies that given users exist: unlike a login, a sync of given users does not create them. */
function assertUsersAreThere(
  { identities }: Simulator,
  { iam, scope, userids, list }: SyncRequest,
  normalizes: boolean,
) {
  if (scope !== 'users' || userids === null) return;
  const listed = new Set((list?.users ?? []).map(({ userid }) => (normalizes ? userid.toLowerCase() : userid)));
  const names = userids.map((userid) => (normalizes ? userid.toLowerCase() : userid));
  const missing = names.filter((userid) => !listed.has(userid) && identities.users.find({ iam, userid }) === null);
  if (missing.length === 0) return;
  throw new SyncError(
    'refused',
    `The IAM ${iam} has no user ${missing.join(', ')}. A user is created by a login or by a sync with a user list.`,
  );
}

/**
 * Rejects a list without groups or attributes if an earlier list had them. Otherwise, users would keep the earlier groups and attributes forever,
 * even if the identity provider has removed them.
 *
 * @throws {SyncError} `refused`.
 */
function assertListGivesAccess(
  { db }: Simulator,
  { iam, list }: SyncRequest,
  { supportedActions }: LoadedIamSettings,
): void {
  if (list === null) return;
  const hasAccess = list.users.length === 0 || list.users.some(({ access }) => access !== null);
  const gives = list.gives ?? { groups: hasAccess, values: hasAccess };
  const parts = [
    ['groups', 'group', 'memberships', 'syncGroups'],
    ['values', 'attribute', 'user_values', 'syncAuthorizations'],
  ] as const;
  for (const [part, column, table, action] of parts) {
    if (gives[part] || !supportedActions[action]) continue;
    const { n: users = 0 } =
      db.find<{ n: number }>(
        `SELECT count(DISTINCT users.id) AS n FROM ${table} JOIN users ON users.id = user_id
         WHERE iam = ? AND origin = 'identity-provider'`,
        [iam],
      ) ?? {};
    if (users === 0) continue;
    const plural = column === 'group' ? 'groups' : 'attributes';
    throw new SyncError(
      'refused',
      `The user list ${list.name} has no ${plural}. An earlier list assigned ${plural} to ${users} ${users === 1 ? 'user' : 'users'} of ${iam}, who would keep them. ` +
        `Add the column ${column}, empty for a user without ${plural}. To keep them, set supportedActions.${action} to false.`,
    );
  }
}

function assertListHolds(list: UserList | null, normalizes: boolean): void {
  if (list === null) return;
  const seen = new Set<string>();
  for (const { userid } of list.users) {
    const name = normalizes ? userid.toLowerCase() : userid;
    if (seen.has(name)) {
      throw new SyncError(
        'refused',
        `${list.name} contains a user twice. Each user must occur once${normalizes ? ', ignoring letter case' : ''}.`,
      );
    }
    seen.add(name);
  }
}
