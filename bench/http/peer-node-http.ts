// Peer of the http benchmark: plain node:http(s) with our lookup.
import { loadPackedUsers } from './packed-lookup.ts';
import { readSetup } from './peer-setup.ts';
import { servePlainly } from './plain-node.ts';

const setup = readSetup();
servePlainly(setup, await loadPackedUsers(setup));
