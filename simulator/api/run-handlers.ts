// REST operations on runs: list, show, compare, start, resume, reject, undo and interrupt.
import { keepAdministrator } from '../administrators.ts';
import { diffRuns, diffStates } from '../sync/diff-runs.ts';
import type { FailureKind } from '../sync/evaluate-response.ts';
import { assumedBy } from '../sync/guess-origins.ts';
import { loadIamSettings } from '../sync/iam-settings.ts';
import type { RecordedUser, Run } from '../sync/run.ts';
import { endingOf, rejectRun } from '../sync/run-decisions.ts';
import { needsList, resumeSync, runSync } from '../sync/run-sync.ts';
import type { SyncControl } from '../sync/sync-request.ts';
import { undoRun } from '../sync/undo-run.ts';
import { readState } from '../sync/user-state.ts';
import { type Call, type Handler, handle } from './handler.ts';
import { toSyncAnswer } from './sync-answer.ts';

interface RunPath {
  readonly runid: number;
}

interface BeginBody {
  readonly userids: readonly string[] | null;
  readonly dryRun: boolean;
  readonly tolerate: readonly FailureKind[];
}

interface ResumeBody {
  readonly acceptLosses?: number;
  readonly acceptGains?: number;
  readonly tolerate: readonly FailureKind[];
}

/** Maximum number of differences listed; further ones are only counted. */
const maxDifferences = 1000;

export const runHandlers: Readonly<Record<string, Handler>> = {
  listRuns: handle<{ query: { size: number; offset: number; iamid?: string } }>(
    ({ query: { size, offset, iamid } }, { simulator, runner }) =>
      simulator.runs.list(size, { offset, iam: iamid ?? null }).map((run) => toRun(run, runner)),
  ),
  getRun: handle<{ path: RunPath; query: { after: string; size: number } }>(({ path, query }, call) => {
    const { simulator, runner } = call;
    const run = simulator.runs.get(path.runid);
    const page = listChanged(simulator.runs, run.id, query.after, query.size);
    return { ...toRun(run, runner), ...assumedBy(run), ...page };
  }),
  diffRuns: handle<{ path: RunPath & { readonly other: number } }>(({ path }, { simulator }) => {
    const differences = [];
    let count = 0;
    for (const difference of diffRuns(simulator.runs, path.runid, path.other)) {
      if (count++ < maxDifferences) differences.push(difference);
    }
    const runs = [path.runid, path.other].map((id) => {
      const { iam, summary } = simulator.runs.get(id);
      return { id, iam, asked: summary?.asked ?? 0, answered: summary?.answered ?? 0 };
    });
    return { differences, count, runs };
  }),
  beginRun: handle<{ path: { iamid: string }; body: BeginBody }>(
    async ({ path: { iamid }, body: { tolerate, ...body } }, { simulator, runner, readUserList, by }) => {
      const scope = body.userids === null ? 'all' : 'users';
      const work = async (control: SyncControl) => {
        const settings = loadIamSettings(simulator.identities.iams.get(iamid).settings);
        const list = await readUserList(iamid, settings);
        return runSync(simulator, { iam: iamid, scope, list, by, ...body }, control);
      };
      return toSyncAnswer(await runner.run(iamid, work), tolerate);
    },
  ),
  resumeRun: handle<{ path: RunPath; body: ResumeBody }>(
    async (
      { path: { runid }, body: { acceptLosses, acceptGains, tolerate } },
      { simulator, runner, readUserList, by },
    ) => {
      const run = simulator.runs.get(runid);
      const work = async (control: SyncControl) => {
        const list = needsList(run) ? await readUserList(run.iam, run.settings) : null;
        const accept = {
          by,
          ...(acceptLosses !== undefined && { losses: acceptLosses }),
          ...(acceptGains !== undefined && { gains: acceptGains }),
        };
        return resumeSync(simulator, runid, list, { ...control, accept });
      };
      return toSyncAnswer(await runner.run(run.iam, work), tolerate);
    },
  ),
  rejectRun: handle<{ path: RunPath }>(({ path: { runid } }, { simulator, by }) => rejectRun(simulator, runid, by)),
  undoRun: handle<{ path: RunPath }>(({ path: { runid } }, { simulator, runner, by }) => {
    runner.assertFree();
    return keepAdministrator(simulator, () => undoRun(simulator, runid, by));
  }),
  interruptRun: handle((_request, { runner }) => runner.interrupt()),
  getConformance: handle((_request, { readConformance }) => readConformance()),
};

/**
 * Returns a run. A run without an end is in progress if this server runs it; otherwise it was interrupted, because no other process uses the store.
 */
function toRun(run: Run, runner: Call['runner']) {
  const { id, iam, by, scope, source, dryRun, startedAt, endedAt, summary, decision, undone, skippedSyncs } = run;
  const event = runner.running();
  const isRunning = event?.kind === 'progress' && event.runId === id;
  const ending = isRunning ? ('running' as const) : endingOf(run);
  const applied = run.phase === 'done' ? 'all' : run.phase === 'applying' ? 'some' : 'none';
  return {
    ...{ id, iam, by, scope, source, dryRun, startedAt, endedAt, ending, summary },
    applied: applied as 'all' | 'some' | 'none',
    ...{ decision, undone, skippedSyncs },
  };
}

/** Returns the users after a given one who changed or could not be retrieved. `next` is the last of them; null: there are no more. */
function listChanged(runs: Call['simulator']['runs'], id: number, after: string, size: number) {
  const users = [];
  for (let cursor = after; ; ) {
    const page = runs.page(id, cursor, 1000);
    for (const user of page) {
      cursor = user.userid;
      if (user.after === null && user.outcome === 'user') continue;
      users.push(toChange(user));
      if (users.length === size) return { users, next: cursor };
    }
    if (page.length < 1000) return { users, next: null };
  }
}

function toChange({ userid, outcome, status, detail, before, after }: RecordedUser) {
  const nobody = { groups: [], authorizations: {} };
  const was = before === null ? nobody : readState(before);
  const difference = after === null ? null : diffStates(userid, was, readState(after));
  const { gained = [], lost = [] } = difference ?? {};
  return { userid, outcome, status, detail, isNew: before === null, gained, lost };
}

/** Responses of `listRuns` and `getRun`. */
export type RunBody = ReturnType<typeof toRun>;
export type ChangeBody = ReturnType<typeof toChange>;
