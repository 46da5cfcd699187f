// Owns which connections come from a proxy that the configuration names: all others are believed nothing.
import { BlockList, isIP, type Socket } from 'node:net';
import type { TrustProxyConfig } from '../schemas/generated/loaded-server-config.ts';

/** Whether a connection comes from a named proxy. */
export type IsNamedProxy = (socket: Socket) => boolean;

export function createIsNamedProxy({ addresses }: TrustProxyConfig): IsNamedProxy {
  const named = createAddressSet(addresses);
  return ({ remoteAddress }) => {
    const address = plainAddress(remoteAddress ?? '');
    const version = isIP(address);
    return version !== 0 && named.check(address, version === 6 ? 'ipv6' : 'ipv4');
  };
}

/** @param entries addresses and networks that `findNetworkFault` finds nothing against. */
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

/** An IPv4 address that came over an IPv6 socket (`::ffff:192.0.2.1`), as IPv4; others as they are. */
export function plainAddress(address: string): string {
  return /^::ffff:\d+\.\d+\.\d+\.\d+$/i.test(address) ? address.slice('::ffff:'.length) : address;
}

/** What is wrong with an address or a network (192.0.2.0/24, 2001:db8::/48); `null`: nothing. */
export function findNetworkFault(entry: string): string | null {
  const [address = '', prefix, ...rest] = entry.split('/');
  const version = isIP(address);
  if (version === 0 || address.includes('%') || rest.length > 0)
    return 'is neither an IP address nor a network such as 192.0.2.0/24';
  if (prefix === undefined) return null;
  if (!/^\d{1,3}$/.test(prefix) || Number(prefix) > (version === 6 ? 128 : 32))
    return `has a prefix that is no number up to ${version === 6 ? 128 : 32}`;
  return Number(prefix) === 0 ? 'names everybody; whoever asks could then claim any address' : null;
}
