// createApp(): the endpoint as an Express application without a port; exported as `user-info-kit/server`.
import express, { type Express, type RequestHandler } from 'express';
import { describeTimeLimit, isTimeLimit } from '../schemas/time-limit.ts';
import type { UserSource } from './adapters/user-source.ts';
import type { Authenticate } from './auth/authenticate.ts';
import { createEndpoint, createUnknownPath, type EndpointParts } from './endpoint.ts';
import { type OnLookedUp, withDeadline } from './guards/deadline.ts';
import { addressOfConnection, type ClientAddress } from './http/client-address.ts';
import type { Commit, OnAnswered } from './observability/request-record.ts';
import { defaultUseridRules, type UseridRules } from './userid-rules.ts';

export type { UserInfo } from '../schemas/generated/user-info.ts';
export type { CreateUserSource, ModuleContext } from './adapters/module/module-source.ts';
export {
  type AdapterLog,
  type LookUpSignal,
  type LookUpSource,
  SourceError,
  type SourceErrorKind,
  type SourceStatus,
  type UserOrigins,
  type UserSource,
} from './adapters/user-source.ts';
export type { AuthDecision, Authenticate } from './auth/authenticate.ts';
export { authenticateNobody } from './auth/authenticate.ts';
export { type BasicAuthenticationOptions, createBasicAuthentication } from './auth/basic-authentication.ts';
export { bornPrototypes } from './http/born-prototypes.ts';
export type { ClientAddress } from './http/client-address.ts';
export type { OnAnswered, RequestRecord } from './observability/request-record.ts';
export type { UseridRules } from './userid-rules.ts';

export interface AppOptions {
  /** Source of the users. The application does not close it. */
  readonly source: UserSource;
  /** Authentication of callers; see `createBasicAuthentication`. */
  readonly authenticate: Authenticate;
  /** The endpoint's path, compared exactly, below the mount point; "/user-info" by default. */
  readonly path?: string;
  /** Realm in the challenge of a 401; "user-info" by default. */
  readonly realm?: string;
  /** Rules for userids; by default, a userid has at most 1,024 bytes and is compared exactly. */
  readonly userid?: Partial<UseridRules>;
  /** Time limit for one lookup, in milliseconds, at most one day; 5,000 by default. */
  readonly deadlineMs?: number;
  /** Returns the address of a request for the log; by default the address of its connection. */
  readonly clientAddress?: ClientAddress;
  /** A request header that is trusted to carry the request id; none by default. */
  readonly requestIdHeader?: string;
  /** Returns true while the server shuts down: requests are answered, and each response closes its connection. */
  readonly isStopping?: () => boolean;
  /** Returns true when no more requests are served: each gets a 503, and its connection is closed. */
  readonly isDraining?: () => boolean;
  /** Called for each lookup that had to wait for the source. */
  readonly onLookedUp?: OnLookedUp;
  /** Called for each request after its response. */
  readonly onAnswered?: OnAnswered;
}

/**
 * Creates the endpoint of docs/contract.md as an Express 5 application. Let it listen, or mount it in your own application, in which every other
 * path is passed to your next handler:
 *
 *     yourApp.use('/iam', createApp({ source, authenticate }));
 *
 * Every response that is not user info is a problem document with a code of `schemas/error-codes.json`.
 *
 * @throws {TypeError} when the realm contains characters other than printable ASCII, which a header must not contain.
 * @throws {RangeError} when `deadlineMs` is not a whole number from 1 to 86,400,000 (one day).
 */
export function createApp(options: AppOptions): Express {
  const { endpoint, unknownPath } = createHandlers(options);
  let mounted = false;
  const app = expressOf(endpoint, (request, response, next) =>
    mounted ? next() : unknownPath(request, response, next),
  );
  app.on('mount', () => {
    mounted = true;
  });
  return app;
}

/** Options that the server adds to those of an application. */
interface ServerOptions extends AppOptions {
  /** `null`: responses do not wait for a record. */
  readonly commit?: Commit | null;
}

/** Handlers for one set of options. */
export interface Handlers {
  /** Responds to requests for the endpoint's path, and passes all others on. */
  readonly endpoint: RequestHandler;
  readonly unknownPath: RequestHandler;
}

/** @throws as `createApp`. */
export function createHandlers(options: ServerOptions): Handlers {
  assertHeaderSafe(options.realm ?? '');
  const { deadlineMs = 5000 } = options;
  if (!isTimeLimit(deadlineMs)) throw new RangeError(`createApp: ${describeTimeLimit('deadlineMs', deadlineMs)}`);
  const parts: EndpointParts = {
    path: options.path ?? '/user-info',
    authenticate: options.authenticate,
    realm: options.realm ?? 'user-info',
    useridRules: { ...defaultUseridRules, ...options.userid },
    lookUp: withDeadline(options.source, deadlineMs, options.onLookedUp),
    clientAddress: options.clientAddress ?? addressOfConnection,
    requestIdHeader: options.requestIdHeader?.toLowerCase() ?? null,
    isStopping: options.isStopping ?? (() => false),
    isDraining: options.isDraining ?? (() => false),
    onAnswered: options.onAnswered ?? (() => undefined),
    commit: options.commit ?? null,
  };
  return { endpoint: createEndpoint(parts), unknownPath: createUnknownPath(parts) };
}

/** Creates the application of a server whose options change while it runs. A request is completed by the handlers that received it. */
export function createChangingApp(current: () => Handlers): Express {
  return expressOf(
    (request, response, next) => current().endpoint(request, response, next),
    (request, response, next) => current().unknownPath(request, response, next),
  );
}

function expressOf(...handlers: RequestHandler[]): Express {
  const app = express();
  app.disable('x-powered-by').disable('etag').set('query parser', false);
  for (const handler of handlers) app.use(handler);
  return app;
}

function assertHeaderSafe(realm: string): void {
  if (!/^[ -~]*$/.test(realm))
    throw new TypeError('createApp: realm must be printable ASCII, since it is sent in a header');
}
