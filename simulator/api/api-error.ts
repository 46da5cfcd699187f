// Errors of the REST API, with their status and body.
import { STATUS_CODES } from 'node:http';
import { DatabaseError } from '../database/database-error.ts';
import { IdentityError, type IdentityErrorKind } from '../identities/identity-error.ts';
import { SyncError, type SyncErrorKind } from '../sync/sync-error.ts';
import type { VersionedAnswer } from './versioned-answer.ts';

/** The form of the body is an assumption. */
export interface ApiErrorBody {
  readonly statusCode: number;
  readonly error: string;
  readonly message: string;
}

/** The API rejected the request and changed nothing. The message is for the caller. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  /** The current resource, for a 412. */
  readonly current: VersionedAnswer | null;

  constructor(status: number, message: string, current: VersionedAnswer | null = null) {
    super(message);
    this.status = status;
    this.current = current;
  }
}

const identityStatuses: Readonly<Record<IdentityErrorKind, number>> = {
  unknown: 404,
  taken: 409,
  invalid: 400,
  unconfirmed: 409,
  refused: 409,
};

const syncStatuses: Readonly<Record<SyncErrorKind, number>> = { settings: 409, unknown: 404, refused: 409 };

/** Returns the status and body of the response; null: an internal error, whose details are not sent. */
export function toApiError(error: unknown): ApiError | null {
  if (error instanceof ApiError) return error;
  if (error instanceof IdentityError) return new ApiError(identityStatuses[error.kind], error.message);
  if (error instanceof SyncError) return new ApiError(syncStatuses[error.kind], error.message);
  if (error instanceof DatabaseError) return new ApiError(error.kind === 'unkeepable' ? 400 : 503, error.message);
  // Errors of Express itself, e.g. for a body that is not JSON, or a path with an incomplete escape.
  const { status } = error as { readonly status?: unknown };
  if (typeof status === 'number' && status >= 400 && status < 500) {
    return new ApiError(status, status === 413 ? 'The body is too large.' : 'The request cannot be read.');
  }
  return null;
}

export function toErrorBody(status: number, message: string): ApiErrorBody {
  return { statusCode: status, error: STATUS_CODES[status] ?? 'Error', message };
}
