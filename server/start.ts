// The running server: opens its ports and closes all resources in a defined order.
import { setTimeout as sleep } from 'node:timers/promises';
import type { MetricObject } from 'prom-client';
import {
  type AssembledServer,
  assembleServer,
  type PartOptions,
  type ServerOrder,
  type WorkerChannel,
} from './assemble-server.ts';
import type { LoginNews } from './auth/login-memory.ts';
import { checkConfigFiles, withFileFaults } from './config/check-config-files.ts';
import { ConfigError } from './config/config-error.ts';
import type { ConfigOrigin } from './config/config-origin.ts';
import type { ConfigReading } from './config/read-config.ts';
import { authorityOf, bind } from './http/bind.ts';
import { openAdministration } from './observability/administration.ts';
import { openLog } from './observability/logger.ts';
import { createReadiness, type Readiness } from './observability/readiness.ts';
import { findInputs } from './reload/input-digest.ts';
import type { ReloadOutcome, ReloadScope } from './reload/reload-state.ts';
import type { PreparedReload } from './reload/reloader.ts';
import { watchInputs } from './reload/watch-inputs.ts';
import { watchTerms } from './tls/term-warnings.ts';
import { valueWithin } from './within.ts';

export interface RunningServer {
  /** The endpoint's URL without a query, e.g. "https://127.0.0.1:8443/user-info". */
  readonly url: string;
  /** e.g. "http://127.0.0.1:9090"; `null` without an administration listener. */
  readonly administrationUrl: string | null;
  /**
   * Reads the configuration, all files that it names, and the source again. An invalid configuration is rejected as a whole, and the current one
   * stays in use. Never rejects.
   */
  reload(): Promise<ReloadOutcome>;
  /**
   * Shuts the server down. Readiness fails at once, and each response closes its connection. After `shutdown.drainMs` the server accepts no new
   * connections, and at most a second later it closes the connections that have no request in progress. Requests in flight finish within
   * `shutdown.deadlineMs`; then everything is closed. Idempotent.
   *
   * @returns false when requests had to be aborted at the deadline.
   */
  stop(): Promise<boolean>;
}

/** A server that is controlled by its primary. It has no administration listener and watches no files. */
export interface ServerPart {
  readonly server: RunningServer;
  readiness(): Promise<Readiness>;
  collectMetrics(): Promise<readonly MetricObject[]>;
  prepareReload(scope: ReloadScope): Promise<PreparedReload>;
  /** Reopens the files of the log and of the audit trail, if any. */
  reopenFiles(): void;
  /** Applies a message from another worker. */
  learnLogin(news: LoginNews): void;
  /** Sets the ticket keys for new TLS connections: earlier tickets are no longer accepted. */
  useTicketKeys(ticketKeys: string): void;
  /** Returns the digest of its input files. */
  digest(): string;
}

/** How long to wait for the records of requests whose connections were closed at the deadline. */
const cutRequestsMs = 1000;

/**
 * Starts the server with a configuration that each reload reads again.
 *
 * @param reading the configuration, if the caller has already read it.
 * @throws {ConfigError} when the configuration or a file that it names is invalid; {SourceError} when the source cannot be used; Node's error when a
 * port cannot be bound. Nothing is left open in that case.
 */
export async function startServerFrom(origin: ConfigOrigin, reading = origin.read()): Promise<RunningServer> {
  return (await startAny(reading, origin, null)).server;
}

/** Starts one of several workers. @throws like `startServerFrom`. */
export async function startServerPart(origin: ConfigOrigin, options: PartOptions & WorkerChannel): Promise<ServerPart> {
  return startAny(origin.read(), origin, options);
}

async function startAny(reading: ConfigReading, origin: ConfigOrigin, part: ServerOrder['part']): Promise<ServerPart> {
  const { config } = reading;
  const inputs = findInputs(reading, origin.file);
  const { faults } = checkConfigFiles(reading);
  if (faults.length > 0) throw new ConfigError(faults);
  return withFileFaults(reading, {}, () => open({ config, inputs, origin, part }));
}

/** Minimum time that sources have to close, even if requests have used up the whole deadline. */
const leastCloseMs = 500;

