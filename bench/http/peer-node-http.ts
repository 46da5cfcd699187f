// Owns the floor with the same lookup as ours: plain node:http(s) over the users that our CSV adapter holds in memory.
import { loadPackedUsers } from './packed-look-up.ts';
import { readSetup } from './peer-setup.ts';
import { servePlainly } from './plain-node.ts';

const setup = readSetup();
servePlainly(setup, await loadPackedUsers(setup));
