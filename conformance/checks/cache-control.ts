// Reader of Cache-Control: what a response allows caches to do.
import type { Answer } from '../http/endpoint-request.ts';

/** Content of a Cache-Control header. */
export interface CacheControl {
  /** The value of the header; empty: none. */
  readonly directives: string;
  readonly isStoringForbidden: boolean;
  /** Whether a shared cache must not reuse the response without revalidating it with the endpoint. */
  readonly isForbidden: boolean;
  /** Whether the response allows shared caches to store and reuse it (RFC 9111, 3.5 and 5.2.2). */
  readonly isAllowed: boolean;
}

/** Reads Cache-Control of a response. */
export function readCacheControl(answer: Answer): CacheControl {
  const directives = answer.header('cache-control') ?? '';
  const has = (names: string) => new RegExp(`(?:^|,)\\s*(?:${names})\\s*(?:,|$)`, 'i').test(directives);
  const isForbidden = has('no-store|no-cache|private|max-age=0');
  return {
    directives,
    isStoringForbidden: has('no-store'),
    isForbidden,
    isAllowed: !isForbidden && has('public|(?:s-maxage|max-age)="?[1-9]\\d*"?'),
  };
}
