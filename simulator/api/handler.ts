// Type of a REST operation: a function of a validated request and its caller.
import type { ConformanceReport } from '../../schemas/generated/conformance-report.ts';
import type { LoadedIamSettings } from '../../schemas/generated/loaded-iam-settings.ts';
import type { Simulator } from '../open-simulator.ts';
import type { IamSchedules } from '../sync/iam-schedules.ts';
import type { UserList } from '../sync/sync-request.ts';
import type { Caller, Tokens } from './api-keys.ts';
import type { SyncRunner } from './sync-runner.ts';

/** What came, checked by the description: defaults are filled in. */
export interface ApiRequest {
  readonly path: unknown;
  readonly query: unknown;
  readonly body: unknown;
  /** The header If-Match; null: it was not sent. */
  readonly ifMatch: string | null;
}

/** What an operation works on. */
export interface ApiContext {
  readonly simulator: Simulator;
  readonly tokens: Tokens;
  readonly runner: SyncRunner;
  readonly schedules: IamSchedules;
  /** The conformance report of the endpoint as it is now; null: there is none. */
  readonly readConformance: () => ConformanceReport | null;
  /** The identity provider's users as they are now, for a sync of all. Null: those of the store. @throws {SyncError} for a list that is not whole. */
  readonly readUserList: (iam: string, settings: LoadedIamSettings) => Promise<UserList | null>;
}

/** The answer of a handler that has another status than the description's for success. */
export class AnswerWithStatus {
  readonly status: number;
  readonly body: object;

  constructor(status: number, body: object) {
    this.status = status;
    this.body = body;
  }
}

/** @returns the body, a VersionedAnswer or an AnswerWithStatus; nothing, for 204. `caller` is null where the description asks for no key. */
export type Handler = (request: ApiRequest, context: ApiContext, caller: Caller | null) => unknown;

/** Who calls an operation that needs a key. */
export interface Call extends ApiContext {
  readonly caller: Caller;
  /** For the audit trail. */
  readonly by: string;
}

/** The description has checked what the type says: here is the one place that takes its word. */
export function handle<Request extends Partial<ApiRequest>>(work: (request: Request, call: Call) => unknown): Handler {
  return (request, context, caller) => {
    if (caller === null) throw new Error('an operation that needs a key was called without one');
    return work(request as Request, { ...context, caller, by: caller.actor });
  };
}
