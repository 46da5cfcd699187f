// Authorizations from the attributes of a user's entry, and Windows security identifiers.
import { SourceError } from '../../user-source.ts';
import { type DirectoryEntry, decodeText, valuesOf } from '../directory.ts';
import type { AuthorizationSettings } from '../directory-settings.ts';

/** Map from the name of an authorization to its values, each with the first settings that produced it. */
export type AuthorizationValues = ReadonlyMap<string, ReadonlyMap<string, AuthorizationSettings>>;

/** Called with an ignored value and the rule that excludes it. */
type OnDropped = (found: string, rule: string) => unknown;

/**
 * Returns every value once, in the order of the configuration. Empty values, and values that do not match `pattern`, are ignored.
 *
 * @throws {SourceError} `bad-answer`: a value that its encoding cannot represent, or no value where one is required.
 */
export function mapAuthorizations(
  entry: DirectoryEntry,
  authorizations: readonly AuthorizationSettings[],
  onDropped?: OnDropped,
): AuthorizationValues {
  const found = new Map<string, Map<string, AuthorizationSettings>>();
  for (const authorization of authorizations) {
    const values = readValues(entry, authorization, onDropped);
    if (values.length === 0 && authorization.required) {
      throw new SourceError(
        'bad-answer',
        `The user's entry has no value for the authorization ${authorization.name}, which is required.`,
      );
    }
    if (values.length === 0) continue;
    const byValue = found.get(authorization.name) ?? new Map<string, AuthorizationSettings>();
    found.set(authorization.name, byValue);
    for (const value of values) if (!byValue.has(value)) byValue.set(value, authorization);
  }
  return found;
}

function readValues(
  entry: DirectoryEntry,
  { name, attribute, constant, encoding, separator, pattern }: AuthorizationSettings,
  onDropped?: OnDropped,
): string[] {
  const given = attribute === undefined ? [constant ?? ''] : readTexts(entry, attribute, encoding);
  const parts = separator === undefined ? given : given.flatMap((text) => text.split(separator));
  const extracted = pattern === null ? parts : parts.map((part) => extract(part, pattern));
  if (onDropped) {
    for (const [index, value] of extracted.entries()) {
      const rule = value === null ? 'authorizations.pattern' : 'no text is left';
      if (!value) onDropped(`${name}: ${parts[index]}`, rule);
    }
  }
  return extracted.filter((value): value is string => value !== null && value !== '');
}

/** Returns the first group of the pattern, or the whole match if the pattern has no group; `null`: no match. */
function extract(text: string, pattern: RegExp): string | null {
  const match = pattern.exec(text);
  return match === null ? null : (match[1] ?? match[0]);
}

function readTexts(
  entry: DirectoryEntry,
  attribute: string,
  encoding: AuthorizationSettings['encoding'],
): readonly string[] {
  if (attribute === 'dn') return [entry.dn];
  return valuesOf(entry, attribute).map((value) => encoders[encoding](value, attribute));
}

const encoders: Readonly<Record<AuthorizationSettings['encoding'], (value: Buffer, attribute: string) => string>> = {
  text: decodeText,
  base64: (value) => value.toString('base64'),
  hex: (value) => value.toString('hex'),
  guid: formatGuid,
  sid(value, attribute) {
    const sid = formatSid(value);
    if (sid === null) throw new SourceError('bad-answer', `A value of ${attribute} is not a security identifier.`);
    return sid;
  },
};

/** Formats a GUID. The first three parts of a GUID are little-endian (MS-DTYP, 2.3.4.2). */
function formatGuid(value: Buffer, attribute: string): string {
  if (value.length !== 16) throw new SourceError('bad-answer', `A value of ${attribute} is not a GUID of 16 bytes.`);
  const turned = (start: number, end: number) => Buffer.from(value.subarray(start, end)).reverse().toString('hex');
  const [head, middle] = [value.subarray(8, 10).toString('hex'), value.subarray(10).toString('hex')];
  return [turned(0, 4), turned(4, 6), turned(6, 8), head, middle].join('-');
}

/** Returns the origin of a value as text. */
export function describeOrigin({ attribute, constant, separator, pattern }: AuthorizationSettings): string {
  if (attribute === undefined) return constant === undefined ? 'nowhere' : 'a constant in the configuration';
  const steps = [
    separator === undefined ? '' : ', split at the separator',
    pattern === null ? '' : ', extracted by the pattern',
  ];
  return `${attribute} of the user's entry${steps.join('')}`;
}

/** A Windows security identifier (MS-DTYP section 2.4.2.2): revision, count and authority precede its parts. */
const sidHeadBytes = 8;

/** Returns the text form of the bytes of objectSid ("S-1-5-21-…"); `null`: the bytes are not an identifier. */
export function formatSid(bytes: Buffer): string | null {
  const count = bytes[1] ?? -1;
  if (bytes[0] !== 1 || count > 15 || bytes.length !== sidHeadBytes + 4 * count) return null;
  const authority = bytes.readUIntBE(2, 6);
  const parts = Array.from({ length: count }, (_, index) => bytes.readUInt32LE(sidHeadBytes + 4 * index));
  return ['S', 1, authority, ...parts].join('-');
}

/** Returns the identifier of another account in the same domain; `null`: `member` does not identify a domain account. */
export function replaceRelativeId(member: Buffer, relativeId: number): Buffer | null {
  if (formatSid(member) === null || member.length < sidHeadBytes + 8) return null;
  const other = Buffer.from(member);
  other.writeUInt32LE(relativeId, other.length - 4);
  return other;
}
