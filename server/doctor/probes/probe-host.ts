// Tests the connection to a host step by step: name, port, certificate.
import { lookup } from 'node:dns/promises';
import { connect, isIP, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls, type DetailedPeerCertificate, type TLSSocket } from 'node:tls';
import { ProtocolError } from '../../adapters/sql/foreign-server.ts';
import { SourceError } from '../../adapters/user-source.ts';
import { within } from '../../within.ts';
import { count, doubtful, type Finding, type Findings, fails, failure, works } from './finding.ts';

export interface HostToProbe {
  readonly host: string;
  readonly port: number;
  /** Of each step. */
  readonly timeoutMs: number;
  /** Left out: no TLS. */
  readonly tls?: TlsToProbe;
}

export interface TlsToProbe {
  /** As the adapter itself would use; files are read already. */
  readonly options: ConnectionOptions;
  /** That the certificate has to have. */
  readonly serverName: string;
  /** The section of the configuration, for cures: "source.tls". */
  readonly section: string;
  /** Agrees on TLS in plain text, where the protocol begins so, then shakes hands. @throws {SourceError} when the server refuses. */
  readonly negotiate?: (plain: Socket, shakeHands: ShakeHands) => Promise<TLSSocket>;
}

export type ShakeHands = (plain: Socket) => Promise<TLSSocket>;

/** Certificates are renewed about a month before their end; who has less left has missed it. */
const fewDays = 21;
const dayMs = 24 * 3600 * 1000;

/** Looks the name up, connects, and looks at the certificate. Nothing secret is sent. */
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
      `${place} takes no connection (${code})`,
      isSocket ? socketCure : (connectionCures[code] ?? otherCure),
    );
    return false;
  }
  try {
    yield works('TCP', `${place} takes connections (${Math.round(performance.now() - startMs)} ms)`);
    if (tls === undefined) return true;
    const finding = await probeTls(socket, tls, place, timeoutMs);
    yield finding;
    return finding.verdict !== 'fails';
  } finally {
    socket.destroy();
  }
}

async function probeName(host: string, timeoutMs: number): Promise<Finding> {
  if (host.startsWith('/')) return works('DNS', 'a socket of this machine: there is no name to look up');
  if (isIP(host) !== 0) return works('DNS', `${host} is an address: there is no name to look up`);
  try {
    const addresses = await within(lookup(host, { all: true }), timeoutOf(timeoutMs));
    return works('DNS', `${host} has ${count(addresses.length, 'address', 'addresses')}`);
  } catch (error) {
    const cure = `compare the name with the configuration; \`getent hosts ${host}\` asks as this program does`;
    return fails('DNS', `${host} is not known (${codeOf(error)})`, cure);
  }
}

async function probeTls(plain: Socket, tls: TlsToProbe, place: string, timeoutMs: number): Promise<Finding> {
  const { options, serverName, section, negotiate } = tls;
  // Not rejected: the verdict is what is looked for. Nothing is sent over it.
  const shakeHands: ShakeHands = (socket) =>
    becomes(connectTls({ ...options, socket, host: serverName, rejectUnauthorized: false }), 'secureConnect');
  try {
    const handshake = negotiate === undefined ? shakeHands(plain) : negotiate(plain, shakeHands);
    const secure = await within(handshake, timeoutOf(timeoutMs));
    const finding = judgeCertificate(secure, place, section);
    secure.destroy();
    return finding;
  } catch (error) {
    if (error instanceof SourceError) return failure(error instanceof ProtocolError ? 'protocol' : 'TLS', error);
    const cure = `is this the port for TLS? Has it a version of TLS of our time? Does it ask for a client certificate (${section})?`;
    const code = codeOf(error);
    const text =
      code === 'TIMEOUT' ? `does not finish the handshake within ${timeoutMs} ms` : `ends the handshake (${code})`;
    return fails('TLS', `${place} ${text}`, cure);
  }
}

