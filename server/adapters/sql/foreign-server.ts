// Recognition of a server that speaks another protocol than the configured database.
import { SourceError } from '../user-source.ts';

export type DatabaseProtocol = 'postgresql' | 'mysql';

const products: Readonly<Record<DatabaseProtocol, string>> = {
  postgresql: 'PostgreSQL',
  mysql: 'MySQL or MariaDB',
};

/** Returns the product of a protocol, for messages. */
export function productOf(protocol: DatabaseProtocol): string {
  return products[protocol];
}

/**
 * Returns the error for a server whose first bytes are not of the configured protocol.
 *
 * @param place "HOST:PORT", for the message.
 * @param head its first bytes.
 */
export function describeForeignServer(wanted: DatabaseProtocol, place: string, head: Buffer): SourceError {
  const found = nameProtocol(head);
  const advice = systemOf[found] ?? 'Check connection.host and connection.port.';
  return new SourceError(
    'unavailable',
    `${place} does not speak the protocol of ${products[wanted]}: it answers like ${found}. ${advice}`,
  );
}

const [mysql, postgresql] = ['a MySQL or MariaDB server', 'a PostgreSQL server'];

const systemOf: Readonly<Record<string, string>> = {
  [mysql]: 'Set connection.system to mysql, or change connection.port.',
  [postgresql]: 'Set connection.system to postgresql, or change connection.port.',
};

function nameProtocol(head: Buffer): string {
  const text = head.toString('latin1', 0, 16);
  if (/^(?:HTTP\/\d|<!doctype|<html)/i.test(text)) return 'an HTTP server';
  if (text.startsWith('SSH-')) return 'an SSH server';
  // A TLS record: an alert or a handshake, version 3.x.
  if ((head[0] === 0x15 || head[0] === 0x16) && head[1] === 0x03)
    return 'a server that expects TLS from the first byte';
  // A packet with sequence number 0: a greeting of protocol 10, or an error before it.
  if (head[3] === 0 && (head[4] === 0x0a || head[4] === 0xff)) return mysql;
  if ((head[0] === 0x45 || head[0] === 0x52) && head[1] === 0 && head[2] === 0) return postgresql;
  return 'an unknown server';
}
