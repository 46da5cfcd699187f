// Adapter `ldap`: users of a directory server, searched at each lookup.
import type { LdapSourceConfig } from '../../../schemas/generated/loaded-server-config.ts';
import type { AdapterContext, LookUpSignal, LookUpSource } from '../user-source.ts';
import { withAttributeNames } from './attribute-names.ts';
import type { Directory } from './directory.ts';
import { assertSettings, describeReplacedFilter } from './directory-settings.ts';
import { createDirectoryUsers } from './directory-users.ts';
import { createMembershipCheck } from './groups/membership-check.ts';
import { createLdapDirectory } from './ldap-directory.ts';
import { findUserEntry } from './user-entry.ts';
import { createBatchedFinder } from './wire/batched-entries.ts';
import { createConnectionPool } from './wire/connection-pool.ts';
import { assertBases, probeServer } from './wire/probe-server.ts';

/**
 * Connects, binds, and verifies that the server and the bind account fit the configuration.
 *
 * @param now milliseconds, for the pauses after a failure.
 * @throws {SourceError} `unavailable`: no server can be reached, the account is rejected, or the options do not fit the server. Unless
 * `allowsNoGroups` is set, also if no user in a sample has a membership.
 */
export async function createLdapSource(
  config: LdapSourceConfig,
  { log, allowsNoGroups = false }: AdapterContext,
  now: () => number = () => performance.now(),
): Promise<LookUpSource> {
  const settings = assertSettings(config);
  const replaced = describeReplacedFilter(settings);
  if (replaced !== null) log.warn({}, `ldap: ${replaced}`);
  const pool = createConnectionPool(config, log, now);
  const server = createLdapDirectory(pool, config);
  const starting = new AbortController().signal;
  let directory: Directory;
  let checkMemberships: (signal: LookUpSignal) => Promise<void> = async () => undefined;
  try {
    const types = await probeServer(server, settings, { pageSize: config.pageSize, log, signal: starting });
    directory = withAttributeNames(server, types);
    if (!allowsNoGroups) checkMemberships = createMembershipCheck(directory, settings, log, now);
    await checkMemberships(starting);
  } catch (error) {
    pool.close();
    throw error;
  }
  log.info({ urls: config.urls, strategy: settings.groups.strategy }, 'ldap: the directory is usable');
  const users = createDirectoryUsers(
    directory,
    settings,
    config.batching.maxUsers > 1
      ? createBatchedFinder(directory, settings, config.batching.maxUsers)
      : (userid, signal) => findUserEntry(directory, settings, userid, signal),
  );
  return {
    ...users,
    takesLookUpSignal: true,
    async check() {
      const { signal } = new AbortController();
      await assertBases(directory, settings, signal);
      await checkMemberships(signal);
    },
    pool: () => pool.status(),
    async close() {
      pool.close();
    },
  };
}
