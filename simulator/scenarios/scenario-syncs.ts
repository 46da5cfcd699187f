// Steps of a scenario that request users from the endpoint and apply the result: syncs and logins.
import type { ScenarioLogin, ScenarioSync } from '../../schemas/generated/loaded-scenario.ts';
import { resumeSync, runSync, type SyncResult } from '../sync/run-sync.ts';
import type { SyncControl, SyncProgress } from '../sync/sync-request.ts';
import { type ScenarioWorld, StepFailure, scenarioActor, scenarioIam } from './scenario-world.ts';

/** Maximum number of reasons for failures that are shown. */
const maxReasons = 5;

/** Faults for the requests of a run. */
function faultsOf({ network, seed }: ScenarioWorld): object {
  return network === null ? {} : { faults: { ...network, seed } };
}

export async function playSync(world: ScenarioWorld, step: ScenarioSync): Promise<string> {
  const stop = new AbortController();
  const control: SyncControl = {
    ...((step.acceptLosses !== undefined || step.acceptGains !== undefined) && {
      accept: {
        by: scenarioActor,
        ...(step.acceptLosses !== undefined && { losses: step.acceptLosses }),
        ...(step.acceptGains !== undefined && { gains: step.acceptGains }),
      },
    }),
    signal: AbortSignal.any([stop.signal, world.signal]),
    onProgress({ phase, done }: SyncProgress) {
      if (phase === 'requesting' && done === step.interruptAfter) stop.abort();
    },
  };
  const result = await begin(world, step, control);
  world.signal.throwIfAborted();
  world.last = result;
  const { ending, summary, run } = result;
  const shall = step.ending ?? (step.dryRun ? 'dry-run' : 'done');
  if (ending !== shall) {
    const why = summary.stopped.length > 0 ? `: ${summary.stopped.join(' ')}` : '';
    throw new StepFailure(`run ${run.id} ended as ${ending}, expected ${shall}${why}`);
  }
  const failures = wordFailures(summary.failures);
  const expected = wordFailures(step.failures ?? {});
  if (failures !== expected) {
    const reasons = world.simulator.runs
      .failureReasons(run.id, maxReasons)
      .map(({ detail, users }) => `${users}: ${detail}`);
    throw new StepFailure([`run ${run.id} failed for ${failures}, expected ${expected}`, ...reasons].join('\n'));
  }
  const { asked, created, changed, disabled } = summary;
  const failed = failures === 'nobody' ? '' : `, failed for ${failures}`;
  return `run ${run.id}, ${ending}: ${asked} requested${failed}, ${created} created, ${changed} changed, ${disabled} disabled`;
}

function begin(world: ScenarioWorld, step: ScenarioSync, control: SyncControl): Promise<SyncResult> {
  const { simulator, list, last } = world;
  if (step.resume) {
    if (last === null) throw new StepFailure('there is no run to resume.');
    if (step.userids !== undefined || (step.dryRun && !last.run.dryRun)) {
      throw new StepFailure(
        '`resume` continues the run as it was started. Remove `userids` and `dryRun`, or remove `resume`.',
      );
    }
    return resumeSync(simulator, last.run.id, last.run.source === 'store' ? null : list, control);
  }
  const userids = step.userids ?? null;
  const scope = userids === null ? 'all' : 'users';
  const request = { iam: scenarioIam, scope, userids, list, dryRun: step.dryRun, by: scenarioActor } as const;
  return runSync(simulator, { ...request, ...faultsOf(world) }, control);
}

export async function playLogin(world: ScenarioWorld, { userid, succeeds }: ScenarioLogin): Promise<string> {
  const request = { iam: scenarioIam, scope: 'login', userids: [userid], list: null, dryRun: false } as const;
  const result = await runSync(
    world.simulator,
    { ...request, by: scenarioActor, ...faultsOf(world) },
    { signal: world.signal },
  );
  world.signal.throwIfAborted();
  world.last = result;
  const isIn = result.isLoggedIn === true;
  if (isIn !== succeeds) {
    throw new StepFailure(`${userid} ${isIn ? 'can log in, but should not' : 'cannot log in, but should'}`);
  }
  return `${userid} ${isIn ? 'can log in' : 'cannot log in'}`;
}

function wordFailures(failures: Readonly<Record<string, number>>): string {
  const words = Object.entries(failures)
    .filter(([, users]) => users > 0)
    .map(([kind, users]) => `${users} ${kind}`);
  return words.length === 0 ? 'nobody' : words.sort().join(', ');
}
