// Versions of the resources that forms edit: an ETag made of the content, and its comparison with If-Match (RFC 9110).
import { createHash } from 'node:crypto';
import { ApiError } from './api-error.ts';

/** The answer of a handler with the version of what it shows, which is sent as ETag. */
export class VersionedAnswer {
  readonly body: unknown;
  readonly version: string;

  /** @param state what the version covers: two states of the same content have the same version. */
  constructor(body: unknown, state: unknown) {
    this.body = body;
    this.version = versionOf(state);
  }
}

function versionOf(state: unknown): string {
  return `"${createHash('sha256').update(JSON.stringify(state)).digest('base64url').slice(0, 22)}"`;
}

/**
 * Compares If-Match with the current version, so that a change is not made over one that its author has not seen.
 *
 * @param ifMatch null: the caller does not ask for the comparison. @throws {ApiError} 412, with the current state.
 */
export function assertVersion(ifMatch: string | null, current: VersionedAnswer): void {
  if (ifMatch === null) return;
  const wanted = ifMatch.split(',').map((tag) => tag.trim());
  if (wanted.includes('*') || wanted.includes(current.version)) return;
  throw new ApiError(
    412,
    'It was changed since you loaded it, so nothing was saved. Compare your change with the current state, and save again.',
    current,
  );
}
