// Owns the running server: which ports are opened, in which order, and how it is all closed again.
import { setTimeout as sleep } from 'node:timers/promises';
import type { MetricObject } from 'prom-client';
import type { LoadedServerConfig } from '../schemas/generated/loaded-server-config.ts';
import { openAdministration } from './administration.ts';
import {
  type AssembledServer,
  assembleServer,
  type PartOptions,
  type PartVoice,
  type ServerOrder,
} from './assemble-server.ts';
import type { LoginNews } from './auth/login-memory.ts';
import { authorityOf, bind } from './bind.ts';
import { openLog } from './logger.ts';
import { createReadiness, type Readiness } from './readiness.ts';
import type { ReloadOutcome } from './reload-state.ts';
import type { ConfigOrigin, PreparedReload, ReloadScope } from './reloader.ts';
import { watchTerms } from './term-warnings.ts';
import { watchInputs } from './watch-inputs.ts';

export interface RunningServer {
  /** The endpoint's URL without a query, e.g. "https://127.0.0.1:8443/user-info". */
  readonly url: string;
  /** e.g. "http://127.0.0.1:9090"; `null` without an administration listener. */
  readonly administrationUrl: string | null;
  /**
   * Takes up the configuration and all files it names anew, the source included. What is broken is refused as a whole, and
   * what is in use goes on. Never rejects.
   */
  reload(): Promise<ReloadOutcome>;
  /**
   * Ends it: readiness says no, requests go on being answered for `shutdown.drainMs`, then no connection is taken any more,
   * requests under way finish within `shutdown.deadlineMs`, and everything is closed. Idempotent.
   *
   * @returns false when requests had to be cut at the deadline.
   */
  stop(): Promise<boolean>;
}

/** A server that is told by its primary what to do. It has no administration listener and watches no files. */
export interface ServerPart {
  readonly server: RunningServer;
  readiness(): Promise<Readiness>;
  collectMetrics(): Promise<readonly MetricObject[]>;
  prepareReload(scope: ReloadScope): Promise<PreparedReload>;
  /** Opens the files of the log and of the audit trail anew, where there are some. */
  reopenFiles(): void;
  /** Takes up what another worker tells. */
  learnLogin(news: LoginNews): void;
  /** For new TLS connections: tickets of before are accepted no longer. */
  useTicketKeys(ticketKeys: string): void;
  /** Of the files that it was made from. */
  digest(): string;
}

/**
 * Starts the server that a configuration describes.
 *
 * @param origin where a reload reads it anew; by default it stays, and only the files that it names are.
 * @throws {SourceError} when the source can't serve; an Error of Node's when a file can't be read or a port can't be
 *   bound. Nothing is left open then.
 */
export async function startServer(config: LoadedServerConfig, origin?: ConfigOrigin): Promise<RunningServer> {
  return (await startAny(config, origin ?? staysAs(config), null)).server;
}

/** The same as one of several workers. @throws as `startServer` does. */
export function startServerPart(
  config: LoadedServerConfig,
  origin: ConfigOrigin,
  options: PartOptions & PartVoice,
): Promise<ServerPart> {
  return startAny(config, origin, options);
}

async function startAny(
  config: LoadedServerConfig,
  origin: ConfigOrigin,
  part: ServerOrder['part'],
): Promise<ServerPart> {
  const log = await openLog(config.logging);
  const opened: Array<() => Promise<unknown>> = [() => log.close()];
  const order = { config, origin, part, log };
  try {
    return await listen(order, await assembleServer(order, opened), opened);
  } catch (error) {
    for (const close of opened) await close();
    throw error;
  }
}

function staysAs(config: LoadedServerConfig): ConfigOrigin {
  return {
    file: null,
    read: () => ({ config, overrides: [], placeOf: () => ({ file: 'configuration', line: 0, column: 0 }) }),
  };
}

/** Opens the ports, and watches what a reload follows. */
async function listen(
  { config, part, log }: ServerOrder,
  assembled: AssembledServer,
  opened: Array<() => Promise<unknown>>,
): Promise<ServerPart> {
  const { logger } = log;
  const { audit, connections, listener, logins, metrics, reloader, succession } = assembled;
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
  assembled.onReload(() => {
    watch.renew();
    terms.check(Date.now());
  });

  const url = `${config.listener.tls ? 'https' : 'http'}://${authorityOf(listener)}${config.listener.path}`;
  const administrationUrl = administration?.url ?? null;
  logger.info({ url, administrationUrl: administrationUrl ?? undefined, source: config.source.type }, 'listening');

  const stop = async (): Promise<boolean> => {
    const { shutdown } = reloader.current().config;
    logger.info({ ...shutdown }, 'stopping');
    isStopping = true;
    watch.close();
    terms.close();
    assembled.overload.close();
    await reloader.close();
    await sleep(shutdown.drainMs);
    assembled.drain();
    const finished = await connections.close(shutdown.deadlineMs);
    assembled.stalledReaders.close();
    await administration?.close();
    await Promise.all([succession.settled(), reloader.current().close()]);
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
    useTicketKeys: (ticketKeys) => succession.useTicketKeys(Buffer.from(ticketKeys, 'base64')),
    digest: () => reloader.digest(),
  };
}
