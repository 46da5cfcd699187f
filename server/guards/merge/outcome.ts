// Owns what asking one source comes to.
import type { UserInfo } from '../../../schemas/generated/user-info.ts';
import { SourceError } from '../../adapters/user-source.ts';

/** Definite, both of the first; a failure leaves everything open. */
export type Outcome =
  | { readonly kind: 'found'; readonly user: UserInfo }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'failed'; readonly error: SourceError };

/** A failure of one source as the failure of the whole look-up: with the name of the source, since several may fail in the same words. */
export function failureOf(name: string, { kind, message, cause, retryAfterSeconds }: SourceError): SourceError {
  return new SourceError(kind, `source ${name}: ${message}`, {
    cause,
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
  });
}
