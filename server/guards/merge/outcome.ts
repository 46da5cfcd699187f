// Owns what asking one source comes to.
import type { UserInfo } from '../../../schemas/generated/user-info.ts';
import type { SourceError } from '../../adapters/user-source.ts';

/** Definite, both of the first; a failure leaves everything open. */
export type Outcome =
  | { readonly kind: 'found'; readonly user: UserInfo }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'failed'; readonly error: SourceError };