function judgeCertificate(socket: TLSSocket, place: string, section: string): Finding {
  const chain = [...chainOf(socket.getPeerCertificate(true))];
  const [leaf] = chain;
  const end = Math.min(...chain.map(({ valid_to }) => Date.parse(valid_to)));
  const daysLeft = Math.floor((end - Date.now()) / dayMs);
  if (!socket.authorized) {
    // Node has the code there, whatever its types say.
    const code = String(socket.authorizationError);
    const cure = (certificateCures[code] ?? otherCertificateCure)(section, namesOf(leaf));
    return fails('TLS', `the certificate of ${place} is refused (${code})`, cure);
  }
  const text = `${socket.getProtocol()}, the chain holds, ${count(daysLeft, 'day')} left`;
  if (daysLeft >= fewDays) return works('TLS', text);
  return doubtful('TLS', text, `have a certificate of ${place} renewed; every lookup fails when it ends`);
}

function* chainOf(certificate: DetailedPeerCertificate): Generator<DetailedPeerCertificate> {
  const seen = new Set<string>();
  let next: DetailedPeerCertificate | undefined = certificate;
  while (next?.fingerprint256 !== undefined && !seen.has(next.fingerprint256)) {
    seen.add(next.fingerprint256);
    yield next;
    next = next.issuerCertificate;
  }
}

/** What somebody else wrote stays on one line, and short. */
function namesOf(certificate: DetailedPeerCertificate | undefined): string {
  const names = certificate?.subjectaltname ?? certificate?.subject.CN ?? 'none';
  return String(names)
    .replaceAll(/\P{ASCII}|\p{Cc}/gu, '?')
    .slice(0, 200);
}

type CertificateCure = (section: string, names: string) => string;

const unknownCa: CertificateCure = (section) =>
  `put the CA that issued it into ${section}.ca; if its CA is there, the server leaves out an intermediate certificate`;
const otherCertificateCure: CertificateCure = (section) =>
  `\`openssl s_client -showcerts\` shows what the server sends; compare it with ${section}.ca`;

/** Codes of OpenSSL and of Node → what to do. */
const certificateCures: Readonly<Record<string, CertificateCure>> = {
  CERT_HAS_EXPIRED: () => 'have a new certificate put on the server',
  CERT_NOT_YET_VALID: () => 'compare the clocks of both machines; else the certificate is used too early',
  ERR_TLS_CERT_ALTNAME_INVALID: (section, names) =>
    `connect by a name that it has (${names}), or have one issued with this name; see also ${section}.serverName`,
  SELF_SIGNED_CERT_IN_CHAIN: unknownCa,
  DEPTH_ZERO_SELF_SIGNED_CERT: unknownCa,
  UNABLE_TO_GET_ISSUER_CERT: unknownCa,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: unknownCa,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: unknownCa,
};

const otherCure = 'compare host and port with the configuration, and ask for the firewall between';
const connectionCures: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there: is the server started, and is the port right?',
  TIMEOUT: 'nothing answers: a firewall commonly drops what it does not let through',
  ENETUNREACH: 'there is no route to it from this machine',
  EHOSTUNREACH: 'there is no route to it from this machine',
};

const socketCure = 'is the server started, is this the path of its socket, and may this account enter the folder?';

async function openSocket(host: string, port: number, timeoutMs: number): Promise<Socket> {
  const socket = connect(host.startsWith('/') ? { path: host } : { host, port });
  try {
    return await within(becomes(socket, 'connect'), timeoutOf(timeoutMs));
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

/** @throws the socket's own error; ECONNRESET when it closed without one. The socket is destroyed then. */
function becomes<Kind extends Socket>(socket: Kind, event: 'connect' | 'secureConnect'): Promise<Kind> {
  return new Promise((resolve, reject) => {
    // Stays: what comes later is nobody's business any more, and must not end the process.
    socket.on('error', reject);
    socket.once('close', () => reject(Object.assign(new Error('closed'), { code: 'ECONNRESET' })));
    socket.once(event, () => resolve(socket));
  });
}

/** The limit of one step. */
function timeoutOf(ms: number) {
  return { timeout: { ms, error: () => Object.assign(new Error('too late'), { code: 'TIMEOUT' }) } };
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'no code';
}
