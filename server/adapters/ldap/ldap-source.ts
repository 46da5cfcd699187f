// Owns the adapter `ldap`: users of a directory server, asked for each look-up.
import type { LdapSourceConfig } from '../../../schemas/generated/loaded-server-config.ts';
import type { AdapterContext, LookUpSource } from '../user-source.ts';
import { assertSettings } from './assert-settings.ts';
import { createBatchedFinder } from './batched-entries.ts';
import { createConnectionPool } from './connection-pool.ts';
import { createDirectoryUsers } from './directory-users.ts';
import { createLdapDirectory } from './ldap-directory.ts';
import { assertBases, probeServer } from './probe-server.ts';
import { findUserEntry } from './user-entry.ts';

/**
 * Connects, binds and asks whether the server has what the configuration rests on.
 *
 * @param now milliseconds, for the pauses after a failure.
 * @throws {SourceError} `unavailable`: no server can be reached, the account is refused, or the options do not fit the server.
 */
export async function createLdapSource(
  config: LdapSourceConfig,
  { log }: AdapterContext,
  now: () => number = () => performance.now(),
): Promise<LookUpSource> {
  const settings = assertSettings(config);
  const pool = createConnectionPool(config, log, now);
  const directory = createLdapDirectory(pool, config);
  const probing = () =>
    probeServer(directory, settings, { pageSize: config.pageSize, log, signal: new AbortController().signal });
  await probing().catch((error: unknown) => {
    pool.close();
    throw error;
  });
  log.info({ urls: config.urls, strategy: settings.groups.strategy }, 'ldap: the directory can be served from');
  const users = createDirectoryUsers(
    directory,
    settings,
    config.batching.maxUsers > 1
      ? createBatchedFinder(directory, settings, config.batching)
      : (userid, signal) => findUserEntry(directory, settings, userid, signal),
  );
  return {
    ...users,
    takesLookUpSignal: true,
    check: () => assertBases(directory, settings, new AbortController().signal),
    pool: () => pool.status(),
    async close() {
      pool.close();
    },
  };
}
