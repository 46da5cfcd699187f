// User info with its JSON bytes ready, so that the server neither serializes nor validates it again.
import type { UserInfo } from './generated/user-info.ts';

/**
 * Bytes of JSON in UTF-8: a Buffer, or a text with a character a byte (`latin1`). Such a text leaves together with the
 * headers in one piece, and is made faster than a Buffer.
 */
export type JsonBytes = Buffer | string;

/** The bytes as a Buffer. Whoever takes such a text for the JSON itself breaks every letter beyond ASCII. */
export function bufferOf(bytes: JsonBytes): Buffer {
  return typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes;
}

/**
 * A `UserInfo` as JSON in UTF-8. The server sends `json` as it is, **without** validating it.
 *
 * So only a source that proves its bytes may make one: they are JSON that passes the strict schema, and equal
 * `JSON.stringify` of the same answer. A source that can't prove it returns a plain object.
 *
 * `groups` and `authorizations` are read-only views for whoever needs the values; they are decoded when first asked for.
 */
export class EncodedUserInfo implements UserInfo {
  readonly #bytes: JsonBytes;
  #decoded: UserInfo | null;

  /** @param decoded the answer that `json` was made of, where it is at hand; it is then not decoded again. */
  constructor(json: JsonBytes, decoded: UserInfo | null = null) {
    this.#bytes = json;
    this.#decoded = decoded;
  }

  // A getter on the prototype, not a property of its own: validators that walk the keys find nothing extra.
  get json(): Buffer {
    return bufferOf(this.#bytes);
  }

  /** The same bytes in the form that they are at hand. */
  get bytes(): JsonBytes {
    return this.#bytes;
  }

  get groups(): UserInfo['groups'] {
    return this.#decode().groups;
  }

  get authorizations(): UserInfo['authorizations'] {
    return this.#decode().authorizations;
  }

  toJSON(): UserInfo {
    return this.#decode();
  }

  #decode(): UserInfo {
    this.#decoded ??= JSON.parse(this.json.toString('utf8')) as UserInfo;
    return this.#decoded;
  }
}
