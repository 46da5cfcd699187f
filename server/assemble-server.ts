// Assembles a server from its parts, without opening a port.
import { randomBytes } from 'node:crypto';
import type { LoadedServerConfig } from '../schemas/generated/loaded-server-config.ts';
import { createLoginMemory, type LoginMemory, type LoginNews } from './auth/login-memory.ts';
import { maxConcurrentHashes } from './auth/login-queue.ts';
import type { ConfigOrigin } from './config/config-origin.ts';
import { createChangingApp } from './create-app.ts';
import { createListener, type Listener } from './http/listener.ts';
import { cutStalledReaders, type OpenConnections, trackConnections } from './http/open-connections.ts';
import { createOverloadGuard, type OverloadGuard } from './http/overload.ts';
import { createAccessLog } from './observability/access-log.ts';
import { type AuditTrail, openAuditTrail } from './observability/audit-trail.ts';
import type { ServerLog } from './observability/logger.ts';
import { createMetrics, type ServerMetrics } from './observability/metrics.ts';
import { openGeneration } from './reload/generation.ts';
import { createGenerationSwap, type GenerationSwap } from './reload/generation-swap.ts';
import type { ServerInputs } from './reload/input-digest.ts';
import { createReloader, type Reloader } from './reload/reloader.ts';
import { createBlockedConnections } from './tls/blocked-connections.ts';

/** Additional parts of a worker process. */
export interface PartOptions {
  /** The configuration generation of the other workers. */
  readonly generation: number;
  /** Base64 of the 48-byte key with which all workers encrypt TLS session tickets. */
  readonly ticketKeys: string;
  /** Key for the hashes of user ids in the log when the configuration has none, so that hashes are equal in all workers. */
  readonly useridHashKey: string;
  /** Key of the digests by which workers inform each other of logins. */
  readonly loginKey: string;
}

/** Channel to the other workers. */
export interface WorkerChannel {
  sendLogin(news: LoginNews): void;
}

/** The inputs of a server. */
export interface ServerOrder {
  readonly config: LoadedServerConfig;
  /** The files that the server uses, with the contents that were read. */
  readonly inputs: ServerInputs;
  /** Where a reload reads the configuration from. */
  readonly origin: ConfigOrigin;
  /** `null`: not a worker. */
  readonly part: (PartOptions & WorkerChannel) | null;
  readonly log: ServerLog;
}

export interface AssembledServer {
  readonly metrics: ServerMetrics;
  /** `null`: there is no audit trail. */
  readonly audit: AuditTrail | null;
  readonly logins: LoginMemory;
  readonly reloader: Reloader;
  readonly generationSwap: GenerationSwap;
  readonly overload: OverloadGuard;
  readonly listener: Listener;
  readonly connections: OpenConnections;
  readonly stalledReaders: ReturnType<typeof cutStalledReaders>;
  /** Makes each response close its connection from now on. */
  stop(): void;
  /** Makes the server respond to new requests with 503 from now on. */
  drain(): void;
  /** Registers a function that is called after each call of `reloader.reload`, successful or not. */
  onReload(listener: () => void): void;
  /** Registers a function that is called after each change of generation, whether this server or the primary of its workers decided it. */
  onNewGeneration(listener: () => void): void;
}

const newKey = () => randomBytes(32).toString('base64');

/**
 * Assembles the parts. @param opened resources opened so far, newest first; resources opened here are added at the front.
 * @throws {SourceError} when the source cannot be used; Node's error when a file cannot be read.
 */
export async function assembleServer(
  { config, inputs, origin, part, log }: ServerOrder,
  opened: Array<() => Promise<unknown>>,
): Promise<AssembledServer> {
  const { logger } = log;
  const audit = config.audit ? openAuditTrail(config.audit, logger) : null;
  if (audit) opened.unshift(() => audit.close());
  const metrics = createMetrics({
    source: () => reloader.current().source,
    sourceType: () => reloader.current().config.source.type,
    guardTallies: () => reloader.current().guardTallies,
    certificates: () => reloader.current().certificateTerms,
    reload: () => reloader.state(),
    eventLoopDelayMs: () => overload.delayMs(),
    auditLinesLost: () => audit?.lost() ?? null,
  });
  const logins = createLoginMemory({
    maxHashes: maxConcurrentHashes(config.workers),
    isShared: part !== null,
    key: part?.loginKey ?? newKey(),
    share: part?.sendLogin ?? (() => undefined),
  });
  let isStopping = false;
  let isDraining = false;
  const context = {
    log,
    accessLog: createAccessLog(log),
    useridHashKey: part?.useridHashKey ?? newKey(),
    metrics,
    audit,
    isStopping: () => isStopping,
    isDraining: () => isDraining,
    logins,
  };
  const first = await openGeneration(config, context, null, 'all');
  const firstGeneration = part?.generation ?? 1;
  first.becomes(firstGeneration);
  const reloadListeners: Array<() => void> = [];
  const generationListeners: Array<() => void> = [];
  const reloader: Reloader = createReloader({
    first,
    firstGeneration,
    inputs,
    origin,
    logger,
    open: (reread, previous, scope) => openGeneration(reread, context, previous, scope),
    apply(next, previous) {
      next.becomes(reloader.state().generation);
      generationSwap.apply(next, previous);
      for (const listener of generationListeners) listener();
    },
    onSettled() {
      for (const listener of reloadListeners) listener();
    },
  });
  opened.unshift(async () => reloader.current().close());

  const overload = createOverloadGuard(config.listener.maxEventLoopDelayMs);
  opened.unshift(async () => overload.close());
  const blocked = createBlockedConnections();
  const ticketKeys = part ? Buffer.from(part.ticketKeys, 'base64') : null;
  const listener = createListener({
    app: createChangingApp(() => reloader.current().handlers),
    config: config.listener,
    tls: first.tls,
    ...(ticketKeys && { ticketKeys }),
    isStopping: () => isStopping,
    isBlocked: blocked.isBlocked,
    shouldShed: overload.shouldShed,
    clientAddress: (request) => reloader.current().clientAddress(request),
    onAnswered: (record) => reloader.current().onAnswered(record),
    commit: () => reloader.current().commit,
    onTlsFailure(reason, remoteAddress) {
      metrics.countTlsFailure();
      logger.warn({ reason, remoteAddress }, 'a TLS handshake failed');
    },
  });
  const connections = trackConnections(listener);
  const stalledReaders = cutStalledReaders(connections, config.listener.headersTimeoutMs);
  opened.unshift(async () => stalledReaders.close());
  const generationSwap = createGenerationSwap({ listener, connections, blocked, overload, log }, ticketKeys);
  return {
    ...{ metrics, audit, logins, reloader, generationSwap, overload, listener, connections, stalledReaders },
    stop() {
      isStopping = true;
    },
    drain() {
      isDraining = true;
    },
    onReload: (listener) => void reloadListeners.push(listener),
    onNewGeneration: (listener) => void generationListeners.push(listener),
  };
}
