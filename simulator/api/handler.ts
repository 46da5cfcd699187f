// Type of a REST operation: a function of a validated request and its caller.
import type { ConformanceReport } from '../../schemas/generated/conformance-report.ts';
import type { LoadedIamSettings } from '../../schemas/generated/loaded-iam-settings.ts';
import type { Simulator } from '../open-simulator.ts';
import type { IamSchedules } from '../sync/iam-schedules.ts';
import type { UserList } from '../sync/sync-request.ts';
import type { Caller, Tokens } from './api-keys.ts';
import type { SyncRunner } from './sync-runner.ts';

/** The request, validated against the description, with defaults applied. */
export interface ApiRequest {
  readonly path: unknown;
  readonly query: unknown;
  readonly body: unknown;
  /** The header If-Match; null: not sent. */
  readonly ifMatch: string | null;
}

/** Parameters of operations. */
export interface ApiContext {
  readonly simulator: Simulator;
  readonly tokens: Tokens;
  readonly runner: SyncRunner;
  readonly schedules: IamSchedules;
  /** Returns the current conformance report of the endpoint; null: there is none. */
  readonly readConformance: () => ConformanceReport | null;
  /**
   * Returns the identity provider's user list, for a sync of all users; null: the users in the store. @throws {SyncError} for an incomplete list.
   */
  readonly readUserList: (iam: string, settings: LoadedIamSettings) => Promise<UserList | null>;
}

/** Response of a handler with a status other than the description's success status. */
export class AnswerWithStatus {
  readonly status: number;
  readonly body: object;

  constructor(status: number, body: object) {
    this.status = status;
    this.body = body;
  }
}

/** @returns the body, a VersionedAnswer or an AnswerWithStatus; nothing for 204. `caller` is null if the description requires no key. */
export type Handler = (request: ApiRequest, context: ApiContext, caller: Caller | null) => unknown;

/** The caller of an operation that requires a key. */
export interface Call extends ApiContext {
  readonly caller: Caller;
  /** For the audit trail. */
  readonly by: string;
}

/** Wraps a typed operation as a handler. Requests are validated against the OpenAPI description, so the cast is safe. */
export function handle<Request extends Partial<ApiRequest>>(work: (request: Request, call: Call) => unknown): Handler {
  return (request, context, caller) => {
    if (caller === null) throw new Error('an operation that needs a key was called without one');
    return work(request as Request, { ...context, caller, by: caller.actor });
  };
}
