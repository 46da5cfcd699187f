// Primary of several workers: starts them, replaces those that die, and reports for all of them.
import cluster from 'node:cluster';
import { randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { Counter, Gauge, Registry } from 'prom-client';
import { RateLimiterClusterMaster } from 'rate-limiter-flexible';
import type { LoadedServerConfig } from '../../schemas/generated/loaded-server-config.ts';
import type { LoginNews } from '../auth/login-memory.ts';
import { checkConfigFiles } from '../config/check-config-files.ts';
import { ConfigError } from '../config/config-error.ts';
import type { ConfigOrigin } from '../config/config-origin.ts';
import type { ConfigReading } from '../config/read-config.ts';
import { type Administration, openAdministration } from '../observability/administration.ts';
import { openLog } from '../observability/logger.ts';
import { describeRefusal, type Readiness, shareFor } from '../observability/readiness.ts';
import { digestOfInputs, findInputs } from '../reload/input-digest.ts';
import type { ReloadOutcome, ReloadScope } from '../reload/reload-state.ts';
import { describeFailure } from '../reload/reloader.ts';
import { type InputsWatcher, watchInputs } from '../reload/watch-inputs.ts';
import type { RunningServer } from '../start.ts';
import { valueWithin } from '../within.ts';
import { createJoinedMetrics } from './join-metrics.ts';
import { watchForHanging } from './watch-for-hanging.ts';
import { forkWorker, type WorkerProcess } from './worker-process.ts';

/** Time limit of a worker's response, so that a scrape, a probe or the shutdown does not wait for a hanging worker. */
const answerWithinMs = 5000;
/** Time after the deadline at which a worker that has not stopped is killed. */
const killAfterMs = 2000;
/** Maximum number of reloads; the watch handles files that change even after the last reload. */
const maxReloads = 4;
/** Probes can be arbitrarily frequent; workers are queried at most once in this time, unless the set of workers or their generation changes. */
const readinessValidMs = 1000;
/** More callers than any server has. */
const maxCallers = 1000;

const newTicketKeys = () => randomBytes(48).toString('base64');
const newKey = () => randomBytes(32).toString('base64');

/**
 * Starts `count` processes that listen on one port, each with its own source, and an administration listener in this process.
 *
 * @throws {ConfigError} when a file of the configuration is invalid; {WorkerStartFailure} when a worker cannot start; Node's error when the
 * administration port cannot be bound.
 *   No process is left running in that case.
 */
export async function startFleet(origin: ConfigOrigin, reading: ConfigReading, count: number): Promise<RunningServer> {
  const { config } = reading;
  let { files: inputs, digest: digestAtAttempt } = findInputs(reading, origin.file);
  const { faults } = checkConfigFiles(reading);
  if (faults.length > 0) throw new ConfigError(faults);
  const log = await openLog(config.logging);
  const { logger } = log;
  // The workers' output is forwarded line by line.
  cluster.setupPrimary({ silent: true });
  // Counts failed logins for all workers.
  new RateLimiterClusterMaster();

  const members = new Set<WorkerProcess>();
  let inUse = config;
  let digestInUse = digestAtAttempt;
  let ticketKeys = newTicketKeys();
  const useridHashKey = newKey();
  const loginKey = newKey();
  let generation = 1;
  let refusal: readonly string[] | null = null;
  let sourceWasDown = false;
  let isStopping = false;
  const restarts = createRestartPauses();
  /** Known callers, which are passed to the replacement of a dead worker because an attack may be in progress. */
  const callers = new LRUCache<string, LoginNews>({ max: maxCallers });

  const registry = new Registry();
  const registers = [registry];
  const restarted = new Counter({
    name: 'user_info_worker_restarts_total',
    help: 'Workers that exited unexpectedly and were replaced.',
    registers,
  });
  new Gauge({
    name: 'user_info_workers',
    help: 'Worker processes, by state: wanted, serving.',
    labelNames: ['state'],
    registers,
    collect() {
      this.set({ state: 'wanted' }, count);
      this.set({ state: 'serving' }, serving().length);
    },
  });
  const metrics = createJoinedMetrics(registry);
  const serving = () => [...members].filter((member) => member.isReady());

  function addMember(): WorkerProcess {
    const member: WorkerProcess = forkWorker({
      part: () => ({ generation, ticketKeys, useridHashKey, loginKey }),
      onLogin(news) {
        if (news.kind === 'caller') callers.set(news.caller, news);
        for (const other of members) if (other !== member) other.sendLogin(news);
      },
    });
    const startedAt = performance.now();
    members.add(member);
    member.ready.then(
      () => {
        for (const news of callers.values()) member.sendLogin(news);
      },
      () => undefined,
    );
    void member.ended.then(async () => {
      members.delete(member);
      await metrics.retire(member.pid);
      if (!isStopping && isStarted) replace(member, performance.now() - startedAt);
    });
    return member;
  }

  function replace({ pid }: WorkerProcess, livedMs: number): void {
    const pauseMs = restarts.after(livedMs);
    logger.error({ pid, pauseMs }, 'a worker exited; a replacement starts');
    restarted.inc();
    setTimeout(() => {
      if (isStopping) return;
      const member = addMember();
      member.ready.then(
        (started) => {
          logger.info({ pid: member.pid }, 'a worker is serving');
          // The new worker may have read newer files than the other workers, or a reload may have taken place while it started.
          if (started.digest !== digestInUse || started.generation !== generation) void order('changed');
        },
        (error: unknown) => logger.error({ pid: member.pid, reason: String(error) }, 'a worker cannot start'),
      );
    }, pauseMs).unref();
  }

  let underway: Promise<unknown> = Promise.resolve();
  function order(scope: ReloadScope): Promise<ReloadOutcome> {
    const outcome = underway.then(() => reloadUntilCurrent(scope)).finally(() => watch?.renew());
    underway = outcome.catch(() => undefined);
    return outcome;
  }

  const haveInputsChanged = () => digestOfInputs(inputs) !== digestAtAttempt;

  /** Reloads again when a file was replaced in the meantime, because there may be no further event. */
  async function reloadUntilCurrent(scope: ReloadScope): Promise<ReloadOutcome> {
    let outcome = await reload(scope);
    for (let reloads = 1; reloads < maxReloads && haveInputsChanged(); reloads++) outcome = await reload('changed');
    return outcome;
  }

  /** Lets the workers create the new generation one after the other while the current one is in use. They swap only when all have created it. */
  async function reload(scope: ReloadScope): Promise<ReloadOutcome> {
    if (isStopping) return { outcome: 'refused', generation, faults: ['The server is shutting down.'] };
    if (scope === 'all') {
      log.reopen();
      for (const member of serving()) member.request('reopen-files', null).catch(() => null);
    }
    digestAtAttempt = digestOfInputs(inputs);
    let reread: LoadedServerConfig;
    try {
      const rereading = origin.read();
      reread = rereading.config;
      ({ files: inputs, digest: digestAtAttempt } = findInputs(rereading, origin.file));
    } catch (error) {
      return refuse(describeFailure(error), false);
    }

    const prepared: WorkerProcess[] = [];
    let renewsTls = false;
    const discard = () =>
      Promise.all(prepared.map((member) => valueWithin(answerWithinMs, member.request('discard', null))));
    // The time limit is the same for each worker, and a worker responds in time unless its event loop is blocked.
    const { timeoutSeconds } = inUse.reload;
    for (const member of serving()) {
      const answer = await valueWithin(timeoutSeconds * 1000 + answerWithinMs, member.request('prepare', { scope }));
      if (answer === null && member.isReady()) {
        prepared.push(member);
        await discard();
        return refuse(
          [`A worker did not prepare the reload within ${timeoutSeconds} seconds (reload.timeoutSeconds).`],
          true,
        );
      }
      // A worker has ended. Its replacement reads the files itself.
      if (answer === null) continue;
      if (answer.isRefused) {
        await discard();
        return refuse(answer.outcome.faults, answer.sourceWasDown);
      }
      prepared.push(member);
      renewsTls ||= answer.renewsTls;
      if (answer.digest === digestAtAttempt) continue;
      await discard();
      return refuse(['The files changed while they were being read.'], true);
    }
    if (isStopping) {
      await discard();
      return { outcome: 'refused', generation, faults: ['The server is shutting down.'] };
    }
    inUse = reread;
    digestInUse = digestAtAttempt;
    generation += 1;
    refusal = null;
    sourceWasDown = false;
    // Without a serving worker it is unknown whether the certificates have changed.
    if (renewsTls || prepared.length === 0) ticketKeys = newTicketKeys();
    const order = { generation, ticketKeys };
    await Promise.all(prepared.map((member) => valueWithin(answerWithinMs, member.request('commit', order))));
    // Workers that are starting also get the keys; otherwise they would accept tickets issued under the previous CAs or CRLs.
    for (const member of members) if (!prepared.includes(member)) member.sendTicketKeys(ticketKeys);
    log.setLevel(inUse.logging.level);
    logger.info({ generation, workers: prepared.length }, 'reloaded in all workers');
    return { outcome: 'reloaded', generation, faults: [] };
  }

  function refuse(faults: readonly string[], isTransient: boolean): ReloadOutcome {
    if (faults.join() !== refusal?.join()) {
      logger.error(
        { generation, faults },
        'the newer configuration is rejected; the current generation remains in use',
      );
    }
    refusal = faults;
    sourceWasDown = isTransient;
    return { outcome: 'refused', generation, faults };
  }

  const collectReadiness = shareFor(readinessValidMs, async (_state: string) => {
    const answers = await Promise.all(
      serving().map((member) => valueWithin(answerWithinMs, member.request('readiness', null))),
    );
    return answers.filter((answer) => answer !== null);
  });

  async function readiness(): Promise<Readiness> {
    if (isStopping) return { status: 'not-ready', reasons: ['The server is shutting down.'], generation };
    const answers = await collectReadiness(`${generation} ${serving().map(({ pid }) => pid)}`);
    const ready = answers.filter(({ status }) => status !== 'not-ready');
    const reasons = new Set(answers.flatMap((answer) => answer.reasons));
    if (refusal !== null) reasons.add(describeRefusal(refusal, generation));
    if (ready.length < count) reasons.add(`${ready.length} of ${count} workers are ready.`);
    const status = ready.length === 0 ? 'not-ready' : reasons.size === 0 ? 'ready' : 'degraded';
    return { status, reasons: [...reasons], generation };
  }

  async function renderMetrics() {
    const collecting = serving().map(async (member) => {
      const numbers = await valueWithin(answerWithinMs, member.request('metrics', null));
      if (numbers !== null && member.isReady()) metrics.take(member.pid, numbers);
    });
    await Promise.all(collecting);
    return metrics.render();
  }

  async function endAll(): Promise<boolean> {
    const outcomes = [...members].map(async (member) => {
      // A worker that does not serve yet would not receive the request, and has nothing to finish.
      if (!member.isReady()) {
        member.kill();
        await member.ended;
        return true;
      }
      const answer = await member.request('stop', null).catch(() => null);
      await member.ended;
      return answer?.finished ?? false;
    });
    return (await Promise.all(outcomes)).every(Boolean);
  }

  function killAll(): void {
    for (const member of members) member.kill();
  }
  // Workers are also killed when the start is aborted, or when a second signal stops the process at once.
  process.once('exit', killAll);

  let isStarted = false;
  let watch: InputsWatcher | null = null;
  let url = '';
  let administration: Administration | null;
  try {
    const started = await Promise.all(Array.from({ length: count }, () => addMember().ready));
    url = started[0]?.url ?? '';
    isStarted = true;
    // Each worker has read the files itself, and the files may have been replaced in the meantime.
    if (haveInputsChanged() || started.some(({ digest }) => digest !== digestInUse)) await order('changed');
    const parts = { readiness, metrics: renderMetrics, reload: () => order('all'), logger };
    administration = await openAdministration(config.administration, parts);
  } catch (error) {
    isStopping = true;
    killAll();
    await Promise.all([...members].map(({ ended }) => ended));
    await log.close();
    throw error;
  }
  watch = watchInputs({
    settings: () => inUse.reload,
    inputs: () => inputs,
    async reloadIfChanged(retry) {
      await underway;
      if ((retry && sourceWasDown) || haveInputsChanged()) await order('changed');
    },
  });
  const hanging = watchForHanging({
    members: serving,
    timeoutSeconds: () => inUse.workerTimeoutSeconds,
    onHanging(member) {
      const { workerTimeoutSeconds } = inUse;
      logger.error({ pid: member.pid, workerTimeoutSeconds }, 'a worker does not respond; it is killed');
      member.kill();
    },
  });
  const administrationUrl = administration?.url ?? null;
  logger.info({ url, administrationUrl: administrationUrl ?? undefined, workers: count }, 'serving with workers');

  let stopping: Promise<boolean> | null = null;
  async function stop(): Promise<boolean> {
    isStopping = true;
    watch?.close();
    hanging.close();
    const { drainMs, deadlineMs } = inUse.shutdown;
    // A worker whose event loop is blocked, for example by a module, does not receive the request to stop.
    const killing = setTimeout(killAll, drainMs + deadlineMs + killAfterMs);
    const finished = await endAll();
    clearTimeout(killing);
    await administration?.close();
    logger.info({ finished }, 'all workers stopped');
    await log.close();
    return finished;
  }
  return {
    url,
    administrationUrl,
    reload: () => order('all'),
    stop() {
      stopping ??= stop();
      return stopping;
    },
  };
}

/** A worker that lived this long did not fail at startup. */
const soundMs = 10_000;
const firstPauseMs = 500;
const longestPauseMs = 30_000;

interface RestartPauses {
  /** Returns the delay in milliseconds: 0 after a normal lifetime, otherwise twice the previous delay, from half a second to half a minute. */
  after(livedMs: number): number;
}

/** Creates the delays before dead workers are replaced. Workers that die at startup must not exhaust the machine's resources. */
export function createRestartPauses(): RestartPauses {
  let quickDeaths = 0;
  return {
    after(livedMs) {
      quickDeaths = livedMs > soundMs ? 0 : quickDeaths + 1;
      return quickDeaths === 0 ? 0 : Math.min(longestPauseMs, firstPauseMs * 2 ** (quickDeaths - 1));
    },
  };
}
