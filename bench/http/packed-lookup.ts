// Lookup for the peers of the http benchmark: the users that our CSV adapter holds in memory.
import { EncodedUserInfo, type JsonBytes } from '../../schemas/encoded-user-info.ts';
import { createGuardedSource } from '../../server/guards/create-guarded-source.ts';
import { GuardTallies } from '../../server/guards/guard-tally.ts';
import { prepareCsv } from './csv-setup.ts';
import type { PeerSetup } from './peer-setup.ts';

/** Loads the users of the setup. @returns a function that finds the prepared JSON of a user. */
export async function loadPackedUsers(setup: PeerSetup): Promise<(userid: string) => JsonBytes | undefined> {
  const loadConfig = await prepareCsv(setup);
  const log = { info() {}, warn() {}, error() {} };
  const source = await createGuardedSource(loadConfig(null), { log, guardTallies: new GuardTallies() });
  return (userid) => {
    const found = source.findUserInMemory?.(userid, null);
    return found instanceof EncodedUserInfo ? found.bytes : undefined;
  };
}
