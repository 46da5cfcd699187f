// Comparison of If-Match with the current version of a resource (RFC 9110).
import { ApiError } from './api-error.ts';
import type { VersionedAnswer } from './versioned-answer.ts';

/**
 * Compares If-Match with the current version, so that a change does not overwrite another change that its author has not seen.
 *
 * @param ifMatch null: no comparison. @throws {ApiError} 412 with the current state.
 */
export function assertVersion(ifMatch: string | null, current: VersionedAnswer): void {
  if (ifMatch === null) return;
  const wanted = ifMatch.split(',').map((tag) => tag.trim());
  if (wanted.includes('*') || wanted.includes(current.version)) return;
  throw new ApiError(
    412,
    'This resource has been changed since you loaded it, so nothing was saved. Compare your change with the current state, and save again.',
    current,
  );
}
