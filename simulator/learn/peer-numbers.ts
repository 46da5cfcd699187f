// Numbers that replace the peers' addresses, which a profile must not contain.
import { BlockList, isIP, isIPv6 } from 'node:net';

export interface PeerNumbers {
  find(address: string): { readonly peer: number; readonly isFromPlatform: boolean | null };
}

/** Peers beyond this number are counted as one. */
const maxPeers = 10_000;
const mapped = '::ffff:';

/** @param platformAddresses addresses from which the platform itself connects; undefined: not known. */
export function createPeerNumbers(platformAddresses?: readonly string[]): PeerNumbers {
  const numbers = new Map<string, number>();
  const ofPlatform = new BlockList();
  for (const address of platformAddresses ?? []) ofPlatform.addAddress(address, isIPv6(address) ? 'ipv6' : 'ipv4');
  return {
    find(given) {
      // An IPv6 socket reports IPv4 addresses in IPv4-mapped form.
      const address = given.startsWith(mapped) ? given.slice(mapped.length) : given;
      const peer = numbers.get(address) ?? Math.min(numbers.size, maxPeers);
      if (peer < maxPeers) numbers.set(address, peer);
      // A closed socket has no address.
      const isKnown = platformAddresses !== undefined && isIP(address) !== 0;
      return { peer, isFromPlatform: isKnown ? ofPlatform.check(address, isIPv6(address) ? 'ipv6' : 'ipv4') : null };
    },
  };
}
