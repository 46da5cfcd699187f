// Columns of real LDAP directories in the fault matrix, each behind the fault proxy. For some cells, a server with odd responses replaces the
// directory.
import { setTimeout as delay } from 'node:timers/promises';
import { certificateFiles } from '../certificate-files.ts';
import { type FaultSubject, limitMs, networkCells, none, ownTimeOuts, type Renumber } from '../fault-matrix.ts';
import { startFaultProxy } from '../fault-proxy.ts';
import { secretReference } from '../test-server.ts';
import { startOddServer } from './odd-directory.ts';

const passwordNeedsAMinute =
  'a refused account is left alone for a minute, or it would be locked; server/adapters/ldap/wire/server-faults.test.ts holds the clock';

interface RealDirectory {
  /** Address at which the directory accepts TLS. */
  readonly address: Parameters<typeof startFaultProxy>[0];
  /** The same people, for the server that responds as no real server does. */
  readonly people: string;
  readonly reader: { readonly dn: string; readonly password: string };
  /** Options of the source for its searches. */
  readonly mapping: object;
  setPassword(text: string): void;
  /** Passwords that replace the reader's password, one after the other. */
  readonly otherPasswords: readonly string[];
  /** Adds a second entry with the userid of the first. */
  addSecond(): void;
  removeSecond(): void;
  stop(): Promise<void>;
  start(): Promise<void>;
}

export async function directorySubject(directory: RealDirectory): Promise<FaultSubject> {
  const { good, bad, listenerTls } = await certificateFiles();
  const { 'wrong-host-name-server': wrongName, 'expired-server': expired } = bad.certificates;
  const proxy = await startFaultProxy(directory.address);
  const odd = await startOddServer(directory.people, proxy);
  const { dn, password } = directory.reader;
  return {
    source: {
      type: 'ldap',
      urls: [`ldaps://127.0.0.1:${proxy.port}`],
      bind: { dn, password: secretReference('LDAP_PASSWORD') },
      tls: { ca: listenerTls.clientCa },
      connectTimeoutMs: limitMs,
      operationTimeoutMs: limitMs,
      ...directory.mapping,
    },
    environment: { LDAP_PASSWORD: password },
    proxy,
    maxConnections: 2,
    cells: {
      ...networkCells(proxy, { good: good.server, wrongName, expired }, ownTimeOuts, renumber),
      'rejected bind or password': {
        expected: '503',
        isOutage: true,
        async inflict() {
          for (const other of directory.otherPasswords) directory.setPassword(other);
          proxy.dropIdle();
        },
        heal: async () => directory.setPassword(password),
        recoversLater: passwordNeedsAMinute,
      },
      ...odd.cells,
      'duplicate entry': {
        expected: '502',
        // Samba responds slowly for a moment while it indexes a new entry.
        inflict: async () => {
          directory.addSecond();
          await delay(1000);
        },
        heal: async () => directory.removeSecond(),
      },
      'server restart': { expected: '503', isOutage: true, inflict: directory.stop, heal: directory.start },
      ...none('the disk of the LDAP server', 'file half-written, or disk full', 'file removed'),
    },
    async close() {
      await proxy.close();
      await odd.close();
      await directory.stop();
    },
  };
}

/** Puts the message number of the current response into each repeated message; the client ignores any other number. */
const renumber: Renumber = (repeated, current) => {
  const made = Buffer.from(repeated);
  const number = current[numberPlace(current, 0).place] ?? 0;
  for (let start = 0; start < made.length; ) {
    const { place, end } = numberPlace(made, start);
    made[place] = number;
    start = end;
  }
  return made;
};

/** Returns the offset of the message number and the end of a message that is `SEQUENCE { INTEGER of one byte, … }`. */
function numberPlace(bytes: Buffer, start: number): { place: number; end: number } {
  const first = bytes[start + 1] ?? 0;
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
  const body = start + 2 + lengthBytes;
  return { place: body + 2, end: body + (lengthBytes === 0 ? first : bytes.readUIntBE(start + 2, lengthBytes)) };
}
