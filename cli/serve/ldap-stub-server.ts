// LDAP server for a list of entries, for demonstrations and tests on one machine: bind, search, paging, unbind.
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { type DirectoryEntry, DirectoryRefusal, resultCodes, valuesOf } from '../../server/adapters/ldap/directory.ts';
import { createMemoryDirectory } from '../../server/adapters/ldap/ldif/memory-directory.ts';
import { BerError, sizeOfElement } from '../../server/adapters/ldap/wire/ber.ts';
import { keyOfDn, parseDn } from '../../server/adapters/ldap/wire/distinguished-name.ts';
import { operations, pagedResultsOid } from '../../server/adapters/ldap/wire/ldap-messages.ts';
import { type LdapRequest, readRequest, type SearchRequest, writeEntry, writeResult } from './ldap-requests.ts';

export interface LdapStub {
  /** `ldap://127.0.0.1:PORT` */
  readonly url: string;
  close(): Promise<void>;
}

const codes = {
  success: 0,
  protocolError: 2,
  noSuchObject: 32,
  invalidCredentials: 49,
  unwillingToPerform: 53,
} as const;
/** This limit is far higher than a search for a batch of users needs. The cost of a filter is its length times the number of entries. */
const maxRequestBytes = 256 * 1024;
const secretAttribute = 'userpassword';

/**
 * Serves entries on a loopback address. Accepts anonymous binds, and binds as entries that have a plain-text `userPassword` in the file. Never
 * returns `userPassword`. Rejects all changes.
 *
 * @param port 0: any free port.
 */
export async function startLdapStub(entries: readonly DirectoryEntry[], port: number): Promise<LdapStub> {
  return serveAnswers(createAnswerer(entries), port);
}

/** Creates the responses to one request, in the order in which they are sent. */
export type Answerer = (request: LdapRequest, socket: Socket) => Promise<readonly Buffer[]>;

