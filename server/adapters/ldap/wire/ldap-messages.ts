// LDAP messages (RFC 4511): requests written by ldapts, and a strict reader of responses.
import {
  AbandonRequest,
  type BerWriter,
  BindRequest,
  type Control,
  ExtendedRequest,
  Filter,
  PagedResultsControl,
  SearchFilter,
  SearchRequest,
  UnbindRequest,
} from 'ldapts';
import type { DirectoryEntry, SearchScope } from '../directory.ts';
import { BerError, BerReader, berTags } from './ber.ts';
import type { LdapFilter } from './ldap-filter.ts';

export const operations = {
  bindResponse: 0x61,
  searchEntry: 0x64,
  searchDone: 0x65,
  searchReference: 0x73,
  extendedResponse: 0x78,
} as const;

const startTlsOid = '1.3.6.1.4.1.1466.20037';
export const pagedResultsOid = PagedResultsControl.type;

/** A message from the server; `id` is that of the request, 0 for an unsolicited notification. */
export type LdapAnswer =
  | { readonly id: number; readonly kind: 'entry'; readonly entry: DirectoryEntry }
  | { readonly id: number; readonly kind: 'reference'; readonly urls: readonly string[] }
  | { readonly id: number; readonly kind: 'result'; readonly operation: number; readonly result: LdapResult };

export interface LdapResult {
  /** RFC 4511, appendix A. */
  readonly code: number;
  /** Cookie of a page; empty on the last one. `null`: the server does not page. */
  readonly cookie: Buffer | null;
}

/** @throws {BerError} */
export function readAnswer(message: Buffer): LdapAnswer {
  const reader = new BerReader(message).enter(berTags.sequence);
  const id = reader.readInteger();
  const operation = reader.nextTag;
  const body = reader.enter(operation);
  switch (operation) {
    case operations.searchEntry:
      return { id, kind: 'entry', entry: readEntry(body) };
    case operations.searchReference:
      return { id, kind: 'reference', urls: readUrls(body) };
    case operations.bindResponse:
    case operations.searchDone:
    case operations.extendedResponse: {
      const code = body.readInteger(berTags.enumerated);
      return { id, kind: 'result', operation, result: { code, cookie: readPageControl(reader)?.cookie ?? null } };
    }
    default:
      throw new BerError(`operation ${operation} is not a response to the request`);
  }
}

function readUrls(reader: BerReader): string[] {
  const urls: string[] = [];
  while (reader.hasMore) urls.push(reader.readText());
  return urls;
}

function readEntry(reader: BerReader): DirectoryEntry {
  const dn = reader.readText();
  // A name that is not text could not be used in another request, and its groups would be missing.
  if (dn.includes('\ufffd')) throw new BerError("an entry's name that is not UTF-8");
  const attributes = new Map<string, Buffer[]>();
  const list = reader.enter(berTags.sequence);
  while (list.hasMore) {
    const attribute = list.enter(berTags.sequence);
    const name = attribute.readText().toLowerCase();
    const values: Buffer[] = [];
    const set = attribute.enter(berTags.set);
    while (set.hasMore) values.push(set.readBytes());
    if (attributes.has(name)) throw new BerError('an attribute that occurs twice in an entry');
    attributes.set(name, values);
  }
  return { dn, attributes };
}

/** The paging control, as the client and the server send it; `size` is the client's requested size, and in a response an estimate or 0. */
export interface PageControl {
  readonly size: number;
  readonly cookie: Buffer;
}

/** Reads the controls after an operation. @returns `null`: there is no paging control. */
export function readPageControl(message: BerReader): PageControl | null {
  if (message.nextTag !== 0xa0) return null;
  const controls = message.enter(0xa0);
  while (controls.hasMore) {
    const control = controls.enter(berTags.sequence);
    const oid = control.readText();
    if (control.nextTag === berTags.boolean) control.readBoolean();
    if (oid !== pagedResultsOid) continue;
    const value = new BerReader(control.readBytes()).enter(berTags.sequence);
    return { size: value.readInteger(), cookie: value.readBytes() };
  }
  return null;
}

