// Client address of a request: the connection's, or the one that a configured proxy names; and the network that counts as one client.
import type { IncomingMessage } from 'node:http';
import { type BlockList, isIP, isIPv6 } from 'node:net';
import type { TrustProxyConfig } from '../../schemas/generated/loaded-server-config.ts';
import { createAddressSet, type IsNamedProxy, plainAddress } from './named-proxies.ts';

/** The address by which a request is logged and limited, without a port; empty if the client has already disconnected. */
export type ClientAddress = (request: IncomingMessage) => string;

/** Returns the connection's own address. */
export const addressOfConnection: ClientAddress = ({ socket }) => socket.remoteAddress ?? '';

/**
 * Creates a function that reads the address of the client from the header of a configured proxy. Each proxy appends the address of its client, so the
 * list is read from the end, past the configured proxies, to the first other address. Earlier entries were sent by that client and are not trusted.
 * If the list is malformed or contains only proxies, the last trusted address is the client's.
 *
 * @internal
 */
export function createClientAddress(
  { addresses, clientAddress }: TrustProxyConfig,
  isProxy: IsNamedProxy,
): ClientAddress {
  const named = createAddressSet(addresses);
  const name = clientAddress.toLowerCase();
  const readHops = clientAddress === 'Forwarded' ? hopsOfForwarded : hopsOfList;
  return (request) => {
    const connection = addressOfConnection(request);
    if (!isProxy(request.socket)) return connection;
    // Node joins several fields with these names in their order.
    const given = request.headers[name];
    return typeof given === 'string' ? walk(readHops(given), connection, named) : connection;
  };
}

function walk(hops: readonly string[], connection: string, named: BlockList): string {
  let believed = connection;
  for (const hop of hops.toReversed()) {
    const address = addressOfHop(hop);
    if (address === null) return believed;
    believed = address;
    if (!named.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')) return believed;
  }
  return believed;
}

function hopsOfList(header: string): string[] {
  return header.split(',');
}

// RFC 7239, 4: pairs are separated by semicolons, elements by commas; a value is a token or a quoted-string.
const forwardedPair = /^\s*([!#$%&'*+.^_`|~\w-]+)=([!#$%&'*+.^_`|~\w-]+|"(?:[^"\\]|\\.)*")\s*$/;

/** Returns the `for` of each element; a malformed element, or one without exactly one `for`, becomes a hop that is not an address. */
function hopsOfForwarded(header: string): string[] {
  return splitOutsideQuotes(header, ',').map((element) => {
    const values: string[] = [];
    for (const pair of splitOutsideQuotes(element, ';')) {
      const [, name, value] = forwardedPair.exec(pair) ?? [];
      if (name === undefined || value === undefined) return '';
      if (name.toLowerCase() === 'for') values.push(value.replace(/^"(.*)"$/, '$1'));
    }
    return values.length === 1 ? (values[0] ?? '') : '';
  });
}

// RFC 7239, 6: an IPv6 address is in brackets, and a port may follow. Some proxies omit the brackets.
const withPort = /^(?:\[([\da-f:.]+)\](?::\d{1,5})?|(\d+\.\d+\.\d+\.\d+)(?::\d{1,5})?)$/i;

/** Returns the address of a hop; `null`: it is not an address ("unknown", a made-up name, anything else). */
function addressOfHop(hop: string): string | null {
  const text = hop.trim();
  const [, bracketed, dotted] = withPort.exec(text) ?? [];
  const address = bracketed ?? dotted ?? text;
  // Only the machine that wrote a zone (`%eth0`) knows its meaning, and it can be any text.
  return isIP(address) === 0 || address.includes('%') ? null : plainAddress(address);
}

/**
 * Returns the network to which a limit applies: an IPv4 address itself (also as `::ffff:192.0.2.1`), or the /64 of an IPv6 address. One host has a
 * whole /64 of addresses (RFC 4291, 2.5.4).
 */
export function clientNetworkOf(address: string): string {
  if (!isIPv6(address) || address.toLowerCase().startsWith('::ffff:')) return address;
  const [head = '', tail] = address.split('%')[0]?.split('::') ?? [];
  const groups = head.split(':').filter(Boolean);
  const tailLength = tail?.split(':').filter(Boolean).length ?? 0;
  const zeros = tail === undefined ? 0 : 8 - groups.length - tailLength;
  return `${[...groups, ...Array<string>(zeros).fill('0')].slice(0, 4).join(':')}::/64`;
}

/** Returns the parts, untrimmed; text after an unterminated quote belongs to the last part. */
export function splitOutsideQuotes(text: string, separator: ',' | ';'): string[] {
  const parts: string[] = [];
  let start = 0;
  let isQuoted = false;
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index];
    if (isQuoted && character === '\\') index += 1;
    else if (character === '"') isQuoted = !isQuoted;
    else if (!isQuoted && character === separator) {
      parts.push(text.slice(start, index));
      start = index + 1;
    }
  }
  return [...parts, text.slice(start)];
}
