// Tests the connection to a host step by step: name, port, certificate.
import { lookup } from 'node:dns/promises';
import { connect, isIP, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls';
import { SourceError } from '../../adapters/user-source.ts';
import { within } from '../../within.ts';
import { codeOf, count, type Finding, type Findings, fails, failure, works } from './finding.ts';
import { certificateFinding, handshakeFailure, handshakeTimeout } from './tls-findings.ts';

export interface HostToProbe {
  readonly host: string;
  readonly port: number;
  /** Of each step. */
  readonly timeoutMs: number;
  /** Missing: no TLS. */
  readonly tls?: TlsToProbe;
}

export interface TlsToProbe {
  /** TLS options as the adapter itself would use them; files have been read. */
  readonly options: ConnectionOptions;
  /** Name that the certificate has to contain. */
  readonly serverName: string;
  /** The section of the configuration, for remedies: "source.tls". */
  readonly section: string;
  /** Negotiates TLS in plain text if the protocol requires it, then performs the handshake. @throws {SourceError} when the server refuses. */
  readonly negotiate?: (plain: Socket, shakeHands: ShakeHands) => Promise<TLSSocket>;
}

export type ShakeHands = (plain: Socket) => Promise<TLSSocket>;

/** Resolves the name, connects, and evaluates the certificate. No secret is sent. */
export async function* probeHost({ host, port, timeoutMs, tls }: HostToProbe): Findings {
  const isSocket = host.startsWith('/');
  const place = isSocket ? host : `${host}:${port}`;
  const dns = await probeName(host, timeoutMs);
  yield dns;
  if (dns.verdict === 'fails') return false;
  const startMs = performance.now();
  let socket: Socket;
  try {
    socket = await openSocket(host, port, timeoutMs);
  } catch (error) {
    const code = codeOf(error);
    yield fails(
      'TCP',
      `${place} does not accept connections (${code})`,
      isSocket ? socketRemedy : (connectionRemedies[code] ?? otherRemedy),
    );
    return false;
  }
  try {
    yield works('TCP', `${place} accepts connections (${Math.round(performance.now() - startMs)} ms)`);
    if (tls === undefined) return true;
    const finding = await probeTls(socket, tls, place, timeoutMs);
    yield finding;
    return finding.verdict !== 'fails';
  } finally {
    socket.destroy();
  }
}

async function probeName(host: string, timeoutMs: number): Promise<Finding> {
  if (host.startsWith('/')) return works('DNS', 'a local socket: no name to look up');
  if (isIP(host) !== 0) return works('DNS', `${host} is an address: no name to look up`);
  try {
    const addresses = await within(lookup(host, { all: true }), timeoutOf(timeoutMs));
    return works('DNS', `${host} has ${count(addresses.length, 'address', 'addresses')}`);
  } catch (error) {
    const remedy = `compare the name with the configuration; \`getent hosts ${host}\` performs the same lookup`;
    return fails('DNS', `${host} cannot be resolved (${codeOf(error)})`, remedy);
  }
}

async function probeTls(plain: Socket, tls: TlsToProbe, place: string, timeoutMs: number): Promise<Finding> {
  const { options, serverName, section, negotiate } = tls;
  // Node must not reject the certificate, because it is evaluated here. Nothing is sent over the connection.
  const shakeHands: ShakeHands = (socket) =>
    becomes(connectTls({ ...options, socket, host: serverName, rejectUnauthorized: false }), 'secureConnect');
  try {
    const handshake = negotiate === undefined ? shakeHands(plain) : negotiate(plain, shakeHands);
    const secure = await within(handshake, timeoutOf(timeoutMs));
    const finding = certificateFinding(secure, { place, section });
    secure.destroy();
    return finding;
  } catch (error) {
    if (error instanceof SourceError) return failure('TLS', error);
    const code = codeOf(error);
    if (code === 'TIMEOUT') return handshakeTimeout(timeoutMs, { place, section });
    return handshakeFailure(code, { place, section });
  }
}

const otherRemedy = 'compare host and port with the configuration, and check any firewall in between';
const connectionRemedies: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens on this port: start the server, or correct the port',
  TIMEOUT: 'no response: a firewall may drop the packets',
  ENETUNREACH: 'there is no route to the host from this machine',
  EHOSTUNREACH: 'there is no route to the host from this machine',
};

const socketRemedy =
  'check that the server is running, that its socket has this path, and that this account may enter the directory';

async function openSocket(host: string, port: number, timeoutMs: number): Promise<Socket> {
  const socket = connect(host.startsWith('/') ? { path: host } : { host, port });
  try {
    return await within(becomes(socket, 'connect'), timeoutOf(timeoutMs));
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

/** Waits for an event. @throws the socket's error, or ECONNRESET when it was closed without an error; in both cases the socket is destroyed. */
function becomes<Kind extends Socket>(socket: Kind, event: 'connect' | 'secureConnect'): Promise<Kind> {
  return new Promise((resolve, reject) => {
    // This listener stays registered, because a later error is irrelevant and must not stop the process.
    socket.on('error', reject);
    socket.once('close', () => reject(Object.assign(new Error('closed'), { code: 'ECONNRESET' })));
    socket.once(event, () => resolve(socket));
  });
}

/** Returns the time limit of one step. */
function timeoutOf(ms: number) {
  return { timeout: { ms, error: () => Object.assign(new Error('too late'), { code: 'TIMEOUT' }) } };
}