export interface PageRequest {
  readonly base: string;
  readonly scope: SearchScope;
  readonly filter: LdapFilter;
  readonly attributes: readonly string[];
  /** 0: none. */
  readonly sizeLimit: number;
  readonly timeLimitSeconds: number;
  /** `null`: no pages. */
  readonly page: PageControl | null;
  /** The entries found before a limit is reached are sufficient. Omitted: reaching a limit is an error. */
  readonly isSample?: boolean;
}

export function writeSearch(messageId: number, request: PageRequest): Buffer {
  const controls: Control[] = [];
  // Critical, so that a server without paging reports it.
  if (request.page !== null) controls.push(new PagedResultsControl({ critical: true, value: request.page }));
  const message = new SearchRequest({
    messageId,
    baseDN: request.base,
    scope: request.scope,
    filter: new EncodedFilter(request.filter),
    // "1.1" requests no attributes; an empty list would request all.
    attributes: request.attributes.length === 0 ? ['1.1'] : [...request.attributes],
    sizeLimit: request.sizeLimit,
    timeLimit: request.timeLimitSeconds,
    controls,
  });
  return message.write();
}

/** Our filter for ldapts, whose own filters contain only text and read `\c3\a9` as two letters. */
class EncodedFilter extends Filter {
  override readonly type = SearchFilter.and;
  readonly #filter: LdapFilter;

  constructor(filter: LdapFilter) {
    super();
    this.#filter = filter;
  }

  override write(writer: BerWriter): void {
    writeFilter(writer, this.#filter);
  }

  override toString(): string {
    return '(a filter)';
  }
}

function writeFilter(writer: BerWriter, filter: LdapFilter): void {
  if (filter.kind === 'present') {
    writer.writeString(filter.attribute, SearchFilter.present);
    return;
  }
  writer.startSequence(filterTags[filter.kind]);
  switch (filter.kind) {
    case 'and':
    case 'or':
      for (const part of filter.filters) writeFilter(writer, part);
      break;
    case 'not':
      writeFilter(writer, filter.filter);
      break;
    case 'substrings':
      writer.writeString(filter.attribute);
      writer.startSequence();
      if (filter.initial.length > 0) writer.writeBuffer(filter.initial, 0x80);
      for (const part of filter.any) writer.writeBuffer(part, 0x81);
      if (filter.final.length > 0) writer.writeBuffer(filter.final, 0x82);
      writer.endSequence();
      break;
    case 'extensible':
      if (filter.rule !== '') writer.writeString(filter.rule, 0x81);
      if (filter.attribute !== '') writer.writeString(filter.attribute, 0x82);
      writer.writeBuffer(filter.value, 0x83);
      if (filter.dnAttributes) writer.writeBoolean(true, 0x84);
      break;
    default:
      writer.writeString(filter.attribute);
      writer.writeBuffer(filter.value, berTags.octetString);
  }
  writer.endSequence();
}

const filterTags = {
  and: SearchFilter.and,
  or: SearchFilter.or,
  not: SearchFilter.not,
  equal: SearchFilter.equalityMatch,
  substrings: SearchFilter.substrings,
  atLeast: SearchFilter.greaterOrEqual,
  atMost: SearchFilter.lessOrEqual,
  approximate: SearchFilter.approxMatch,
  extensible: SearchFilter.extensibleMatch,
} as const;

export function writeSimpleBind(messageId: number, dn: string, password: string): Buffer {
  return new BindRequest({ messageId, dn, password }).write();
}

export function writeExternalBind(messageId: number): Buffer {
  return new BindRequest({ messageId, mechanism: 'EXTERNAL' }).write();
}

export function writeStartTls(messageId: number): Buffer {
  return new ExtendedRequest({ messageId, oid: startTlsOid }).write();
}

export function writeAbandon(messageId: number, abandonId: number): Buffer {
  return new AbandonRequest({ messageId, abandonId }).write();
}

export function writeUnbind(messageId: number): Buffer {
  return new UnbindRequest({ messageId }).write();
}
