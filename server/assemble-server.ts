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

/** How a server that is one of several workers differs. */
export interface PartOptions {
  /** Which generation the others have come to. */
  readonly generation: number;
  /** Base64 of the 48 bytes that all workers encrypt TLS session tickets with. */
  readonly ticketKeys: string;
  /** Of user ids in the log, where the configuration has no key: equal ones are equal in all workers. */
  readonly useridHashKey: string;
  /** Of the digests by which workers inform each other of logins. */
  readonly loginKey: string;
}

/** How it speaks to the others. */
export interface WorkerChannel {
  sendLogin(news: LoginNews): void;
}

/** What a server is made from. */
export interface ServerOrder {
  readonly config: LoadedServerConfig;
  /** The files that it is made from, as they were read. */
  readonly inputs: ServerInputs;
  /** Where a reload reads it anew. */
  readonly origin: ConfigOrigin;
  /** `null`: it is no worker. */
  readonly part: (PartOptions & WorkerChannel) | null;
  readonly log: ServerLog;
}

export interface AssembledServer {
  readonly metrics: ServerMetrics;
  /** `null`: none is kept. */
  readonly audit: AuditTrail | null;
  readonly logins: LoginMemory;
  readonly reloader: Reloader;
  readonly generationSwap: GenerationSwap;
  readonly overload: OverloadGuard;
  readonly listener: Listener;
  readonly connections: OpenConnections;
  readonly stalledReaders: ReturnType<typeof cutStalledReaders>;
  /** From now on each response closes its connection. */
  stop(): void;
  /** From now on new requests get 503. */
  drain(): void;
  /** Called after each reload. */
  onReload(listener: () => void): void;
}

const newKey = () => randomBytes(32).toString('base64');

/**
 * @param opened what has been opened so far, the newest first; what is opened here is put in front.
 * @throws {SourceError} when the source can't serve; an Error of Node's when a file can't be read.
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
  const first = await openGeneration(config, context, null);
  const firstGeneration = part?.generation ?? 1;
  first.becomes(firstGeneration);
  const reloadListeners: Array<() => void> = [];
  const reloader: Reloader = createReloader({
    first,
    firstGeneration,
    inputs,
    origin,
    logger,
    open: (reread, previous, scope) => openGeneration(reread, context, scope === 'all' ? null : previous),
    apply(next, previous) {
      next.becomes(reloader.state().generation);
      generationSwap.apply(next, previous);
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
    onReload: (told) => void reloadListeners.push(told),
  };
}
