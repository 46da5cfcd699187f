// Generation: everything created from one reading of the configuration and its files. A reload replaces it as a whole.
import type { ForwardedCertificateConfig, LoadedServerConfig } from '../../schemas/generated/loaded-server-config.ts';
import type { UserSource } from '../adapters/user-source.ts';
import { createPathValidator } from '../auth/certificate-path.ts';
import { certificateRequestOf, createAuthentication, limitRequests } from '../auth/create-authentication.ts';
import type { LoginMemory } from '../auth/login-memory.ts';
import { readInputFile } from '../config/read-input-file.ts';
import { createHandlers, type Handlers } from '../create-app.ts';
import { createGuardedSource } from '../guards/create-guarded-source.ts';
import { GuardTallies } from '../guards/guard-tally.ts';
import { addressOfConnection, type ClientAddress, createClientAddress } from '../http/client-address.ts';
import { createIsNamedProxy } from '../http/named-proxies.ts';
import { createUseridDisplay, logFault } from '../observability/access-log.ts';
import type { AuditedState, AuditTrail } from '../observability/audit-trail.ts';
import type { ServerLog } from '../observability/logger.ts';
import type { ServerMetrics } from '../observability/metrics.ts';
import type { Commit, OnAnswered } from '../observability/request-record.ts';
import { type CertificateTerm, readCertificateTerms } from '../tls/certificate-terms.ts';
import { createStillTrusted, type StillTrusted } from '../tls/client-trust.ts';
import { readTlsMaterial, type TlsMaterial } from '../tls/tls-material.ts';
import { digestOfSource } from './input-digest.ts';
import type { ReloadScope } from './reload-state.ts';

/** Resources that all generations of a server share. */
export interface GenerationContext {
  readonly log: ServerLog;
  /** Returns the access log for a way of displaying user ids; each way has its own access log. */
  readonly accessLog: (displayUserid: (userid: string) => string | undefined) => OnAnswered;
  /** Key for hashing user ids in the log when the configuration specifies none. */
  readonly useridHashKey: string;
  readonly metrics: ServerMetrics;
  /** `null`: there is no audit trail. */
  readonly audit: AuditTrail | null;
  readonly isStopping: () => boolean;
  readonly isDraining: () => boolean;
  /** Memory of attempts and verified credentials, which survives a reload. */
  readonly logins: LoginMemory;
}

export interface Generation {
  readonly config: LoadedServerConfig;
  /** Sets the generation's number when the generation is put into use. */
  becomes(generation: number): void;
  readonly source: UserSource;
  readonly guardTallies: GuardTallies;
  readonly handlers: Handlers;
  /** Called for each request that was rejected before it reached the handlers. */
  readonly onAnswered: OnAnswered;
  /** Records each response before it is sent; `null`: responses do not wait for a record. */
  readonly commit: Commit | null;
  /** `null`: plain HTTP. */
  readonly tls: TlsMaterial | null;
  readonly certificateTerms: readonly CertificateTerm[];
  readonly clientAddress: ClientAddress;
  readonly stillTrusted: StillTrusted;
  readonly sharedSource: SharedSource;
  /** Waits until every request that its handlers accepted is recorded. @param withinMs by default the time limit of a lookup plus a margin. */
  drained(withinMs?: number): Promise<void>;
  /** Releases the source; called once. */
  close(): Promise<void>;
}

/** Margin after which a generation is closed even if a request was never recorded. */
const drainSlackMs = 10_000;
const drainCheckMs = 50;

/**
 * Creates a generation without changing anything in use.
 *
 * @param previous generation in use, whose counts are carried over; `null`: there is none yet.
 * @param scope `changed`: the previous source is reused when all its inputs are the same; `all`: a new source is created.
 * @throws {SourceError} when the source cannot be used; Node's error when a file cannot be used. Nothing is left open in that case.
 */