/** Listens on a loopback address and sends the responses that `answer` creates for each request. @param port 0: any free port. */
export async function serveAnswers(answer: Answerer, port: number): Promise<LdapStub> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('close', () => sockets.delete(socket));
    // A client that disconnects in the middle of a response is not an error.
    socket.on('error', () => socket.destroy());
    serveConnection(socket, answer).catch((error: unknown) => {
      // Data that is not LDAP, and a client that has disconnected, end the connection; anything else is a bug.
      socket.destroy();
      const { code, name } = (error ?? {}) as NodeJS.ErrnoException;
      if (!(error instanceof BerError) && code === undefined && name !== 'AbortError') throw error;
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    url: `ldap://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/**
 * Reads the requests of a connection and writes the responses in their order. One request is processed at a time. The next one is read only after the
 * socket has accepted the response. Thus, a client that does not read cannot fill the server's memory.
 */
async function serveConnection(socket: Socket, answer: Answerer): Promise<void> {
  /** Chunks of an incomplete message; concatenated once, when it is complete. */
  let parts: Buffer[] = [];
  let held = 0;
  let needed = 2;
  const closing = new AbortController();
  socket.once('close', () => closing.abort());
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    parts.push(chunk);
    held += chunk.length;
    while (held >= needed) {
      const data = Buffer.concat(parts, held);
      const size = sizeOfElement(data, 0);
      // The length of a message has at most six bytes.
      needed = size ?? Math.min(held + 1, 6);
      if (needed > maxRequestBytes) throw new BerError('a request that is too large');
      parts = [data];
      if (size === null || size > held) break;
      const request = readRequest(data.subarray(0, size));
      if (request.kind === 'unbind') socket.end();
      await send(await answer(request, socket), socket, closing.signal);
      parts = [data.subarray(size)];
      held -= size;
      needed = 2;
    }
  }
}

/** Messages up to this total size are sent in one write. */
const joinedBytes = 64 * 1024;

/** @param closing aborted when the socket closes, because a closed socket never drains. */
async function send(messages: readonly Buffer[], socket: Socket, closing: AbortSignal): Promise<void> {
  const length = messages.reduce((sum, message) => sum + message.length, 0);
  for (const part of length <= joinedBytes ? [Buffer.concat(messages)] : messages) {
    if (socket.destroyed || part.length === 0) return;
    if (!socket.write(part)) await once(socket, 'drain', { signal: closing });
  }
}

/** Responds like a server with these entries. */
export function createAnswerer(entries: readonly DirectoryEntry[]): Answerer {
  const passwords = new Map(entries.map((entry) => [keyOfName(entry.dn), valuesOf(entry, secretAttribute)]));
  const directory = createMemoryDirectory(entries.map(withoutPassword));
  const root = createMemoryDirectory([rootEntry(entries), schemaEntry(entries)]);
  const signal = new AbortController().signal;

  async function search({ base, scope, filter, attributes, sizeLimit, page, id }: SearchRequest): Promise<Buffer[]> {
    const isRoot = scope === 'base' && (base === '' || keyOfName(base) === keyOfName(schemaDn));
    // Without paging, a server returns the entries within the limit, and then the error (RFC 4511, section 4.5.1.4).
    const limit = sizeLimit === 0 || page === null ? {} : { sizeLimit };
    const asked = attributes.length === 0 ? ['*'] : attributes;
    const found = await (isRoot ? root : directory).search(
      { purpose: 'a client', base, scope, filter, attributes: asked, ...limit },
      signal,
    );
    if (page === null) {
      const isCut = sizeLimit > 0 && found.length > sizeLimit;
      const code = isCut ? resultCodes.sizeLimitExceeded : codes.success;
      const sent = isCut ? found.slice(0, sizeLimit) : found;
      return [...sent.map((entry) => writeEntry(id, entry)), writeResult(id, operations.searchDone, code)];
    }
    // The entries never change, so the cookie can be the position of the next page.
    const start = page.cookie.length === 0 ? 0 : Number(page.cookie.toString());
    const end = start + Math.max(page.size, 1);
    const cookie = Buffer.from(end < found.length ? String(end) : '');
    return [
      ...found.slice(start, end).map((entry) => writeEntry(id, entry)),
      writeResult(id, operations.searchDone, codes.success, cookie),
    ];
  }

  return async (request) => {
    switch (request.kind) {
      case 'bind': {
        const code = judgeBind(request, passwords);
        return [writeResult(request.id, operations.bindResponse, code)];
      }
      case 'search':
        return search(request).catch((error: unknown) => {
          if (!(error instanceof DirectoryRefusal)) throw error;
          return [writeResult(request.id, operations.searchDone, error.resultCode)];
        });
      case 'other':
        return [writeResult(request.id, request.operation + 1, codes.unwillingToPerform)];
      default:
        return [];
    }
  };
}

function judgeBind(
  { dn, password }: Extract<LdapRequest, { kind: 'bind' }>,
  passwords: ReadonlyMap<string, readonly Buffer[]>,
): number {
  if (password === null) return codes.unwillingToPerform;
  if (dn === '' && password === '') return codes.success;
  // A name without a password is not an anonymous bind but an error (RFC 4513, 5.1.2).
  if (password === '') return codes.unwillingToPerform;
  const isRight = passwords.get(keyOfName(dn))?.some((held) => held.equals(Buffer.from(password)));
  return isRight ? codes.success : codes.invalidCredentials;
}

function keyOfName(dn: string): string {
  const names = parseDn(dn);
  return names === null ? dn : keyOfDn(names);
}

function withoutPassword({ dn, attributes }: DirectoryEntry): DirectoryEntry {
  return { dn, attributes: new Map([...attributes].filter(([name]) => name !== secretAttribute)) };
}

const schemaDn = 'cn=Subschema';

function text(...values: string[]): Buffer[] {
  return values.map((value) => Buffer.from(value));
}

/** Returns the root DSE, from which a client learns about the server (RFC 4512, 5.1). */
function rootEntry(entries: readonly DirectoryEntry[]): DirectoryEntry {
  const depthOf = ({ dn }: DirectoryEntry) => parseDn(dn)?.length ?? 0;
  const least = entries.reduce((depth, entry) => Math.min(depth, depthOf(entry)), Number.POSITIVE_INFINITY);
  const tops = entries.filter((entry) => depthOf(entry) === least).map(({ dn }) => dn);
  return {
    dn: '',
    attributes: new Map([
      ['objectclass', text('top')],
      ['namingcontexts', text(...tops)],
      ['supportedcontrol', text(pagedResultsOid)],
      ['supportedldapversion', text('3')],
      ['subschemasubentry', text(schemaDn)],
    ]),
  };
}

/** Returns the schema entry with the names of the attributes in the file, so that a misspelled one is detected (RFC 4512, 4.2). */
function schemaEntry(entries: readonly DirectoryEntry[]): DirectoryEntry {
  const names = [...new Set(entries.flatMap(({ attributes }) => [...attributes.keys()]))];
  const types = names.map((name, index) => `( 1.1.${index} NAME '${name.split(';')[0]}' )`);
  return {
    dn: schemaDn,
    attributes: new Map([
      ['objectclass', text('subschema')],
      ['attributetypes', text(...types)],
    ]),
  };
}
