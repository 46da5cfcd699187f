// Opens a bound connection from a URL: TCP, TLS or StartTLS, bind; all within one time limit.
import { readFile } from 'node:fs/promises';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import type { LdapSourceConfig } from '../../../../schemas/generated/loaded-server-config.ts';
import { within } from '../../../within.ts';
import { SourceError } from '../../user-source.ts';
import { LdapConnection } from './ldap-connection.ts';
import { bindRefused, TransportFault, transportFault } from './ldap-errors.ts';
import { operations, writeExternalBind, writeSimpleBind, writeStartTls } from './ldap-messages.ts';

/** Options for opening a connection. */
export interface ConnectionSettings
  extends Pick<LdapSourceConfig, 'tls' | 'bind' | 'connectTimeoutMs' | 'operationTimeoutMs' | 'idleSeconds'> {
  /** PEM text of CAs, instead of the files of `tls.ca`. Omitted: those files. */
  readonly caText?: string;
}

/**
 * Opens a bound connection: no request is possible before the bind.
 *
 * @throws {TransportFault} the server cannot be reached in time, or its certificate is rejected. @throws {BindRefused} the account is rejected.
 */
export async function openConnection(
  url: string,
  config: ConnectionSettings,
  closing: AbortSignal,
): Promise<LdapConnection> {
  const { host, port, isLdaps } = parseServerUrl(url);
  const sockets: Socket[] = [];
  // Description of the current step; one time limit applies to all steps.
  let waitsFor = `${url} does not accept a connection`;
  const steps = async () => {
    const tls = isLdaps || config.tls.startTls ? await readTlsOptions(config.tls, host, config.caText) : null;
    const socket = tls !== null && isLdaps ? connectTls({ ...tls, host, port }) : connectTcp({ host, port });
    sockets.push(socket);
    socket.once('connect', () => {
      if (isLdaps)
        waitsFor = `${url} accepts connections but does not complete the TLS handshake; check the port (636 is usual)`;
    });
    await becomesReady(socket, isLdaps ? 'secureConnect' : 'connect');
    socket.setNoDelay(true);
    const connection = new LdapConnection(url, socket, config);
    if (tls !== null && !isLdaps) {
      waitsFor = `${url} accepts connections but does not complete StartTLS`;
      await startTls(connection, async (plain) => {
        const secure = connectTls({ ...tls, socket: plain });
        sockets.push(secure);
        await becomesReady(secure, 'secureConnect');
        return secure;
      });
    }
    if (isLdaps || tls !== null) waitsFor = `${url} completed the TLS handshake but does not respond to the bind`;
    else
      waitsFor = `${url} accepts connections but does not respond to the bind; check the port (389 is usual without TLS)`;
    await bind(connection, config);
    return connection;
  };
  const { connectTimeoutMs } = config;
  const onLate = () => new TransportFault(`${waitsFor} (within ${connectTimeoutMs} ms).`);
  const onClosing = () => new TransportFault(`${url}: the source is closing.`);
  try {
    return await within(steps(), {
      timeout: { ms: connectTimeoutMs, error: onLate },
      abort: { signal: closing, error: onClosing },
    });
  } catch (error) {
    for (const socket of sockets) socket.destroy();
    throw error instanceof SourceError ? error : transportFault(url, error);
  }
}

/** Returns the parts of a server's URL; an IPv6 address without its brackets. */
export function parseServerUrl(url: string): { host: string; port: number; isLdaps: boolean } {
  const { protocol, hostname, port } = new URL(url);
  const isLdaps = protocol === 'ldaps:';
  return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || (isLdaps ? 636 : 389)), isLdaps };
}

/** Reads the files for each connection, so that renewed files are used without a restart. */
export async function readTlsOptions(
  tls: LdapSourceConfig['tls'],
  host: string,
  caText?: string,
): Promise<ConnectionOptions> {
  const { ca, certificate, key, keyPassphrase, serverName, minVersion } = tls;
  const read = (file: string) => readFile(file, 'utf8');
  const name = serverName ?? host;
  return {
    // The name to verify; an address must not be sent as a name (RFC 6066, 3).
    host: name,
    ...(isIP(name) === 0 ? { servername: name } : {}),
    minVersion,
    ...(ca.length === 0 ? {} : { ca: await Promise.all(ca.map(read)) }),
    ...(caText === undefined ? {} : { ca: caText }),
    ...(certificate === undefined ? {} : { cert: await read(certificate) }),
    ...(key === undefined ? {} : { key: await read(key) }),
    ...(keyPassphrase === undefined ? {} : { passphrase: keyPassphrase.reveal() }),
  };
}

function becomesReady(socket: Socket, event: 'connect' | 'secureConnect'): Promise<void> {
  return new Promise((resolve, reject) => {
    const onClose = () => reject(Object.assign(new Error('closed'), { code: 'ECONNRESET' }));
    socket.once('error', reject).once('close', onClose);
    socket.once(event, () => {
      socket.off('error', reject).off('close', onClose);
      resolve();
    });
  });
}

/** Negotiates TLS on a plain connection; `secure` performs the handshake. @throws {TransportFault} the server rejects StartTLS. */
export async function startTls(connection: LdapConnection, secure: (plain: Socket) => Promise<Socket>): Promise<void> {
  const { code } = await connection.request(writeStartTls, operations.extendedResponse);
  if (code !== 0) throw new TransportFault(`${connection.url} rejects StartTLS (${code}); use ldaps://.`);
  await connection.upgrade(secure);
}

async function bind(connection: LdapConnection, { bind: { method, dn, password } }: ConnectionSettings): Promise<void> {
  if (method === 'anonymous') return;
  const secret = password?.reveal() ?? '';
  // A server treats a name without a password as an anonymous bind, and reports success (RFC 4513, 5.1.2).
  if (method === 'simple' && (dn === undefined || secret === '')) {
    throw new SourceError('unavailable', 'source.bind has method simple, but dn or password is missing.');
  }
  const write = (id: number) => (method === 'external' ? writeExternalBind(id) : writeSimpleBind(id, dn ?? '', secret));
  const { code } = await connection.request(write, operations.bindResponse);
  if (code !== 0) throw bindRefused(connection.url, code);
}
