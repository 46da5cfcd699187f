// Network that counts as one client when attempts are counted by address.
import { isIPv6 } from 'node:net';

/**
 * The network that a limit is kept for: an IPv4 address itself (also as `::ffff:192.0.2.1`), of an IPv6 address its /64,
 * since one host has a whole /64 of addresses (RFC 4291, 2.5.4).
 */
export function clientNetworkOf(address: string): string {
  if (!isIPv6(address) || address.toLowerCase().startsWith('::ffff:')) return address;
  const [head = '', tail] = address.split('%')[0]?.split('::') ?? [];
  const groups = head.split(':').filter(Boolean);
  const tailLength = tail?.split(':').filter(Boolean).length ?? 0;
  const zeros = tail === undefined ? 0 : 8 - groups.length - tailLength;
  return `${[...groups, ...Array<string>(zeros).fill('0')].slice(0, 4).join(':')}::/64`;
}
