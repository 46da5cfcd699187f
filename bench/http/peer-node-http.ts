// Owns the floor with the same look-up as ours: plain node:http(s) over the users that our CSV adapter holds in memory.
import { EncodedUserInfo } from '../../schemas/encoded-user-info.ts';
import { createGuardedSource } from '../../server/adapters/registry.ts';
import { GuardTallies } from '../../server/guards/guard-tally.ts';
import { prepareCsv } from './csv-setup.ts';
import { readSetup } from './peer-setup.ts';
import { servePlainly } from './plain-node.ts';

const setup = readSetup();
const loadConfig = await prepareCsv(setup);
const log = { info() {}, warn() {}, error() {} };
const source = await createGuardedSource(loadConfig(null), { log, guardTallies: new GuardTallies() });

servePlainly(setup, (userid) => {
  const found = source.recallUser?.(userid, null);
  return found instanceof EncodedUserInfo ? found.bytes : undefined;
});
