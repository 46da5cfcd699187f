// Strict reader of the Authorization header (RFC 7617): anything malformed is rejected.

export interface BasicCredentials {
  readonly username: string;
  /** May be empty and may contain colons. */
  readonly password: string;
}

/** Returns the user to whom the credentials belong; `null`: unknown credentials. */
export type VerifyCredentials = (credentials: BasicCredentials) => Promise<string | null>;

// RFC 9110, 11.4: credentials = auth-scheme 1*SP token68. RFC 7617 has one token and nothing after it; the grammar allows more than one space, but no
// client sends it, and attackers exploit lenient parsing.
const basicHeader = /^basic ([A-Za-z0-9+/]+={0,2})$/i;
const controlCharacter = /\p{Cc}/u;
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Reads `Basic <base64 of username:password>`.
 *
 * @returns `null` when the scheme is a different one, the base64 is not canonical (RFC 4648, 3.5), the bytes are not UTF-8 (`charset="UTF-8"`, RFC
 * 7617, 2.1), there is no colon, or it contains a control character (RFC 7617, 2).
 */
export function parseBasicCredentials(header: string): BasicCredentials | null {
  const token = basicHeader.exec(header)?.[1];
  if (token === undefined) return null;
  const bytes = Buffer.from(token, 'base64');
  // Node decodes leniently; only what Node itself would have encoded is canonical.
  if (bytes.toString('base64') !== token) return null;
  const text = decodeUtf8(bytes);
  if (text === null || controlCharacter.test(text)) return null;
  const colon = text.indexOf(':');
  return colon < 0 ? null : { username: text.slice(0, colon), password: text.slice(colon + 1) };
}

function decodeUtf8(bytes: Uint8Array): string | null {
  try {
    return strictUtf8.decode(bytes);
  } catch {
    return null;
  }
}

/**
 * Returns the challenge of a 401 (RFC 7617, 2 and 2.1). `realm` becomes a quoted-string (RFC 9110, 5.6.4).
 */
export function basicChallenge(realm: string): string {
  return `Basic realm="${realm.replace(/["\\]/g, '\\$&')}", charset="UTF-8"`;
}