export async function openGeneration(
  config: LoadedServerConfig,
  context: GenerationContext,
  previous: Generation | null,
  scope: ReloadScope,
): Promise<Generation> {
  const tls = config.listener.tls ? readTlsMaterial(config.listener.tls, certificateRequestOf(config)) : null;
  const { trustProxy } = config.listener;
  const isProxy = trustProxy ? createIsNamedProxy(trustProxy) : () => false;
  const clientAddress = trustProxy ? createClientAddress(trustProxy, isProxy) : addressOfConnection;
  const forwarded = readForwardedTrust(config.authentication.clientCertificate?.forwarded);
  const stillTrusted = await createStillTrusted(tls?.clientCa ?? [], tls?.crl ?? []);
  const guardTallies = new GuardTallies(previous?.guardTallies);
  const digest = digestOfSource(config);
  const kept = scope === 'changed' && previous !== null && previous.sharedSource.digest === digest;
  const sharedSource = kept
    ? previous.sharedSource.retain()
    : new SharedSource(await createGuardedSource(config, { log: context.log.logger, guardTallies }), digest);
  const { source } = sharedSource;
  let number = 1;
  const { record, commit } = createRecorders(config, context, {
    generation: () => number,
    sourceGeneration: () => source.status?.().generation,
  });
  try {
    await source.check();
    const work = followRequests(createHandlersOf, config.deadlineMs);
    return {
      config,
      becomes(generation) {
        number = generation;
      },
      source,
      // The guards of a reused source keep their counts.
      guardTallies: kept ? previous.guardTallies : guardTallies,
      handlers: work.handlers,
      onAnswered: record,
      commit,
      tls,
      certificateTerms: readCertificateTerms({
        certificate: tls?.certificate ?? '',
        clientCa: [...(tls?.clientCa ?? []), ...(forwarded?.clientCa ?? [])],
        crl: [...(tls?.crl ?? []), ...(forwarded?.crl ?? [])],
      }),
      clientAddress,
      stillTrusted,
      sharedSource,
      drained: work.drained,
      close: () => sharedSource.release(),
    };
  } catch (error) {
    await sharedSource.release();
    throw error;
  }

  function createHandlersOf(onAnswered: OnAnswered): Handlers {
    const { audit, authentication, listener, logging } = config;
    const { logger } = context.log;
    const authenticate = createAuthentication(authentication, {
      onUntrusted: (reason, request) =>
        logger.warn({ reason, remoteAddress: clientAddress(request) }, 'a client certificate is not trusted'),
      logins: context.logins,
      clientAddress,
      maxWaitMs: config.deadlineMs,
      isProxy,
      validatePath: forwarded?.validatePath ?? null,
    });
    const guarded = audit && context.audit ? context.audit.guard(audit, authenticate) : authenticate;
    return createHandlers({
      source,
      authenticate: limitRequests(guarded, listener.maxRequestsPerSecond, clientAddress),
      clientAddress,
      path: listener.path,
      realm: authentication.realm,
      userid: config.userid,
      deadlineMs: config.deadlineMs,
      onLookedUp: context.metrics.lookUpsOf(config.source.type),
      ...(logging.requestIdHeader !== undefined && { requestIdHeader: logging.requestIdHeader }),
      isStopping: context.isStopping,
      isDraining: context.isDraining,
      commit,
      onAnswered(answered) {
        onAnswered(answered);
        record(answered);
      },
    });
  }
}

/** @throws Node's error when a file cannot be read or used. */
function readForwardedTrust(config: ForwardedCertificateConfig | undefined) {
  if (!config) return null;
  const read = (files: readonly string[]) => files.map((file) => readInputFile(file).toString('utf8'));
  const [clientCa, crl] = [read(config.clientCa), read(config.crl)];
  return { clientCa, crl, validatePath: createPathValidator(clientCa, crl) };
}

/** Counts the requests that handlers have accepted but not yet responded to; this costs two additions per request. */
function followRequests(create: (onAnswered: OnAnswered) => Handlers, deadlineMs: number) {
  let underway = 0;
  const { endpoint, unknownPath } = create(() => {
    underway -= 1;
  });
  const handlers: Handlers = {
    endpoint(request, response, next) {
      underway += 1;
      return endpoint(request, response, next);
    },
    unknownPath,
  };
  async function drained(withinMs = deadlineMs + drainSlackMs): Promise<void> {
    const endsAtMs = performance.now() + withinMs;
    while (underway > 0 && performance.now() < endsAtMs) {
      await new Promise((resolve) => setTimeout(resolve, drainCheckMs).unref());
    }
  }
  return { handlers, drained };
}

function createRecorders(
  { audit, logging, source }: LoadedServerConfig,
  context: GenerationContext,
  state: AuditedState,
): { record: OnAnswered; commit: Commit | null } {
  const count = context.metrics.requestsOf(source.type);
  const { log, accessLog } = context;
  const key = logging.useridHashKey?.reveal() ?? context.useridHashKey;
  const logAnswer: OnAnswered = logging.accessLog
    ? accessLog(createUseridDisplay(logging.userid, key))
    : (record) => logFault(log.logger, record);
  const answered: OnAnswered = (record) => {
    count(record);
    logAnswer(record);
  };
  if (!audit || !context.audit) return { record: answered, commit: null };
  const { onAnswered: enter, commit } = context.audit.recorderOf(audit, key, state);
  if (enter === null) return { record: answered, commit };
  return {
    record(given) {
      answered(given);
      enter(given);
    },
    commit: null,
  };
}

/** Source shared by consecutive generations; it is closed when the last generation releases it. */
class SharedSource {
  readonly source: UserSource;
  /** Digest that is equal when all inputs of the source are equal. */
  readonly digest: string;
  #users = 1;

  /** Creates the source; the caller counts as its first user. */
  constructor(source: UserSource, digest: string) {
    this.source = source;
    this.digest = digest;
  }

  retain(): this {
    this.#users += 1;
    return this;
  }

  async release(): Promise<void> {
    this.#users -= 1;
    if (this.#users === 0) await this.source.close();
  }
}
