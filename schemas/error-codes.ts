// Owns access to the catalogue of error codes: code → HTTP status → what it means → what the operator does.
import type { ErrorCode } from './generated/error-code.ts';
import { readSchema } from './read-schema.ts';

export type { ErrorCode } from './generated/error-code.ts';

/** One row of the catalogue. `title` goes to the caller, `operator` to the documentation and the log. */
export interface ErrorDescription {
  /** HTTP status, 400 to 599. */
  readonly status: number;
  /** What the code means; fixed, so that no answer reflects a request. */
  readonly title: string;
  /** What the operator does about it; Markdown. */
  readonly operator: string;
}

/** Every code that an answer of ours can carry. */
export const errorCodes = readSchema('error-codes.json') as unknown as Readonly<Record<ErrorCode, ErrorDescription>>;