async function open(from: Omit<ServerOrder, 'log'>): Promise<ServerPart> {
  const { config } = from;
  const log = await openLog(config.logging);
  const opened: Array<() => Promise<unknown>> = [() => log.close()];
  const order = { ...from, log };
  try {
    const assembled = await assembleServer(order, opened);
    await assembled.reloader.catchUp();
    return await listen(order, assembled, opened);
  } catch (error) {
    for (const close of opened) await close();
    throw error;
  }
}

/** Opens the ports and starts the watch that triggers reloads. */
async function listen(
  { config, part, log }: ServerOrder,
  assembled: AssembledServer,
  opened: Array<() => Promise<unknown>>,
): Promise<ServerPart> {
  const { logger } = log;
  const { audit, connections, listener, logins, metrics, reloader, generationSwap } = assembled;
  let isStopping = false;
  const readinessOf = createReadiness(logger);
  const readiness = async (): Promise<Readiness> => {
    const { generation } = reloader.state();
    if (isStopping) return { status: 'not-ready', reasons: ['The server is shutting down.'], generation };
    const { source, config: inUse } = reloader.current();
    const trouble = audit?.trouble() ?? null;
    const otherReasons = trouble === null ? [] : [trouble];
    return readinessOf({ source, reload: reloader.state(), checkDeadlineMs: inUse.deadlineMs, otherReasons });
  };
  const reopenFiles = () => {
    log.reopen();
    audit?.reopen();
  };
  const reload = () => {
    reopenFiles();
    return reloader.reload('all');
  };
  await bind(listener, config.listener);
  opened.unshift(() => connections.close(0));
  const administration = await openAdministration(part === null ? config.administration : undefined, {
    readiness,
    metrics: () => metrics.render(),
    reload,
    logger,
  });
  const watch = watchInputs({
    settings: () => ({ ...reloader.current().config.reload, ...(part !== null && { watch: false }) }),
    inputs: () => reloader.inputs(),
    reloadIfChanged: (retry) => reloader.reloadIfChanged(retry),
  });
  const terms = watchTerms(() => reloader.current().certificateTerms, logger);
  assembled.onReload(() => watch.renew());
  assembled.onNewGeneration(() => terms.check(Date.now()));

  const url = `${config.listener.tls ? 'https' : 'http'}://${authorityOf(listener)}${config.listener.path}`;
  const administrationUrl = administration?.url ?? null;
  logger.info({ url, administrationUrl: administrationUrl ?? undefined, source: config.source.type }, 'listening');

  const stop = async (): Promise<boolean> => {
    const { shutdown } = reloader.current().config;
    const endsAtMs = performance.now() + shutdown.drainMs + shutdown.deadlineMs;
    logger.info({ ...shutdown }, 'stopping');
    isStopping = true;
    assembled.stop();
    watch.close();
    terms.close();
    assembled.overload.close();
    const reloadSettled = reloader.close();
    await sleep(shutdown.drainMs);
    const finished = await connections.close(shutdown.deadlineMs, assembled.drain);
    assembled.stalledReaders.close();
    // Aborted requests are recorded in the log and the audit trail.
    await reloader.current().drained(cutRequestsMs);
    await administration?.close();
    // A hanging source must not keep the process running: it gets the remaining time, or a short grace period if no time is left.
    const closing = Promise.all([reloadSettled, generationSwap.settled(), reloader.current().close()]);
    const closed = await valueWithin(Math.max(endsAtMs - performance.now(), leastCloseMs), closing);
    if (closed === null) logger.warn('the source did not close in time; the process exits');
    await audit?.close();
    logger.info({ finished }, 'stopped');
    await log.close();
    return finished;
  };
  let stopping: Promise<boolean> | null = null;
  const server: RunningServer = {
    url,
    administrationUrl,
    reload,
    stop() {
      stopping ??= stop();
      return stopping;
    },
  };
  return {
    server,
    readiness,
    collectMetrics: () => metrics.collect(),
    prepareReload: (scope) => reloader.prepare(scope),
    reopenFiles,
    learnLogin: logins.learn,
    useTicketKeys: (ticketKeys) => generationSwap.useTicketKeys(Buffer.from(ticketKeys, 'base64')),
    digest: () => reloader.digest(),
  };
}
