// How a user id is encoded in the query of a request's target.

/** Null: the user id contains no such character. */
export interface UseridEncoding {
  readonly spaceAs: '%20' | '+' | null;
  readonly plusSignAs: '%2B' | '+' | null;
  readonly atSignAs: '%40' | '@' | null;
  /** UTF-8: percent-encoded. */
  readonly nonAsciiAs: 'UTF-8' | 'not UTF-8' | 'unescaped' | null;
  /** Letter case of the hexadecimal digits. */
  readonly escapeCase: ReadonlyArray<'upper' | 'lower'>;
}

function readValue(target: string): string {
  const [, value = ''] = /[?&]userid=([^&]*)/.exec(target) ?? [];
  return value;
}

/** @param userid null: not known; a plus sign then counts as a space. */
export function readUseridEncoding(target: string, userid: string | null): UseridEncoding {
  const value = readValue(target);
  const isPlusSign = userid?.includes(' ') === false;
  const escapes = [...value.matchAll(/%[\da-f]{2}/gi)].map(([encoded]) => encoded);
  const cases = (['upper', 'lower'] as const).filter((name) =>
    escapes.some((encoded) => (name === 'upper' ? /[A-F]/ : /[a-f]/).test(encoded)),
  );
  const hasPlus = value.includes('+');
  return {
    spaceAs: hasPlus && !isPlusSign ? '+' : value.includes('%20') ? '%20' : null,
    plusSignAs: /%2b/i.test(value) ? '%2B' : hasPlus && isPlusSign ? '+' : null,
    atSignAs: value.includes('@') ? '@' : value.includes('%40') ? '%40' : null,
    nonAsciiAs: readNonAscii(value),
    escapeCase: cases,
  };
}

/** Node.js represents bytes beyond ASCII as characters of ISO-8859-1. */
const beyondAscii = /[\u0080-\u{10ffff}]/u;

function readNonAscii(value: string): UseridEncoding['nonAsciiAs'] {
  if (beyondAscii.test(value)) return 'unescaped';
  const bytes = toBytes(value);
  if (bytes.every((byte) => byte < 0x80)) return null;
  return bytes.equals(Buffer.from(bytes.toString('utf8'), 'utf8')) ? 'UTF-8' : 'not UTF-8';
}

function toBytes(value: string): Buffer {
  return Buffer.from(
    value.replace(/%([\da-f]{2})/gi, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16))),
    'latin1',
  );
}

/** Returns whether the query is for a user, in any of the encodings. */
export function isForUser(target: string, userid: string): boolean {
  const value = readValue(target);
  return [value, value.replaceAll('+', ' ')].some((text) => {
    const bytes = toBytes(text);
    return bytes.toString('utf8') === userid || bytes.toString('latin1') === userid;
  });
}
