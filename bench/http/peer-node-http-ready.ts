// Peer that uses the most memory: plain node:http(s) that serves the bytes of every response from a Map.
import { userInfoOf, useridOf } from './dataset.ts';
import { readSetup } from './peer-setup.ts';
import { servePlainly } from './plain-node.ts';

const setup = readSetup();
const answers = new Map<string, Buffer>();
for (let user = 0; user < setup.dataset.users; user++) {
  answers.set(useridOf(user), Buffer.from(JSON.stringify(userInfoOf(user, setup.dataset))));
}
servePlainly(setup, (userid) => answers.get(userid));
