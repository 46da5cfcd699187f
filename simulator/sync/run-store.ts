// Records of runs: requests, outcomes and plans. They are also the checkpoint from which a run resumes.
import { type SimulatorDatabase, toTextBytes } from '../database/open-database.ts';
import { noAnswerKinds } from './endpoint-answer.ts';
import type { RecordedUser, Run, RunDecision, RunPhase, RunSummary, RunUser, UserOutcome } from './run.ts';
import { type RunRow, toRun } from './run-row.ts';
import { SyncError } from './sync-error.ts';
import type { UserList } from './sync-request.ts';

export interface ChangedUser {
  readonly userid: string;
  /** Null: the user did not exist before. */
  readonly before: string | null;
  readonly after: string;
}

export interface FailureReason {
  readonly outcome: UserOutcome;
  readonly detail: string | null;
  readonly users: number;
}

interface PlannedRunUser {
  readonly userid: string;
  readonly plan: string;
  /** Null: unchanged. */
  readonly after: string | null;
}

/** States are stored separately, so that a run can refer to the state that a cached response belongs to. */
const usersWithStates = `run_users
  LEFT JOIN user_states before ON before.id = before_id LEFT JOIN user_states after ON after.id = after_id`;

export function createRunStore(db: SimulatorDatabase) {
  function get(id: number): Run {
    const row = db.find<RunRow>('SELECT * FROM runs WHERE id = ?', [id]);
    if (row) return toRun(row);
    throw new SyncError('unknown', `There is no run ${id}. \`user-info simulate runs list\` lists all runs.`);
  }

  function addState(text: string | null): number | null {
    return text === null
      ? null
      : db.run('INSERT INTO user_states (text) VALUES (CAST(? AS TEXT))', [toTextBytes(text)]).lastId;
  }

  return {
    get,

    /** @param listOrigin source of the user list; null: unknown. */
    begin(
      run: Omit<Run, 'id' | 'phase' | 'endedAt' | 'summary' | 'decision' | 'undone' | 'skippedSyncs'>,
      listOrigin: UserList['origin'] | null = null,
    ): Run {
      const { lastId } = db.run(
        `INSERT INTO runs
           (iam, actor, scope, source, source_hash, dry_run, phase, started_at, settings, faults, list_origin, based_on)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'requesting', ?7, ?8, ?9, ?10,
           coalesce((SELECT max(applied_order) FROM runs WHERE iam = ?1), 0))`,
        [
          run.iam,
          run.by,
          run.scope,
          run.source,
          run.sourceHash,
          run.dryRun ? 1 : 0,
          run.startedAt,
          JSON.stringify(run.settings),
          run.faults && JSON.stringify(run.faults),
          listOrigin && JSON.stringify(listOrigin),
        ],
      );
      return get(lastId);
    },

    /** Returns the source of a run's user list; null: unknown. */
    listOrigin(id: number): NonNullable<UserList['origin']> | null {
      const text = db.find<{ origin: string | null }>('SELECT list_origin AS origin FROM runs WHERE id = ?', [
        id,
      ])?.origin;
      return text === null || text === undefined ? null : (JSON.parse(text) as NonNullable<UserList['origin']>);
    },

    /** Returns the records, newest first. */
    list(
      limit: number,
      { iam = null, offset = 0 }: { readonly iam?: string | null; readonly offset?: number } = {},
    ): Run[] {
      return db
        .all<RunRow>('SELECT * FROM runs WHERE ?1 IS NULL OR iam = ?1 ORDER BY id DESC LIMIT ?2 OFFSET ?3', [
          iam,
          limit,
          offset,
        ])
        .map(toRun);
    },

    /** Returns when the last run of an IAM by this actor started; null: there was none. */
    lastStart(iam: string, by: string): string | null {
      const row = db.find<{ at: string }>(
        'SELECT started_at AS at FROM runs WHERE iam = ? AND actor = ? ORDER BY id DESC LIMIT 1',
        [iam, by],
      );
      return row?.at ?? null;
    },

    /** Marks a run as being applied, and places it after all runs that were applied so far. */
    beginApplying(id: number): void {
      db.run(
        `UPDATE runs SET phase = 'applying',
           applied_order = coalesce(applied_order, (SELECT coalesce(max(applied_order), 0) + 1 FROM runs)) WHERE id = ?`,
        [id],
      );
    },

    /**
     * Returns the latest other run of the IAM that was applied, even partially, after this run was applied or, if it was not, started. Null: there is
     * none.
     */
    findAppliedAfter(id: number): number | null {
      const row = db.find<{ id: number }>(
        `SELECT later.id FROM runs own JOIN runs later ON later.iam = own.iam AND later.id <> own.id
         WHERE own.id = ? AND later.applied_order > coalesce(own.applied_order, own.based_on)
         ORDER BY later.applied_order DESC LIMIT 1`,
        [id],
      );
      return row?.id ?? null;
    },

    /**
     * Returns the runs of the same IAM that started since a time, and were applied after the last run with accepted losses. Sorts them by
     * application.
     */
    appliedSince({ id, iam }: Pick<Run, 'id' | 'iam'>, since: string): Run[] {
      return db
        .all<RunRow>(
          `SELECT * FROM runs WHERE iam = ?1 AND id <> ?2 AND started_at >= ?3 AND applied_order >
             coalesce((SELECT max(applied_order) FROM runs WHERE iam = ?1 AND decision ->> 'kind' = 'accepted'
               AND (summary ->> '$.toConfirm' IS NULL OR summary ->> '$.toConfirm.losses' IS NOT NULL)), 0)
           ORDER BY applied_order`,
          [iam, id, since],
        )
        .map(toRun);
    },

    /** Marks the users who would lose access in a run. */
    markLosing(id: number, userids: readonly string[]): void {
      db.transaction(() => {
        db.run('UPDATE run_users SET loses = 0 WHERE run_id = ? AND loses = 1', [id]);
        db.run('UPDATE run_users SET loses = 1 WHERE run_id = ?1 AND userid IN (SELECT value FROM json_each(?2))', [
          id,
          JSON.stringify(userids),
        ]);
      });
    },

    /** Yields pages of the users who lost access in a run, sorted by user name, with their state before the run. */
    *losing(id: number): Generator<Array<Pick<RecordedUser, 'userid' | 'before'>>> {
      for (let after = ''; ; ) {
        const page = db.all<Pick<RecordedUser, 'userid' | 'before'>>(
          `SELECT userid, before.text AS before FROM ${usersWithStates}
           WHERE run_id = ? AND loses = 1 AND userid > ? ORDER BY userid LIMIT 1000`,
          [id, after],
        );
        const last = page.at(-1);
        if (last === undefined) return;
        yield page;
        after = last.userid;
      }
    },

    /** Returns the effects of a run, sorted by user name, after `afterUserid`. */
    effects(
      id: number,
      afterUserid: string,
      limit: number,
    ): Array<{ readonly userid: string; readonly effect: string }> {
      return db.all(
        `SELECT userid, effect FROM run_users WHERE run_id = ? AND userid > ? AND effect IS NOT NULL
         ORDER BY userid LIMIT ?`,
        [id, afterUserid, limit],
      );
    },

    /** Marks a run as undone, which counts as a change after all runs that were applied so far. */
    markUndone(id: number, undone: NonNullable<Run['undone']>): void {
      db.run(`UPDATE runs SET undone = ?, applied_order = (SELECT max(applied_order) + 1 FROM runs) WHERE id = ?`, [
        JSON.stringify(undone),
        id,
      ]);
    },

    /** Records the decision about a stopped run. */
    decide(id: number, decision: RunDecision): void {
      db.run('UPDATE runs SET decision = ? WHERE id = ?', [JSON.stringify(decision), id]);
    },

    /**
     * Returns the run on which an IAM awaits a decision: stopped by the guard and undecided. Only the latest evaluated run of all users, except for
     * dry runs, is considered. Null: none.
     */
    findUndecided(iam: string): Run | null {
      const row = db.find<RunRow>(
        `SELECT * FROM runs WHERE iam = ? AND scope = 'all' AND dry_run = 0 AND phase IN ('evaluated', 'applying', 'done')
         ORDER BY id DESC LIMIT 1`,
        [iam],
      );
      const run = row && toRun(row);
      return run && run.phase === 'evaluated' && run.decision === null && (run.summary?.stopped.length ?? 0) > 0
        ? run
        : null;
    },

    /** Counts a scheduled sync that was skipped because this run awaits a decision. */
    countSkippedSync(id: number): void {
      db.run('UPDATE runs SET skipped_syncs = skipped_syncs + 1 WHERE id = ?', [id]);
    },

    end(id: number, phase: RunPhase, endedAt: string, summary: RunSummary): void {
      db.run('UPDATE runs SET phase = ?, ended_at = ?, summary = ? WHERE id = ?', [
        phase,
        endedAt,
        JSON.stringify(summary),
        id,
      ]);
    },

    /**
     * Adds users to a run. Users who are already in the run remain unchanged. Inserts row by row, which costs half as much as inserting all rows from
     * one JSON text.
     */
    addUsers(id: number, users: readonly RunUser[]): void {
      db.transaction(() => {
        for (const { userid, outcome, status, detail, before, after, plan } of users) {
          db.run(
            `INSERT OR IGNORE INTO run_users (run_id, userid, outcome, status, detail, before_id, after_id, plan)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
            [id, userid, outcome, status, detail, addState(before), addState(after), plan],
          );
        }
      });
    },

    /** Removes users without a response, so that a resumed run requests them again. */
    removeUnanswered(id: number): void {
      db.run('DELETE FROM run_users WHERE run_id = ? AND outcome IN (SELECT value FROM json_each(?))', [
        id,
        JSON.stringify(noAnswerKinds),
      ]);
    },

    /** Returns which of these user names are in the run. */
    known(id: number, userids: readonly string[]): Set<string> {
      const rows = db.all<{ userid: string }>(
        'SELECT userid FROM run_users WHERE run_id = ?1 AND userid IN (SELECT value FROM json_each(?2))',
        [id, JSON.stringify(userids)],
      );
      return new Set(rows.map(({ userid }) => userid));
    },

    find(id: number, userid: string): RecordedUser | null {
      return db.find<RecordedUser>(
        `SELECT userid, outcome, status, detail, before.text AS before, after.text AS after FROM ${usersWithStates}
         WHERE run_id = ? AND userid = ?`,
        [id, userid],
      );
    },

    /** Returns the latest run that included this user of an IAM; null: there is none. */
    findLatestOf(iam: string, userid: string): number | null {
      const row = db.find<{ id: number }>(
        `SELECT runs.id FROM runs JOIN run_users ON run_id = runs.id AND userid = ?2 WHERE iam = ?1
         ORDER BY runs.id DESC LIMIT 1`,
        [iam, userid],
      );
      return row?.id ?? null;
    },

    /** Returns users sorted by user name, after `afterUserid` ('' for the beginning). */
    page(id: number, afterUserid: string, limit: number): RecordedUser[] {
      return db.all<RecordedUser>(
        `SELECT userid, outcome, status, detail, before.text AS before, after.text AS after FROM ${usersWithStates}
         WHERE run_id = ? AND userid > ? ORDER BY userid LIMIT ?`,
        [id, afterUserid, limit],
      );
    },

    /** Returns users whose state changes, sorted by user name, after `afterUserid`. */
    changed(id: number, afterUserid: string, limit: number): ChangedUser[] {
      return db.all<ChangedUser>(
        `SELECT userid, before.text AS before, after.text AS after FROM ${usersWithStates}
         WHERE run_id = ? AND userid > ? AND after_id IS NOT NULL ORDER BY userid LIMIT ?`,
        [id, afterUserid, limit],
      );
    },

    /** Returns users with a plan, sorted by user name, after `afterUserid`; earlier plans are not searched again. */
    planned(id: number, afterUserid: string, limit: number): PlannedRunUser[] {
      return db.all<PlannedRunUser>(
        `SELECT userid, plan, after.text AS after FROM ${usersWithStates}
         WHERE run_id = ? AND userid > ? AND plan IS NOT NULL ORDER BY userid LIMIT ?`,
        [id, afterUserid, limit],
      );
    },

    /** Removes the plans of users after `afterUserid`, up to and including `lastUserid`. */
    clearPlans(id: number, afterUserid: string, lastUserid: string): void {
      db.run('UPDATE run_users SET plan = NULL WHERE run_id = ? AND userid > ? AND userid <= ? AND plan IS NOT NULL', [
        id,
        afterUserid,
        lastUserid,
      ]);
    },

    /** Returns the reasons for failures with the number of users of each, most frequent first. */
    failureReasons(id: number, limit: number): FailureReason[] {
      return db.all<FailureReason>(
        `SELECT outcome, detail, count(*) AS users FROM run_users WHERE run_id = ? AND outcome NOT IN ('user', 'gone')
         GROUP BY outcome, detail ORDER BY users DESC, outcome, detail LIMIT ?`,
        [id, limit],
      );
    },

    tally(id: number): Array<{ readonly outcome: UserOutcome; readonly users: number }> {
      return db.all(
        'SELECT outcome, count(*) AS users FROM run_users WHERE run_id = ? GROUP BY outcome ORDER BY outcome',
        [id],
      );
    },

    delete(id: number): void {
      db.transaction(() => {
        get(id);
        db.run('DELETE FROM runs WHERE id = ?', [id]);
        db.run(
          `DELETE FROM user_states WHERE id NOT IN (
             SELECT before_id FROM run_users WHERE before_id IS NOT NULL
             UNION ALL SELECT after_id FROM run_users WHERE after_id IS NOT NULL
             UNION ALL SELECT state_id FROM remembered_answers
           )`,
        );
      });
    },
  };
}

export type RunStore = ReturnType<typeof createRunStore>;

/** Yields every user of a run, sorted by user name. */
export function eachRunUser(runs: RunStore, id: number): Generator<RecordedUser> {
  return eachOfPages((after) => runs.page(id, after, 1000));
}

/** Yields the effect of a run on each user for whom it changed something, sorted by user name. */
export function eachEffect(
  runs: RunStore,
  id: number,
): Generator<{ readonly userid: string; readonly effect: string }> {
  return eachOfPages((after) => runs.effects(id, after, 1000));
}

/** Yields every user of a run whose state changes, sorted by user name. */
export function eachChangedUser(runs: RunStore, id: number): Generator<ChangedUser> {
  return eachOfPages((after) => runs.changed(id, after, 1000));
}

function* eachOfPages<User extends { readonly userid: string }>(
  readPage: (afterUserid: string) => User[],
): Generator<User> {
  for (let after = ''; ; ) {
    const page = readPage(after);
    yield* page;
    const last = page.at(-1);
    if (!last) return;
    after = last.userid;
  }
}
