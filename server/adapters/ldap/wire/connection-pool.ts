// Pool of connections: their number, the server of each, and the handling of failures.
import type { LdapSourceConfig } from '../../../../schemas/generated/loaded-server-config.ts';
import { type AdapterLog, type PoolStatus, SourceError } from '../../user-source.ts';
import type { LdapConnection } from './ldap-connection.ts';
import { BindRefused, TransportFault } from './ldap-errors.ts';
import { openConnection } from './open-connection.ts';

export interface ConnectionPool {
  /** Returns the least busy bound connection; `null`: none is open. */
  takeOpen(): LdapConnection | null;
  /**
   * Opens another connection; callers share one that is being opened.
   *
   * @throws {SourceError} `unavailable`: no server can be reached, or the account is rejected.
   */
  open(): Promise<LdapConnection>;
  close(): void;
  /** Returns the pool's state. Lookups wait only while the first connection is being opened; an open connection handles many at once. */
  status(): PoolStatus;
}

/** Number of pending searches at which another connection is opened, if allowed. */
const busySearches = 64;
/** How long after a failure a server is tried only after all others. */
const avoidMs = 10_000;
/** How long to wait before a rejected account is tried again: a few more attempts would lock it. */
const refusedMs = 60_000;

/** @param now milliseconds, for the pauses after a failure. */
export function createConnectionPool(config: LdapSourceConfig, log: AdapterLog, now: () => number): ConnectionPool {
  const closing = new AbortController();
  let waiting = 0;
  const open = new Set<LdapConnection>();
  const servers = config.urls.map((url) => ({ url, avoidUntilMs: 0, trouble: '' }));
  let opening: Promise<LdapConnection> | null = null;
  let refused: { readonly error: BindRefused; readonly untilMs: number } | null = null;

  /** Tries the servers in the configured order, recently failed ones last. Only if a connection fails is the next server tried. */
  async function openAny(): Promise<LdapConnection> {
    if (refused !== null && refused.untilMs > now()) throw refused.error;
    const startMs = now();
    const [good, bad] = [true, false].map((isGood) =>
      servers.filter(({ avoidUntilMs }) => avoidUntilMs <= startMs === isGood),
    );
    const faults: TransportFault[] = [];
    for (const server of [...(good ?? []), ...(bad ?? [])]) {
      try {
        const connection = await openConnection(server.url, config, closing.signal);
        if (server.trouble !== '') log.info({ url: server.url }, 'ldap: the server is reachable again');
        server.trouble = '';
        server.avoidUntilMs = 0;
        return connection;
      } catch (error) {
        if (error instanceof BindRefused) refused = { error, untilMs: now() + refusedMs };
        if (!(error instanceof TransportFault) || closing.signal.aborted) throw error;
        faults.push(error);
        server.avoidUntilMs = now() + avoidMs;
        // Logged once per failure, not once per lookup.
        if (server.trouble !== error.message) log.warn({ url: server.url }, `ldap: ${error.message}`);
        server.trouble = error.message;
      }
    }
    const [first] = faults;
    if (faults.length === 1 && first !== undefined) throw first;
    throw new TransportFault(`No server is reachable. ${faults.map(({ message }) => message).join(' ')}`);
  }

  function openAnother(): Promise<LdapConnection> {
    opening ??= openAny()
      .then((connection) => {
        open.add(connection);
        connection.onClose = () => open.delete(connection);
        return connection;
      })
      .finally(() => {
        opening = null;
      });
    return opening;
  }

  return {
    takeOpen() {
      let least: LdapConnection | null = null;
      for (const connection of open) {
        if (least === null || connection.inFlight < least.inFlight) least = connection;
      }
      if (least !== null && least.inFlight >= busySearches && open.size < config.connections) {
        // No lookup waits for this connection; if it fails, the next lookup reports it.
        openAnother().catch(() => undefined);
      }
      return least;
    },
    async open() {
      if (closing.signal.aborted) throw new SourceError('unavailable', 'The source is closed.');
      waiting += 1;
      return openAnother().finally(() => {
        waiting -= 1;
      });
    },
    status: () => ({
      open: open.size,
      busy: [...open].filter(({ inFlight }) => inFlight > 0).length,
      waiting,
    }),
    close() {
      closing.abort();
      for (const connection of open) connection.close();
    },
  };
}
