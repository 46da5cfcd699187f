// Owns the running server: what is opened, in which order, what a reload changes, and how it is all closed again.
import { randomBytes } from 'node:crypto';
import type { SecureContextOptions } from 'node:tls';
import type { MetricObject } from 'prom-client';
import type { LoadedServerConfig } from '../schemas/generated/loaded-server-config.ts';
import { createAccessLog } from './access-log.ts';
import { openAdministration } from './administration.ts';
import { openAuditTrail } from './audit-trail.ts';
import { createLoginMemory, type LoginNews } from './auth/login-memory.ts';
import { createBarredConnections } from './barred-connections.ts';
import { authorityOf, bind } from './bind.ts';
import { createChangingApp } from './create-app.ts';
import { cutStalledReaders } from './cut-stalled-readers.ts';
import { type Generation, type GenerationContext, openGeneration } from './generation.ts';
import { createListener, type Listener, setLimits } from './listener.ts';
import { openLog, type ServerLog } from './logger.ts';
import { createMetrics } from './metrics.ts';
import { trackConnections } from './open-connections.ts';
import { createOverloadGuard } from './overload.ts';
import { judgeReadiness, type Readiness } from './readiness.ts';
import type { ReloadOutcome } from './reload-state.ts';
import { type ConfigOrigin, createReloader, type PreparedReload, type Reloader, type ReloadScope } from './reloader.ts';
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

/** How a server that is one of several workers differs. */
export interface PartOptions {
  /** Which generation the others have come to. */
  readonly generation: number;
  /** Base64 of the 48 bytes that all workers encrypt TLS session tickets with. */
  readonly ticketKeys: string;
  /** Of user ids in the log, where the configuration has no key: equal ones are equal in all workers. */
  readonly useridHashKey: string;
  /** Of the digests by which workers tell each other of logins. */
  readonly loginKey: string;
}

/** How it speaks to the others. */
export interface PartVoice {
  tellLogin(news: LoginNews): void;
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
  /** For the next TLS context. */
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
  part: (PartOptions & PartVoice) | null,
): Promise<ServerPart> {
  const log = await openLog(config.logging);
  const opened: Array<() => Promise<unknown>> = [() => log.close()];
  try {
    return await listen(config, origin, part, log, opened);
  } catch (error) {
    for (const close of opened) await close();
    throw error;
  }
}

const newKey = () => randomBytes(32).toString('base64');

function staysAs(config: LoadedServerConfig): ConfigOrigin {
  return {
    file: null,
    read: () => ({ config, overrides: [], placeOf: () => ({ file: 'configuration', line: 0, column: 0 }) }),
  };
}

