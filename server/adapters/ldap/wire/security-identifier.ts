// Windows security identifiers (MS-DTYP section 2.4.2.2): from the bytes of objectSid to "S-1-5-21-…" and back.

const headBytes = 8;

/** `null`: the bytes are no identifier. */
export function formatSid(bytes: Buffer): string | null {
  const count = bytes[1] ?? -1;
  if (bytes[0] !== 1 || count > 15 || bytes.length !== headBytes + 4 * count) return null;
  const authority = bytes.readUIntBE(2, 6);
  const parts = Array.from({ length: count }, (_, index) => bytes.readUInt32LE(headBytes + 4 * index));
  return ['S', 1, authority, ...parts].join('-');
}

/** The identifier of another account of the same domain; `null`: `member` is no identifier of a domain's account. */
export function replaceRelativeId(member: Buffer, relativeId: number): Buffer | null {
  if (formatSid(member) === null || member.length < headBytes + 8) return null;
  const other = Buffer.from(member);
  other.writeUInt32LE(relativeId, other.length - 4);
  return other;
}
