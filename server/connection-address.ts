// Owns the address that a connection comes from. The system is asked once for each, also where TLS lies over it.
import type { Socket } from 'node:net';

/**
 * Of TCP sockets that TLS lies over; kept when they are closed, as of a handshake that failed. On the socket itself: a WeakMap of all
 * connections keeps the garbage collector busy for 1 % of what a connection takes (`npm run bench -- connections`).
 */
const noted = Symbol('address');

interface Noted {
  [noted]?: string;
}

/** Notes where a TCP connection comes from before TLS takes it over. */
export function noteAddress(transport: Socket & Noted): void {
  transport[noted] = transport.remoteAddress ?? '';
}

/**
 * The address without a port; empty when it is not known any more. Asking for it costs a TLS socket as much as 1 % of its
 * handshake (`npm run bench -- connections`), and after a failed handshake it is gone. Node has no public way from that socket
 * to the TCP socket under it; were its private one lost, the TLS socket would be asked.
 */
export function addressOf(socket: Socket & { readonly _parent?: (Socket & Noted) | null }): string {
  return socket._parent?.[noted] ?? socket.remoteAddress ?? '';
}