async function listen(
  config: LoadedServerConfig,
  origin: ConfigOrigin,
  part: (PartOptions & PartVoice) | null,
  log: ServerLog,
  opened: Array<() => Promise<unknown>>,
): Promise<ServerPart> {
  const { logger } = log;
  const state = { readyForRequests: true, draining: false };
  const metrics = createMetrics({
    source: () => reloader.current().source,
    sourceType: () => reloader.current().config.source.type,
    guardTallies: () => reloader.current().guardTallies,
    certificates: () => reloader.current().certificateTerms,
    reload: () => reloader.state(),
    eventLoopDelayMs: () => overload.delayMs(),
    auditLinesLost: () => audit?.lost() ?? null,
  });
  const audit = config.audit ? openAuditTrail(config.audit) : null;
  if (audit) opened.unshift(() => audit.close());
  const logins = createLoginMemory({
    isShared: part !== null,
    key: part?.loginKey ?? newKey(),
    tell: part?.tellLogin ?? (() => undefined),
  });
  const context: GenerationContext = {
    log,
    accessLog: createAccessLog(log),
    useridHashKey: part?.useridHashKey ?? newKey(),
    metrics,
    audit,
    isDraining: () => state.draining,
    logins,
  };
  const first = await openGeneration(config, context, null);
  const firstGeneration = part?.generation ?? 1;
  first.becomes(firstGeneration);
  const reloader: Reloader = createReloader({
    first,
    firstGeneration,
    origin,
    logger,
    open: (reread, previous, scope) => openGeneration(reread, context, scope === 'all' ? null : previous),
    apply: (next, previous) => applyGeneration(next, previous),
    onSettled() {
      watch.renew();
      terms.check(Date.now());
    },
  });
  opened.unshift(async () => reloader.current().close());
  const retiring = new Set<Promise<void>>();

  const overload = createOverloadGuard(config.listener.maxEventLoopDelayMs);
  opened.unshift(async () => overload.close());
  let ticketKeys = decodeTicketKeys(part?.ticketKeys);
  const barred = createBarredConnections();
  const listener = createListener({
    app: createChangingApp(() => reloader.current().handlers),
    config: config.listener,
    tls: first.tls,
    ...(ticketKeys && { ticketKeys }),
    isBarred: barred.isBarred,
    shouldShed: overload.shouldShed,
    clientAddress: (request) => reloader.current().clientAddress(request),
    onAnswered: (record) => reloader.current().onAnswered(record),
    onTlsFailure(reason, remoteAddress) {
      metrics.countTlsFailure();
      logger.warn({ reason, remoteAddress }, 'a TLS handshake failed');
    },
  });
  const connections = trackConnections(listener);
  const stalledReaders = cutStalledReaders(connections, config.listener.headersTimeoutMs);
  opened.unshift(async () => stalledReaders.close());

  function applyGeneration(next: Generation, previous: Generation): void {
    next.becomes(reloader.state().generation);
    log.setLevel(next.config.logging.level);
    setLimits(listener, next.config.listener);
    overload.setLimit(next.config.listener.maxEventLoopDelayMs);
    renewTls(listener, next, previous, ticketKeys);
    barred.judge(connections, previous, next);
    const retired = retire(previous).finally(() => retiring.delete(retired));
    retiring.add(retired);
  }

  async function retire(generation: Generation): Promise<void> {
    await generation.drained();
    barred.cut();
    await generation
      .close()
      .catch((error: unknown) => logger.warn({ reason: String(error) }, 'closing a source failed'));
  }

  const readiness = async (): Promise<Readiness> => {
    const { generation } = reloader.state();
    if (!state.readyForRequests) return { status: 'not-ready', reasons: ['The server is shutting down.'], generation };
    const { source, config: inUse } = reloader.current();
    const trouble = audit?.trouble() ?? null;
    return judgeReadiness(source, reloader.state(), inUse.deadlineMs, trouble === null ? [] : [trouble]);
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
  });
  const watch = watchInputs({
    settings: () => ({ ...reloader.current().config.reload, ...(part !== null && { watch: false }) }),
    inputs: () => reloader.inputs(),
    reloadIfChanged: (retry) => reloader.reloadIfChanged(retry),
  });
  const terms = watchTerms(() => reloader.current().certificateTerms, logger);

  const url = `${config.listener.tls ? 'https' : 'http'}://${authorityOf(listener)}${config.listener.path}`;
  const administrationUrl = administration?.url ?? null;
  logger.info({ url, administrationUrl: administrationUrl ?? undefined, source: config.source.type }, 'listening');

  const stop = async (): Promise<boolean> => {
    const { shutdown } = reloader.current().config;
    logger.info({ ...shutdown }, 'stopping');
    state.readyForRequests = false;
    watch.close();
    terms.close();
    overload.close();
    await reloader.close();
    await sleep(shutdown.drainMs);
    state.draining = true;
    const finished = await connections.close(shutdown.deadlineMs);
    stalledReaders.close();
    await administration?.close();
    await Promise.all([...retiring, reloader.current().close()]);
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
    useTicketKeys(keys) {
      ticketKeys = decodeTicketKeys(keys);
    },
    digest: () => reloader.digest(),
  };
}

/**
 * A new context has new ticket keys: nobody who got a ticket under old CAs or CRLs comes back with it.
 *
 * @param ticketKeys those of all workers; by default OpenSSL makes some.
 */
function renewTls(listener: Listener, next: Generation, previous: Generation, ticketKeys: Buffer | undefined): void {
  if (!next.tls || next.tls.digest === previous.tls?.digest || !('setSecureContext' in listener)) return;
  listener.setSecureContext({ ...next.tls.options, ...(ticketKeys && { ticketKeys }) } as SecureContextOptions);
}

function decodeTicketKeys(base64: string | undefined): Buffer | undefined {
  return base64 === undefined ? undefined : Buffer.from(base64, 'base64');
}

function sleep(durationMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, durationMs));
}
