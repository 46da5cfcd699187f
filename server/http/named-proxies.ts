// Connections from configured proxies; no other connection is trusted.
import { BlockList, isIP, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { TrustProxyConfig } from '../../schemas/generated/loaded-server-config.ts';
import { certificateShownOn, isAllowed } from '../auth/client-certificate.ts';

/** Whether a connection comes from a configured proxy. */
export type IsNamedProxy = (socket: Socket) => boolean;

/**
 * Recognizes a connection by its address; if certificates are configured, the connection must also have presented one of these certificates, verified
 * by TLS. A connection is checked once.
 */
export function createIsNamedProxy({ addresses, certificates }: TrustProxyConfig): IsNamedProxy {
  const named = createAddressSet(addresses);
  const decisions = new WeakMap<Socket, boolean>();

  function evaluate(socket: Socket): boolean {
    const address = plainAddress(socket.remoteAddress ?? '');
    const version = isIP(address);
    if (version === 0 || !named.check(address, version === 6 ? 'ipv6' : 'ipv4')) return false;
    if (certificates.length === 0) return true;
    if (!(socket instanceof TLSSocket) || !socket.authorized) return false;
    const certificate = certificateShownOn(socket);
    return certificate !== null && isAllowed(certificate, certificates);
  }

  return (socket) => {
    const known = decisions.get(socket);
    if (known !== undefined) return known;
    const verdict = evaluate(socket);
    decisions.set(socket, verdict);
    return verdict;
  };
}

/** Creates a set of addresses. @param entries addresses and networks that the configuration's rules accept. */
export function createAddressSet(entries: readonly string[]): BlockList {
  const set = new BlockList();
  for (const entry of entries) {
    const [address = '', prefix] = entry.split('/');
    const type = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (prefix === undefined) set.addAddress(address, type);
    else set.addSubnet(address, Number(prefix), type);
  }
  return set;
}

/** Returns an IPv4 address that arrived over an IPv6 socket (`::ffff:192.0.2.1`) as IPv4, and other addresses unchanged. */
export function plainAddress(address: string): string {
  return /^::ffff:\d+\.\d+\.\d+\.\d+$/i.test(address) ? address.slice('::ffff:'.length) : address;
}
