// Undoes an applied run: removes what it added, restores what it removed, and reports what cannot be restored.
import type { Simulator } from '../open-simulator.ts';
import { isSameAccess } from './access.ts';
import { applyPlans } from './apply-plans.ts';
import { type RunEffect, revertAccess } from './run-effect.ts';
import { eachEffect } from './run-store.ts';
import { readStoredUsers } from './stored-users.ts';
import { SyncError } from './sync-error.ts';

export interface UndoResult {
  readonly runId: number;
  /** Users whose groups, values or state were restored. */
  readonly restored: number;
  /** Users created by the run and not changed since. */
  readonly deleted: number;
  /** One sentence for each remaining difference; empty: everything is as before the run. */
  readonly notRestored: readonly string[];
  readonly durationMs: number;
}

const usersAtOnce = 200;
const maxNames = 5;

/**
 * Undoes a run, in one transaction. Later changes by people or runs remain.
 *
 * @throws {SyncError} `unknown`; `refused` if the run was not applied, is already undone, or has no record of how to undo it.
 */
export function undoRun(simulator: Simulator, runId: number, by: string): UndoResult {
  const startedMs = performance.now();
  const { runs, db, identities, record, now } = simulator;
  const run = runs.get(runId);
  if (run.undone !== null) throw new SyncError('refused', `Run ${runId} was already undone by ${run.undone.by}.`);
  if (run.phase !== 'done' && run.phase !== 'applying') {
    throw new SyncError('refused', `Run ${runId} was not applied, so there is nothing to undo.`);
  }
  const later = runs.findAppliedAfter(runId);
  const effects = [...eachEffect(runs, runId)].map(({ userid, effect }) => ({
    userid,
    effect: JSON.parse(effect) as RunEffect,
  }));
  if (effects.length === 0 && (run.summary?.created ?? 0) + (run.summary?.changed ?? 0) > 0) {
    throw new SyncError('refused', `Run ${runId} was applied by a version that did not record how to undo it.`);
  }
  const gone: string[] = [];
  const kept: string[] = [];
  const decided: string[] = [];
  let restored = 0;
  let deleted = 0;

  function undoSome(some: typeof effects): void {
    const stored = readStoredUsers(
      db,
      run.iam,
      some.map(({ userid }) => userid),
    );
    const plans = some.flatMap(({ userid, effect }) => {
      const user = stored.get(userid);
      if (user === undefined) {
        gone.push(userid);
        return [];
      }
      const isTheRuns = effect.disabled === true ? user.disabled && user.disabledBySync : !user.disabled;
      if (effect.disabled !== null && !isTheRuns) decided.push(userid);
      const disabled = effect.disabled !== null && isTheRuns ? !effect.disabled : user.disabled;
      const provider = revertAccess(user.provider, effect.provider);
      const endpoint = revertAccess(user.endpoint, effect.endpoint);
      const isChanged =
        disabled !== user.disabled || !isSameAccess(provider, user.provider) || !isSameAccess(endpoint, user.endpoint);
      if (isChanged && !effect.created) restored++;
      return [{ userid, provider, endpoint, disabled, create: null, answerKey: null }];
    });
    applyPlans({ db, record, runId: null, iam: run.iam, by, at: now() }, plans);
  }

  db.transaction(() => {
    for (let first = 0; first < effects.length; first += usersAtOnce) {
      undoSome(effects.slice(first, first + usersAtOnce));
    }
    for (const { userid, effect } of effects) {
      const user = { iam: run.iam, userid };
      if (!effect.created || identities.users.find(user) === null) continue;
      const { groups, values, permissions } = identities.users.view(user);
      const isUntouched =
        groups.length + values.length === 0 &&
        permissions.every(({ byDefault }) => byDefault) &&
        identities.users.get(user).lastLogin === null;
      if (isUntouched) {
        identities.users.delete(user, { confirmed: true, typed: 'Delete' }, by);
        deleted++;
      } else kept.push(userid);
    }
    runs.markUndone(runId, { by, at: now() });
  });
  const migrated = run.summary?.migrated ?? 0;
  const emptied = (run.summary?.groups ?? []).filter(
    ({ name, iam, gained }) =>
      gained > 0 && iam === undefined && identities.groups.find({ iam: run.iam, name })?.members === 0,
  );
  return {
    runId,
    restored,
    deleted,
    notRestored: [
      ...describe(gone, 'has been deleted since then', 'have been deleted since then'),
      ...describe(
        kept,
        'was created by the run, and remains because of later changes or a login',
        'were created by the run, and remain because of later changes or logins',
      ),
      ...describe(
        decided,
        'has been enabled or disabled since then, and was not changed',
        'have been enabled or disabled since then, and were not changed',
      ),
      ...(migrated > 0
        ? [
            `${migrated === 1 ? '1 user was' : `${migrated} users were`} migrated from the built-in IAM, and ${migrated === 1 ? 'remains' : 'remain'} in ${run.iam}.`,
          ]
        : []),
      ...describe(
        emptied.map(({ name }) => name),
        'has no members now, and was not deleted',
        'have no members now, and were not deleted',
      ),
      ...(later === null ? [] : [`Run ${later} was applied later; its changes remain.`]),
    ],
    durationMs: Math.round(performance.now() - startedMs),
  };
}

function describe(names: readonly string[], one: string, several: string): string[] {
  if (names.length === 0) return [];
  const more = names.length - maxNames;
  const list = `${names.slice(0, maxNames).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
  return [`${list} ${names.length === 1 ? one : several}.`];
}
