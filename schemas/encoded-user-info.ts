// User info with its JSON bytes ready, so that the server neither serializes nor validates it again.
import type { UserInfo } from './generated/user-info.ts';

/**
 * Bytes of JSON in UTF-8: a Buffer, or a string with one character per byte (`latin1`). Such a string is sent together with the headers in one piece,
 * and is faster to create than a Buffer.
 */
export type JsonBytes = Buffer | string;

/** Returns the bytes as a Buffer. Mistaking such a string for the JSON itself would damage every letter beyond ASCII. */
export function bufferOf(bytes: JsonBytes): Buffer {
  return typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes;
}

/**
 * A `UserInfo` as JSON in UTF-8. The server sends `json` unchanged, **without** validating it.
 *
 * Therefore, create an instance only if the bytes are proven to be valid according to the strict schema. They must also equal the result of
 * `JSON.stringify` for the same user info. A source that cannot prove this returns a plain object.
 *
 * `groups` and `authorizations` are read-only views of the values, decoded on first access.
 */
export class EncodedUserInfo implements UserInfo {
  readonly #bytes: JsonBytes;
  #decoded: UserInfo | null;

  /** @param decoded the user info from which `json` was created, if available; `json` is then not decoded again. */
  constructor(json: JsonBytes, decoded: UserInfo | null = null) {
    this.#bytes = json;
    this.#decoded = decoded;
  }

  // A getter on the prototype, not an own property: validators that iterate over keys find nothing extra.
  get json(): Buffer {
    return bufferOf(this.#bytes);
  }

  /** The same bytes in the form in which they are available. */
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
