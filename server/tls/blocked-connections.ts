// Blocked connections: their client certificate has been revoked or removed from the allow-list.
import { X509Certificate } from 'node:crypto';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { certificateShownOn, isAllowed } from '../auth/client-certificate.ts';
import type { OpenConnections } from '../http/open-connections.ts';
import type { Generation } from '../reload/generation.ts';

export interface BlockedConnections {
  readonly isBlocked: (socket: Socket) => boolean;
  /** Checks each open connection with the next generation; a request in progress is still answered. */
  evaluate(connections: OpenConnections, previous: Generation, next: Generation): void;
  /** Cuts them all. */
  cut(): void;
}

export function createBlockedConnections(): BlockedConnections {
  const blocked = new Set<Socket>();
  return {
    isBlocked: (socket) => blocked.size > 0 && blocked.has(socket),
    evaluate(connections, previous, next) {
      const mayStay = createEvaluation(previous, next);
      if (mayStay === null) return;
      connections.visitEncrypted((socket) => {
        if (mayStay(socket)) return;
        blocked.add(socket);
        socket.once('close', () => blocked.delete(socket));
      });
    },
    cut() {
      for (const socket of blocked) socket.destroy();
    },
  };
}

/** @returns the function that determines whether a connection may stay; `null`: all may. */
function createEvaluation(previous: Generation, next: Generation): ((socket: TLSSocket) => boolean) | null {
  const [allowedBefore, allowedNow] = [allowListOf(previous), allowListOf(next)];
  const trustChanged = previous.tls?.trustDigest !== next.tls?.trustDigest;
  const listChanged = JSON.stringify(allowedBefore) !== JSON.stringify(allowedNow);
  if (!trustChanged && !listChanged) return null;
  return (socket) => {
    const certificate = certificateShownOn(socket);
    // An untrusted certificate granted no access that could be lost.
    if (!certificate || !socket.authorized) return true;
    if (trustChanged && !next.stillTrusted(new X509Certificate(certificate.raw))) return false;
    return !listChanged || !isAllowed(certificate, allowedBefore) || isAllowed(certificate, allowedNow);
  };
}

function allowListOf({ config }: Generation) {
  return config.authentication.clientCertificate?.allow ?? [];
}
