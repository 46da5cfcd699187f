// Address of an endpoint: host and port of its URL, and option --resolve, which connects to another address while name checks, SNI and Host remain those of the URL.
import net from 'node:net';

/** Returns the host; an IPv6 address without its brackets. */
export function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, '');
}

/** Returns the port, including the default one. */
export function portOf({ protocol, port }: URL): number {
  return Number(port || (protocol === 'https:' ? 443 : 80));
}

/** Address for a host and port, regardless of DNS. */
export interface FixedAddress {
  readonly host: string;
  readonly port: number;
  /** IPv4 or IPv6, without brackets. */
  readonly address: string;
}

/** Reads `HOST:PORT:ADDRESS`, the format of curl's --resolve; null: it is invalid. An IPv6 address may be in brackets. */
export function parseFixedAddress(text: string): FixedAddress | null {
  const [, host = '', port = '', given = ''] = /^([^:]+):(\d{1,5}):(.+)$/.exec(text) ?? [];
  const address = given.replace(/^\[(.*)\]$/, '$1');
  return net.isIP(address) > 0 && Number(port) >= 1 && Number(port) <= 65_535
    ? { host: host.toLowerCase(), port: Number(port), address }
    : null;
}

/** Returns why a fixed address would have no effect for this URL; null: it has an effect. */
export function findAddressFault(url: URL, { host, port }: FixedAddress): string | null {
  if (host === url.hostname && port === portOf(url)) return null;
  return `--resolve names ${host}:${port}, but the URL has ${url.hostname}:${portOf(url)}. Use the same host and port in both.`;
}

/** Returns the option of a connection that selects this address; empty without a fixed address. */
export function lookupOption(fixed: FixedAddress | undefined): { readonly lookup?: net.LookupFunction } {
  if (fixed === undefined) return {};
  const { address } = fixed;
  const family = net.isIP(address);
  return {
    lookup: (_host, options, answer) =>
      options.all ? answer(null, [{ address, family }]) : answer(null, address, family),
  };
}
