// Errors of a server that does not respond like the configured database, and recognition of what it is instead.
import { SourceError } from '../user-source.ts';

/** The port was reached, but the server there did not respond in the database's protocol, so no login was attempted. */
export class ProtocolError extends SourceError {}

/** It is the configured database, but it does not offer the TLS that the configuration requires. */
export class TlsNotOffered extends SourceError {}

/**
 * The database, or a device in between, sent data that the protocol does not allow.
 *
 * @param detail the error, without any bytes of the message, which may contain user data.
 */
export class WireError extends SourceError {
  constructor(detail: string) {
    super(
      'bad-answer',
      `The database sent a malformed message (${detail}). The connection was closed. If this repeats, check what is between this server and the database.`,
    );
  }
}

export type DatabaseProtocol = 'postgresql' | 'mysql';

const products: Readonly<Record<DatabaseProtocol, string>> = {
  postgresql: 'PostgreSQL',
  mysql: 'MySQL or MariaDB',
};

/** Returns the error for a server that closes the connection before it sends anything. */
export function describeClosing(wanted: DatabaseProtocol, place: string): ProtocolError {
  const advice = `Check that ${products[wanted]} listens on this port and accepts connections from this machine.`;
  return new ProtocolError('unavailable', `${place} closed the connection without a reply. ${advice}`);
}

/** Returns the error for a server that accepts the connection and then sends nothing. */
export function describeSilence(wanted: DatabaseProtocol, place: string, waitedMs: number): ProtocolError {
  const advice = `Check that ${products[wanted]} listens on this port.`;
  return new ProtocolError(
    'too-slow',
    `${place} accepted the connection but sent nothing within ${waitedMs} ms. ${advice}`,
  );
}

/**
 * Returns the error for a server whose first bytes do not belong to the configured protocol.
 *
 * @param place "HOST:PORT", for the message.
 * @param head the first bytes that the server sent.
 */
export function describeForeignServer(wanted: DatabaseProtocol, place: string, head: Buffer): ProtocolError {
  const found = nameProtocol(head);
  const advice = systemOf[found] ?? 'Check connection.host and connection.port.';
  return new ProtocolError(
    'unavailable',
    `${place} does not speak the protocol of ${products[wanted]}: it responds like ${found}. ${advice}`,
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
  // A packet with sequence number 0: a greeting of protocol 10, or an error in its place.
  if (head[3] === 0 && (head[4] === 0x0a || head[4] === 0xff)) return mysql;
  if ((head[0] === 0x45 || head[0] === 0x52) && head[1] === 0 && head[2] === 0) return postgresql;
  return 'an unknown server';
}
