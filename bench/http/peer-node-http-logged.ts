// Peer of the http benchmark: plain node:http(s) with our lookup, our headers and our access log.
import { createLoggedAnswers } from './answer-logged.ts';
import { loadPackedUsers } from './packed-lookup.ts';
import { readSetup } from './peer-setup.ts';
import { servePlainly } from './plain-node.ts';

const setup = readSetup();
const answer = await createLoggedAnswers(setup.logFile);
const caller = `basic:${setup.username}`;

servePlainly(setup, await loadPackedUsers(setup), (request, response, body, userid) =>
  answer(request, response, { body, userid, caller, startedAt: performance.now() }),
);
