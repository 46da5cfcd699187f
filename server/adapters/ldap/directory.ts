// Interface of an LDAP directory for the mapping: entries and a search. A server and a file implement it.
import { type LookUpSignal, SourceError } from '../user-source.ts';
import { formatFilter, type LdapFilter } from './wire/ldap-filter.ts';

export interface DirectoryEntry {
  /** As the directory writes it. */
  readonly dn: string;
  /** By the attribute's name in lower case, options included ("usercertificate;binary"). */
  readonly attributes: ReadonlyMap<string, readonly Buffer[]>;
}

export type SearchScope = 'base' | 'one' | 'sub';

export interface DirectorySearch {
  /** What it is for, in words, for messages: "the user", "the groups". */
  readonly purpose: string;
  readonly base: string;
  readonly scope: SearchScope;
  readonly filter: LdapFilter;
  readonly attributes: readonly string[];
  /** More entries than this are an error, and no pages are asked for. Left out: all entries, in pages. */
  readonly sizeLimit?: number;
  /** Any entries that match, at most this many, with any of the values of a list that comes in ranges. Left out: all. */
  readonly sampleSize?: number;
}

export interface Directory {
  /**
   * All entries that match, each with all values of the attributes asked for; of a sample a few.
   *
   * @throws {SourceError} whenever that can't be proven; `DirectoryRefusal` when the directory itself refused.
   */
  search(search: DirectorySearch, signal: LookUpSignal): Promise<DirectoryEntry[]>;
}

/** The directory answered with an error of its own (RFC 4511, appendix A). */
export class DirectoryRefusal extends SourceError {
  /** e.g. 4, sizeLimitExceeded. */
  readonly resultCode: number;

  constructor(kind: SourceError['kind'], message: string, resultCode: number) {
    super(kind, message);
    this.resultCode = resultCode;
  }
}

export const resultCodes = { sizeLimitExceeded: 4, noSuchObject: 32 } as const;

/** A query as `ldapsearch` would write it. */
export function describeSearch({ base, scope, filter, attributes }: DirectorySearch): string {
  return `base="${base}" scope=${scope} filter=${formatFilter(filter)} attributes=${attributes.join(',') || '1.1'}`;
}

/** The values of an attribute; none when the entry does not have it. */
export function valuesOf(entry: DirectoryEntry, attribute: string): readonly Buffer[] {
  return entry.attributes.get(attribute.toLowerCase()) ?? [];
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** @throws {SourceError} `bad-answer`: bytes that are no text. */
export function decodeText(value: Buffer, attribute: string): string {
  try {
    return utf8.decode(value);
  } catch {
    throw new SourceError(
      'bad-answer',
      `A value of ${attribute} is not UTF-8. If the attribute holds bytes, give its authorization an encoding, for example base64.`,
    );
  }
}

/** The values as texts. @throws {SourceError} as `decodeText` does. */
export function textsOf(entry: DirectoryEntry, attribute: string): string[] {
  return valuesOf(entry, attribute).map((value) => decodeText(value, attribute));
}
