// Messages between the primary and its workers.
import type { MetricObject } from 'prom-client';
import type { PartOptions } from '../assemble-server.ts';
import type { LoginNews } from '../auth/login-memory.ts';
import type { Readiness } from '../observability/readiness.ts';
import type { ReloadOutcome, ReloadScope } from '../reload/reload-state.ts';

/** Requests to a worker, by kind, and their responses. */
export interface WorkerRequests {
  /** Whether it responds. */
  ping: { readonly request: null; readonly answer: null };
  readiness: { readonly request: null; readonly answer: Readiness };
  metrics: { readonly request: null; readonly answer: readonly MetricObject[] };
  prepare: {
    readonly request: { readonly scope: ReloadScope };
    readonly answer:
      | { readonly isRefused: false; readonly digest: string; readonly renewsTls: boolean }
      | { readonly isRefused: true; readonly outcome: ReloadOutcome; readonly sourceWasDown: boolean };
  };
  commit: {
    readonly request: { readonly generation: number; readonly ticketKeys: string };
    readonly answer: ReloadOutcome;
  };
  discard: { readonly request: null; readonly answer: null };
  'reopen-files': { readonly request: null; readonly answer: null };
  stop: { readonly request: null; readonly answer: { readonly finished: boolean } };
}
export type WorkerRequestKind = keyof WorkerRequests;

/** Messages from the primary: how to start, followed by requests and by messages from other workers. */
export type ToWorker =
  | { readonly userInfo: 'start'; readonly part: PartOptions }
  | { readonly userInfo: 'login'; readonly news: LoginNews }
  | { readonly userInfo: 'ticket-keys'; readonly ticketKeys: string }
  | { readonly userInfo: 'request'; readonly id: number; readonly kind: WorkerRequestKind; readonly request: unknown };

/** Messages from a worker: that it is listening, the result of its start, then responses and messages for the other workers. */
export type ToPrimary =
  | { readonly userInfo: 'hello' }
  | { readonly userInfo: 'ready'; readonly url: string; readonly digest: string; readonly generation: number }
  | { readonly userInfo: 'failed'; readonly message: string; readonly exitCode: number }
  | { readonly userInfo: 'answer'; readonly id: number; readonly answer: unknown }
  | { readonly userInfo: 'login'; readonly news: LoginNews };

/** Recognizes our messages, because other code, e.g. the limiter of failed logins, uses the same channel. */
export function isOurs<T extends ToWorker | ToPrimary>(message: unknown): message is T {
  return typeof message === 'object' && message !== null && 'userInfo' in message;
}

/** Environment variable that a primary sets for its workers. */
export const workerVariable = 'USER_INFO_WORKER';

/** A worker's start failed; the message is written for operators. */
export class WorkerStartFailure extends Error {
  override readonly name = 'WorkerStartFailure';
  readonly exitCode: number;

  constructor(message: string, exitCode: number) {
    super(message);
    this.exitCode = exitCode;
  }
}
