// Outcomes of requesting one source.
import type { UserInfo } from '../../../schemas/generated/user-info.ts';
import { SourceError } from '../../adapters/user-source.ts';

/** `found` and `unknown` are definite; a failure leaves it open whether the user exists. */
export type Outcome =
  | { readonly kind: 'found'; readonly user: UserInfo }
  /** `isDisabled`: the user exists in the source and is disabled. */
  | { readonly kind: 'unknown'; readonly isDisabled: boolean }
  | { readonly kind: 'failed'; readonly error: SourceError };

/**
 * Turns the failure of one source into a failure of the whole lookup. Adds the name of the source, because several sources may fail with the same
 * text.
 */
export function failureOf(name: string, { kind, message, cause, retryAfterSeconds }: SourceError): SourceError {
  return new SourceError(kind, `source ${name}: ${message}`, {
    cause,
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
  });
}
