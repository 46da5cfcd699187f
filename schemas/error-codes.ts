// Catalogue of error codes: the meaning of each, the operator's action, and the server's response.
import type { ErrorCode } from './generated/error-code.ts';
import { readSchema } from './read-schema.ts';

export type { ErrorCode } from './generated/error-code.ts';

/** One row of the catalogue. `title` is for the client, `operator` for the documentation and the log. */
export interface ErrorDescription {
  /** HTTP status, 400 to 599. */
  readonly status: number;
  /** Meaning of the code; constant, so that no response reflects a request. */
  readonly title: string;
  /** The operator's action; Markdown. */
  readonly operator: string;
  /** Whether the response includes `WWW-Authenticate`. */
  readonly challenge?: true;
  /** The value of the header `Allow`. */
  readonly allow?: string;
  /** The value of `Retry-After` if no other time is known; without it, the header is sent only if a time is known. */
  readonly retryAfterSeconds?: number;
  /** The metric that counts the error in addition to `user_info_refusals_total`. */
  readonly metric?: 'credential-failure';
}

/** All codes that our responses can contain. */
export const errorCodes = readSchema('error-codes.json') as unknown as Readonly<Record<ErrorCode, ErrorDescription>>;

/**
 * Returns the headers that belong to a code, with alternating names and values.
 *
 * @param known what is known for this response: the challenge of a 401, and the time of a retry if it differs from the catalogue's.
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
