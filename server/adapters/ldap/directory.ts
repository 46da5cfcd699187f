// Interface of an LDAP directory for the mapping: entries and a search. It is implemented for a server and for a file.
import { type LookUpSignal, SourceError } from '../user-source.ts';
import { anyEntry, formatFilter, type LdapFilter } from './wire/ldap-filter.ts';

export interface DirectoryEntry {
  /** The name as written by the directory. */
  readonly dn: string;
  /** Values by the attribute's name in lower case, including options ("usercertificate;binary"). */
  readonly attributes: ReadonlyMap<string, readonly Buffer[]>;
}

export type SearchScope = 'base' | 'one' | 'sub';

export interface DirectorySearch {
  /** Purpose of the search, for messages: "the user", "the groups". */
  readonly purpose: string;
  readonly base: string;
  readonly scope: SearchScope;
  readonly filter: LdapFilter;
  readonly attributes: readonly string[];
  /** Maximum number of entries: more are an error, and no paging is requested. Omitted: all entries, in pages. */
  readonly sizeLimit?: number;
  /** At most this number of matching entries, with some of the values of a list that is returned in ranges. Omitted: all entries and values. */
  readonly sampleSize?: number;
}

export interface Directory {
  /**
   * Returns all matching entries, each with all values of the requested attributes; for a sample, only some of them.
   *
   * @throws {SourceError} unless completeness is proven; `DirectoryRefusal` if the directory itself refused the search.
   */
  search(search: DirectorySearch, signal: LookUpSignal): Promise<DirectoryEntry[]>;
}

/** Reads one entry by its name. Returns `null` if it does not match the filter or is not visible. @throws {SourceError} as `Directory.search`. */
export async function readEntry(
  directory: Directory,
  { purpose, base, filter = anyEntry, attributes = [] }: EntryToRead,
  signal: LookUpSignal,
): Promise<DirectoryEntry | null> {
  return (await directory.search({ purpose, base, scope: 'base', filter, attributes }, signal))[0] ?? null;
}

type EntryToRead = Pick<DirectorySearch, 'purpose' | 'base'> & Partial<Pick<DirectorySearch, 'filter' | 'attributes'>>;

/** The directory responded with its own error (RFC 4511, appendix A). */
export class DirectoryRefusal extends SourceError {
  /** e.g. 4, sizeLimitExceeded. */
  readonly resultCode: number;

  constructor(kind: SourceError['kind'], message: string, resultCode: number) {
    super(kind, message);
    this.resultCode = resultCode;
  }
}

export const resultCodes = { sizeLimitExceeded: 4, noSuchObject: 32 } as const;

/** Describes a query in the form of `ldapsearch`. */
export function describeSearch({ base, scope, filter, attributes }: DirectorySearch): string {
  return `base="${base}" scope=${scope} filter=${formatFilter(filter)} attributes=${attributes.join(',') || '1.1'}`;
}

/** Returns the values of an attribute; none if the entry does not have it. */
export function valuesOf(entry: DirectoryEntry, attribute: string): readonly Buffer[] {
  return entry.attributes.get(attribute.toLowerCase()) ?? [];
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** @throws {SourceError} `bad-answer`: bytes that are not text. */
export function decodeText(value: Buffer, attribute: string): string {
  try {
    return utf8.decode(value);
  } catch {
    throw new SourceError(
      'bad-answer',
      `A value of ${attribute} is not UTF-8. If the attribute is binary, set the option encoding of its authorization, for example to base64.`,
    );
  }
}

/** Returns the values as text. @throws {SourceError} as `decodeText` does. */
export function textsOf(entry: DirectoryEntry, attribute: string): string[] {
  return valuesOf(entry, attribute).map((value) => decodeText(value, attribute));
}
