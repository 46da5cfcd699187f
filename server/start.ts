// Owns the running server: what is opened, in which order, and how it is all closed again.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { LoadedServerConfig } from '../schemas/generated/loaded-server-config.ts';
import { createAccessLog, logFault } from './access-log.ts';
import { createGuardedSource } from './adapters/registry.ts';
import type { UserSource } from './adapters/user-source.ts';
import { createAdministrationServer } from './administration.ts';
import { certificateRequestOf, createAuthentication } from './auth/create-authentication.ts';
import { limitRequests } from './auth/request-limit.ts';
import { createApp } from './create-app.ts';
import { GuardTallies } from './guards/guard-tally.ts';
import { createListener, type Listener } from './listener.ts';
import { openLog, type ServerLog } from './logger.ts';
import { createMetrics, type ServerMetrics } from './metrics.ts';
import { trackConnections } from './open-connections.ts';
import type { OnAnswered } from './request-record.ts';
import { createUseridDisplay } from './userid-pseudonym.ts';

export interface RunningServer {
  /** The endpoint's URL without a query, e.g. "https://127.0.0.1:8443/user-info". */
  readonly url: string;
  /** e.g. "http://127.0.0.1:9090"; `null` without an administration listener. */
  readonly administrationUrl: string | null;
  /**
   * Ends it: readiness says no, requests go on being answered for `shutdown.drainMs`, then no connection is taken any more,
   * requests under way finish within `shutdown.deadlineMs`, and everything is closed. Idempotent.
   *
   * @returns false when requests had to be cut at the deadline.
   */
  stop(): Promise<boolean>;
}

/**
 * Starts the server that a configuration describes.
 *
 * @throws {SourceError} when the source can't serve; an Error of Node's when a file can't be read or a port can't be
 *   bound. Nothing is left open then.
 */
export async function startServer(config: LoadedServerConfig): Promise<RunningServer> {
  const log = await openLog(config.logging);
  const opened: Array<() => Promise<unknown>> = [() => log.close()];
  try {
    const guardTallies = new GuardTallies();
    const source = await createGuardedSource(config, { log: log.logger, guardTallies });
    opened.unshift(() => source.close());
    await source.check();
    return await listen(config, source, guardTallies, log, opened);
  } catch (error) {
    for (const close of opened) await close();
    throw error;
  }
}

async function listen(
  config: LoadedServerConfig,
  source: UserSource,
  guardTallies: GuardTallies,
  log: ServerLog,
  opened: Array<() => Promise<unknown>>,
): Promise<RunningServer> {
  const { logger } = log;
  const metrics = createMetrics(source, config.source.type, guardTallies);
  const state = { readyForRequests: true, draining: false };
  const listener = createEndpointListener(config, source, log, metrics, () => state.draining);
  const administration = config.administration
    ? createAdministrationServer({
        source,
        metrics,
        isDraining: () => !state.readyForRequests,
        checkDeadlineMs: config.deadlineMs,
      })
    : null;

  const connections = trackConnections(listener);
  const administrationConnections = administration && trackConnections(administration);
  await bind(listener, config.listener.host, config.listener.port);
  opened.unshift(() => connections.close(0));
  if (administration && config.administration) {
    await bind(administration, config.administration.host, config.administration.port);
  }

  const url = `${config.listener.tls ? 'https' : 'http'}://${authorityOf(listener)}${config.listener.path}`;
  const administrationUrl = administration ? `http://${authorityOf(administration)}` : null;
  logger.info({ url, administrationUrl: administrationUrl ?? undefined, source: config.source.type }, 'listening');

  const stop = async (): Promise<boolean> => {
    logger.info({ ...config.shutdown }, 'stopping');
    state.readyForRequests = false;
    await sleep(config.shutdown.drainMs);
    state.draining = true;
    const finished = await connections.close(config.shutdown.deadlineMs);
    await administrationConnections?.close(0);
    await source.close();
    logger.info({ finished }, 'stopped');
    await log.close();
    return finished;
  };
  let stopping: Promise<boolean> | null = null;
  return {
    url,
    administrationUrl,
    stop() {
      stopping ??= stop();
      return stopping;
    },
  };
}

function createEndpointListener(
  config: LoadedServerConfig,
  source: UserSource,
  log: ServerLog,
  metrics: ServerMetrics,
  isDraining: () => boolean,
): Listener {
  const { authentication } = config;
  const { logger } = log;
  const authenticate = createAuthentication(authentication, (reason, { socket }) =>
    logger.warn({ reason, remoteAddress: socket.remoteAddress }, 'a client certificate is not trusted'),
  );
  const onAnswered = createOnAnswered(config, log, metrics);
  const app = createApp({
    source,
    authenticate: limitRequests(authenticate, config.listener.maxRequestsPerSecond),
    path: config.listener.path,
    realm: authentication.realm,
    userid: config.userid,
    etag: config.answer.etag,
    deadlineMs: config.deadlineMs,
    ...(config.logging.requestIdHeader !== undefined && { requestIdHeader: config.logging.requestIdHeader }),
    isDraining,
    onAnswered,
  });
  return createListener({
    app,
    config: config.listener,
    certificateRequest: certificateRequestOf(authentication),
    onAnswered,
    onTlsFailure(reason, remoteAddress) {
      metrics.countTlsFailure();
      logger.warn({ reason, remoteAddress }, 'a TLS handshake failed');
    },
  });
}

function createOnAnswered({ logging }: LoadedServerConfig, log: ServerLog, metrics: ServerMetrics): OnAnswered {
  if (!logging.accessLog) {
    return (record) => {
      metrics.onAnswered(record);
      logFault(log.logger, record);
    };
  }
  const key = logging.useridHashKey?.reveal() ?? randomBytes(32).toString('base64');
  const logAccess = createAccessLog(log, createUseridDisplay(logging.userid, key));
  return (record) => {
    metrics.onAnswered(record);
    logAccess(record);
  };
}

async function bind(server: Server | Listener, host: string, port: number): Promise<void> {
  server.listen({ host, port });
  await once(server, 'listening');
}

function authorityOf(server: Server | Listener): string {
  const { address, port, family } = server.address() as AddressInfo;
  return `${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}

function sleep(durationMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, durationMs));
}
