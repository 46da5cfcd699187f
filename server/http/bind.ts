// Listens on an address, and formats the bound address as part of a URL.
import { once } from 'node:events';
import type { AddressInfo, Server } from 'node:net';

/**
 * Listens on the given port, or, if the port is 0, on one that the system chooses.
 *
 * @throws Node's error when the address cannot be bound.
 */
export async function bind(server: Server, { host, port }: { host: string; port: number }): Promise<void> {
  server.listen({ host, port });
  await once(server, 'listening');
}

/** Returns the address, e.g. "127.0.0.1:8443" or "[::1]:8443". @param server a server that listens on a TCP port. */
export function authorityOf(server: Server): string {
  const { address, port, family } = server.address() as AddressInfo;
  return `${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}
