// Server side of LDAP messages, for the stub server and tests: a strict parser for requests, and an encoder for responses.
import { BerWriter } from 'ldapts';
import type { DirectoryEntry, SearchScope } from '../../server/adapters/ldap/directory.ts';
import { BerError, BerReader, berTags } from '../../server/adapters/ldap/wire/ber.ts';
import type { LdapFilter } from '../../server/adapters/ldap/wire/ldap-filter.ts';
import {
  operations,
  type PageControl,
  pagedResultsOid,
  readPageControl,
} from '../../server/adapters/ldap/wire/ldap-messages.ts';

export type LdapRequest =
  | { readonly kind: 'bind'; readonly id: number; readonly dn: string; readonly password: string | null }
  | SearchRequest
  | { readonly kind: 'unbind' | 'abandon'; readonly id: number }
  /** `operation` is the tag of the request; the tag of the response is one higher. */
  | { readonly kind: 'other'; readonly id: number; readonly operation: number };

export interface SearchRequest {
  readonly kind: 'search';
  readonly id: number;
  readonly base: string;
  readonly scope: SearchScope;
  /** 0: none. */
  readonly sizeLimit: number;
  readonly filter: LdapFilter;
  /** Empty: all. */
  readonly attributes: readonly string[];
  readonly page: PageControl | null;
}

const scopes: readonly SearchScope[] = ['base', 'one', 'sub'];
const maxFilterDepth = 64;

/** @throws {BerError} */
export function readRequest(message: Buffer): LdapRequest {
  const reader = new BerReader(message).enter(berTags.sequence);
  const id = reader.readInteger();
  const operation = reader.nextTag;
  switch (operation) {
    case 0x60: {
      const body = reader.enter(operation);
      body.readInteger();
      const dn = body.readText();
      // Tag 0xa3 is SASL, whose mechanisms the stub does not support.
      return { kind: 'bind', id, dn, password: body.nextTag === 0x80 ? body.readText(0x80) : null };
    }
    case 0x42:
      return { kind: 'unbind', id };
    case 0x50:
      return { kind: 'abandon', id };
    case 0x63:
      return readSearch(id, reader.enter(operation), reader);
    default:
      return { kind: 'other', id, operation };
  }
}

function readSearch(id: number, body: BerReader, message: BerReader): SearchRequest {
  const base = body.readText();
  const scope = scopes[body.readInteger(berTags.enumerated)];
  if (scope === undefined) throw new BerError('an unknown scope');
  body.readInteger(berTags.enumerated);
  const sizeLimit = body.readInteger();
  body.readInteger();
  body.readBoolean();
  const filter = readFilter(body, 0);
  const attributes: string[] = [];
  const list = body.enter(berTags.sequence);
  while (list.hasMore) attributes.push(list.readText());
  return { kind: 'search', id, base, scope, sizeLimit, filter, attributes, page: readPageControl(message) };
}

const comparisonTags = { 163: 'equal', 165: 'atLeast', 166: 'atMost', 168: 'approximate' } as const;

function readFilter(reader: BerReader, depth: number): LdapFilter {
  if (depth > maxFilterDepth) throw new BerError('a filter that is nested too deeply');
  const tag = reader.nextTag;
  switch (tag) {
    case 0xa0:
    case 0xa1: {
      const filters: LdapFilter[] = [];
      const parts = reader.enter(tag);
      while (parts.hasMore) filters.push(readFilter(parts, depth + 1));
      return { kind: tag === 0xa0 ? 'and' : 'or', filters };
    }
    case 0xa2:
      return { kind: 'not', filter: readFilter(reader.enter(tag), depth + 1) };
    case 0xa3:
    case 0xa5:
    case 0xa6:
    case 0xa8: {
      const assertion = reader.enter(tag);
      return { kind: comparisonTags[tag], attribute: assertion.readText(), value: assertion.readBytes() };
    }
    case 0xa4:
      return readSubstrings(reader.enter(tag));
    case 0x87:
      return { kind: 'present', attribute: reader.readText(tag) };
    case 0xa9:
      return readExtensible(reader.enter(tag));
    default:
      throw new BerError(`a filter of kind ${tag}`);
  }
}

function readSubstrings(reader: BerReader): LdapFilter {
  const attribute = reader.readText();
  const parts = reader.enter(berTags.sequence);
  const take = (tag: number) => (parts.nextTag === tag ? parts.readBytes(tag) : Buffer.alloc(0));
  const initial = take(0x80);
  const any: Buffer[] = [];
  while (parts.nextTag === 0x81) any.push(parts.readBytes(0x81));
  return { kind: 'substrings', attribute, initial, any, final: take(0x82) };
}

function readExtensible(reader: BerReader): LdapFilter {
  const rule = reader.nextTag === 0x81 ? reader.readText(0x81) : '';
  const attribute = reader.nextTag === 0x82 ? reader.readText(0x82) : '';
  const value = reader.readBytes(0x83);
  const dnAttributes = reader.nextTag === 0x84 && reader.readBoolean(0x84);
  return { kind: 'extensible', rule, attribute, dnAttributes, value };
}

export function writeEntry(id: number, { dn, attributes }: DirectoryEntry): Buffer {
  return writeMessage(id, operations.searchEntry, (writer) => {
    writer.writeString(dn);
    writer.startSequence();
    for (const [name, values] of attributes) {
      writer.startSequence();
      writer.writeString(name);
      writer.startSequence(berTags.set);
      for (const value of values) writer.writeBuffer(value, berTags.octetString);
      writer.endSequence();
      writer.endSequence();
    }
    writer.endSequence();
  });
}

export function writeReference(id: number, url: string): Buffer {
  return writeMessage(id, operations.searchReference, (writer) => writer.writeString(url));
}

/** @param cookie cookie of a page in the response; `null`: paging was not requested. */
export function writeResult(id: number, operation: number, code: number, cookie: Buffer | null = null): Buffer {
  const writeBody = (writer: BerWriter) => {
    writer.writeEnumeration(code);
    writer.writeString('');
    writer.writeString('');
  };
  return writeMessage(id, operation, writeBody, cookie);
}

function writeMessage(
  id: number,
  operation: number,
  writeBody: (writer: BerWriter) => void,
  cookie: Buffer | null = null,
): Buffer {
  const writer = new BerWriter();
  writer.startSequence();
  writer.writeInt(id);
  writer.startSequence(operation);
  writeBody(writer);
  writer.endSequence();
  if (cookie !== null) {
    const value = new BerWriter();
    value.startSequence();
    value.writeInt(0);
    value.writeBuffer(cookie, berTags.octetString);
    value.endSequence();
    writer.startSequence(0xa0);
    writer.startSequence();
    writer.writeString(pagedResultsOid);
    writer.writeBuffer(value.buffer, berTags.octetString);
    writer.endSequence();
    writer.endSequence();
  }
  writer.endSequence();
  return writer.buffer;
}
