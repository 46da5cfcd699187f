// Owns the address that a connection comes from. The system is asked once for each, also where TLS lies over it.
import type { Socket } from 'node:net';

/** Of TCP sockets that TLS lies over; kept when they are closed, as of a handshake that failed. */
const noted = new WeakMap<Socket, string>();

/** Notes where a TCP connection comes from before TLS takes it over. */
export function noteAddress(transport: Socket): void {
  noted.set(transport, transport.remoteAddress ?? '');
}

/**
 * The address without a port; empty when it is not known any more. Asking for it costs a TLS socket as much as 1 % of its
 * handshake (`npm run bench -- connections`), and after a failed handshake it is gone. Node has no public way from that socket
 * to the TCP socket under it; were its private one lost, the TLS socket would be asked.
 */
export function addressOf(socket: Socket & { readonly _parent?: Socket | null }): string {
  const under = socket._parent;
  return (under && noted.get(under)) ?? socket.remoteAddress ?? '';
}
