// Generation swap: selects the generation that the listener uses, and releases the previous one when it is idle.
import type { SecureContextOptions } from 'node:tls';
import { type Listener, setLimits } from '../http/listener.ts';
import type { OpenConnections } from '../http/open-connections.ts';
import type { OverloadGuard } from '../http/overload.ts';
import type { ServerLog } from '../observability/logger.ts';
import type { BlockedConnections } from '../tls/blocked-connections.ts';
import type { Generation } from './generation.ts';

export interface GenerationSwapParts {
  readonly listener: Listener;
  readonly connections: OpenConnections;
  readonly blocked: BlockedConnections;
  readonly overload: Pick<OverloadGuard, 'setLimit'>;
  readonly log: ServerLog;
}

export interface GenerationSwap {
  /** Switches the listener to `next`; `previous` is closed after the response to its last request. */
  apply(next: Generation, previous: Generation): void;
  /** Sets the ticket keys for new TLS connections: earlier tickets are no longer accepted. */
  useTicketKeys(ticketKeys: Buffer): void;
  /** Waits until each replaced generation is closed. */
  settled(): Promise<unknown>;
}

/** Creates the swap. @param ticketKeys the ticket keys of all workers; `null`: OpenSSL generates keys for each TLS context. */
export function createGenerationSwap(
  { listener, connections, blocked, overload, log }: GenerationSwapParts,
  ticketKeys: Buffer | null,
): GenerationSwap {
  let keys = ticketKeys;
  const retiring = new Set<Promise<void>>();

  async function retire(generation: Generation): Promise<void> {
    await generation.drained();
    blocked.cut();
    await generation
      .close()
      .catch((error: unknown) => log.logger.warn({ reason: String(error) }, 'closing a source failed'));
  }

  return {
    apply(next, previous) {
      log.setLevel(next.config.logging.level);
      setLimits(listener, next.config.listener);
      overload.setLimit(next.config.listener.maxEventLoopDelayMs);
      renewTls(listener, next, previous, keys);
      blocked.evaluate(connections, previous, next);
      const retired = retire(previous).finally(() => retiring.delete(retired));
      retiring.add(retired);
    },
    useTicketKeys(given) {
      keys = given;
      if ('setTicketKeys' in listener) listener.setTicketKeys(given);
    },
    settled: () => Promise.all(retiring),
  };
}

/** Sets a new context with new ticket keys, so a session that began under the old CAs or CRLs cannot be resumed with its ticket. */
function renewTls(listener: Listener, next: Generation, previous: Generation, ticketKeys: Buffer | null): void {
  if (!next.tls || next.tls.digest === previous.tls?.digest || !('setSecureContext' in listener)) return;
  listener.setSecureContext({ ...next.tls.options, ...(ticketKeys && { ticketKeys }) } as SecureContextOptions);
}
