// Access to the catalogue of error codes: what each means, what the operator does, and how the server responds.
import type { ErrorCode } from './generated/error-code.ts';
import { readSchema } from './read-schema.ts';

export type { ErrorCode } from './generated/error-code.ts';

/** One row of the catalogue. `title` goes to the caller, `operator` to the documentation and the log. */
export interface ErrorDescription {
  /** HTTP status, 400 to 599. */
  readonly status: number;
  /** What the code means; fixed, so that no response reflects a request. */
  readonly title: string;
  /** What the operator does about it; Markdown. */
  readonly operator: string;
  /** The response carries `WWW-Authenticate`. */
  readonly challenge?: true;
  /** The value of the header `Allow`. */
  readonly allow?: string;
  /** The value of `Retry-After` when nothing else is known; without it, the header is sent only when a time is known. */
  readonly retryAfterSeconds?: number;
  /** The metric that counts it beside `user_info_refusals_total`. */
  readonly metric?: 'credential-failure';
}

/** Every code that a response of ours can carry. */
export const errorCodes = readSchema('error-codes.json') as unknown as Readonly<Record<ErrorCode, ErrorDescription>>;

/**
 * Returns the headers that belong to a code, names and values in turn.
 *
 * @param known what the response knows: the challenge of a 401, and the time of a retry where it is not the catalogue's.
 */
export function headersOfCode(
  code: ErrorCode,
  known: { readonly challenge?: string; readonly retryAfterSeconds?: number | undefined } = {},
): string[] {
  const description = errorCodes[code];
  const seconds = known.retryAfterSeconds ?? description.retryAfterSeconds;
  const headers: string[] = [];
  if (description.challenge && known.challenge) headers.push('WWW-Authenticate', known.challenge);
  if (description.allow !== undefined) headers.push('Allow', description.allow);
  if (seconds !== undefined) headers.push('Retry-After', String(seconds));
  return headers;
}
