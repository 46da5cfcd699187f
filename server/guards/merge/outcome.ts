// Outcomes of asking one source.
import type { UserInfo } from '../../../schemas/generated/user-info.ts';
import { SourceError } from '../../adapters/user-source.ts';

/** Definite, both of the first; a failure leaves everything open. */
export type Outcome =
  | { readonly kind: 'found'; readonly user: UserInfo }
  /** `isDisabled`: the source has the user, as disabled. */
  | { readonly kind: 'unknown'; readonly isDisabled: boolean }
  | { readonly kind: 'failed'; readonly error: SourceError };

/** A failure of one source as the failure of the whole lookup: with the name of the source, since several may fail in the same words. */
export function failureOf(name: string, { kind, message, cause, retryAfterSeconds }: SourceError): SourceError {
  return new SourceError(kind, `source ${name}: ${message}`, {
    cause,
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
  });
}
