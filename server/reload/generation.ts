// Generation: everything made from one reading of the configuration and its files. A reload swaps it as a whole.
import type { ForwardedCertificateConfig, LoadedServerConfig } from '../../schemas/generated/loaded-server-config.ts';
import type { UserSource } from '../adapters/user-source.ts';
import { createPathValidator } from '../auth/certificate-path.ts';
import { certificateRequestOf, createAuthentication } from '../auth/create-authentication.ts';
import type { LoginMemory } from '../auth/login-memory.ts';
import { limitRequests } from '../auth/request-limit.ts';
import { readInputFile } from '../config/read-input-file.ts';
import { createHandlers, type Handlers } from '../create-app.ts';
import { createGuardedSource } from '../guards/create-guarded-source.ts';
import { GuardTallies } from '../guards/guard-tally.ts';
import { addressOfConnection, type ClientAddress, createClientAddress } from '../http/client-address.ts';
import { createIsNamedProxy } from '../http/named-proxies.ts';
import { logFault } from '../observability/access-log.ts';
import type { AuditedState, AuditTrail } from '../observability/audit-trail.ts';
import type { ServerLog } from '../observability/logger.ts';
import type { ServerMetrics } from '../observability/metrics.ts';
import type { Commit, OnAnswered } from '../observability/request-record.ts';
import { createUseridDisplay } from '../observability/userid-pseudonym.ts';
import { type CertificateTerm, readCertificateTerms } from '../tls/certificate-terms.ts';
import { createStillTrusted, type StillTrusted } from '../tls/client-trust.ts';
import { readTlsMaterial, type TlsMaterial } from '../tls/tls-material.ts';
import { digestOfSource } from './input-digest.ts';

/** What all generations of a server share. */
export interface GenerationContext {
  readonly log: ServerLog;
  /** The access log, for a way to show user ids. */
  readonly accessLog: (displayUserid: (userid: string) => string | undefined) => OnAnswered;
  /** Of user ids in the log, where the configuration has no key. */
  readonly useridHashKey: string;
  readonly metrics: ServerMetrics;
  /** `null`: none is kept. */
  readonly audit: AuditTrail | null;
  readonly isStopping: () => boolean;
  readonly isDraining: () => boolean;
  /** Of attempts and verified credentials: it goes on over a reload. */
  readonly logins: LoginMemory;
}

export interface Generation {
  readonly config: LoadedServerConfig;
  /** Tells it its number, once it is taken up. */
  becomes(generation: number): void;
  readonly source: UserSource;
  readonly guardTallies: GuardTallies;
  readonly handlers: Handlers;
  /** Told of what was refused before it reached the handlers. */
  readonly onAnswered: OnAnswered;
  /** Records each response before it leaves; `null`: responses wait for no record. */
  readonly commit: Commit | null;
  /** `null`: plain HTTP. */
  readonly tls: TlsMaterial | null;
  readonly certificateTerms: readonly CertificateTerm[];
  readonly clientAddress: ClientAddress;
  readonly stillTrusted: StillTrusted;
  readonly sharedSource: SharedSource;
  /** Waits until every request that its handlers took is recorded. @param withinMs by default what a lookup may take, and some more. */
  drained(withinMs?: number): Promise<void>;
  /** Lets go of the source; once. */
  close(): Promise<void>;
}

/** A request that is lost on the way to its record must not keep a generation for ever. */
const drainSlackMs = 10_000;
const drainCheckMs = 50;

/**
 * Makes a generation aside: nothing that is in use changes.
 *
 * @param previous whose source is taken over when everything that it was made from is the same; `null`: a new one is made.
 * @throws {SourceError} when the source can't serve; an Error of Node's when a file can't be used. Nothing is left open then.
 */
export async function openGeneration(
  config: LoadedServerConfig,
  context: GenerationContext,
  previous: Generation | null,
): Promise<Generation> {
  const tls = config.listener.tls ? readTlsMaterial(config.listener.tls, certificateRequestOf(config)) : null;
  const { trustProxy } = config.listener;
  const isProxy = trustProxy ? createIsNamedProxy(trustProxy) : () => false;
  const clientAddress = trustProxy ? createClientAddress(trustProxy, isProxy) : addressOfConnection;
  const forwarded = readForwardedTrust(config.authentication.clientCertificate?.forwarded);
  const stillTrusted = await createStillTrusted(tls?.clientCa ?? [], tls?.crl ?? []);
  const guardTallies = new GuardTallies(previous?.guardTallies);
  const digest = digestOfSource(config);
  const kept = previous !== null && previous.sharedSource.digest === digest;
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
      // The guards of a source that is kept count where they did.
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
      validatePath: forwarded?.judgePath ?? null,
    });
    const guarded = audit && context.audit ? context.audit.guard(audit, authenticate) : authenticate;
    return createHandlers({
      source,
      authenticate: limitRequests(guarded, listener.maxRequestsPerSecond, clientAddress),
      clientAddress,
      path: listener.path,
      realm: authentication.realm,
      userid: config.userid,
      etag: config.answer.etag,
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

/** @throws an Error of Node's when a file can't be read or used. */
function readForwardedTrust(config: ForwardedCertificateConfig | undefined) {
  if (!config) return null;
  const read = (files: readonly string[]) => files.map((file) => readInputFile(file).toString('utf8'));
  const [clientCa, crl] = [read(config.clientCa), read(config.crl)];
  return { clientCa, crl, judgePath: createPathValidator(clientCa, crl) };
}

/** Counts the requests that handlers have taken and not answered yet: two additions a request. */
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

/** Source that consecutive generations share; it is closed when the last one releases it. */
class SharedSource {
  readonly source: UserSource;
  /** Equal when everything that the source was made from is. */
  readonly digest: string;
  #users = 1;

  /** Its maker is its first user. */
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
