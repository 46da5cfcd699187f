// The answer of a handler with the version of the resource it shows: an ETag made of the content (RFC 9110).
import { createHash } from 'node:crypto';

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
