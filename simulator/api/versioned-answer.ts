// Response of a handler with the version of the resource: an ETag derived from the content (RFC 9110).
import { createHash } from 'node:crypto';

/** Response of a handler with the version of its resource, which is sent as ETag. */
export class VersionedAnswer {
  readonly body: unknown;
  readonly version: string;

  /** @param state what the version covers: equal states have equal versions. */
  constructor(body: unknown, state: unknown) {
    this.body = body;
    this.version = versionOf(state);
  }
}

function versionOf(state: unknown): string {
  return `"${createHash('sha256').update(JSON.stringify(state)).digest('base64url').slice(0, 22)}"`;
}
