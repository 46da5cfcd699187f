// Faults in the handling of a malformed userid: lenient endpoints respond with another user's data, or fail.
import { decodeQuery, type EndpointRequest, type Reply, type Steps } from './conformant-endpoint.ts';
import { empty, type Fault, json, reply } from './fault.ts';

/** Returns the fault of an endpoint that transforms a query before it decodes it strictly. */
function reads(name: string, trips: readonly string[], change: (query: string) => string): Fault {
  return { name, auth: 'none', trips, alter: () => ({ decodeQuery: (query) => decodeQuery(change(query)) }) };
}

/** Returns the fault of an endpoint that accepts additional user ids as valid. */
function takes(name: string, trips: readonly string[], change: (userid: string) => string): Fault {
  const alter = (good: Steps): Partial<Steps> => ({
    isUseridValid: () => true,
    findUser: (userid) => good.findUser(change(userid)),
  });
  return { name, auth: 'none', trips, alter };
}

/** Returns the fault of a refusal of some queries with another status. */
function answers(name: string, trips: readonly string[], status: number, when: (query: string) => boolean): Fault {
  const isWhen = (good: Reply, { query }: EndpointRequest) => good.status !== 200 && when(query);
  return reply(name, trips, isWhen, (good) => ({ ...good, status }));
}

/** Returns the fault of an endpoint that looks for the known user whose name, as a regular expression, matches the userid. */
function matchesName(name: string, expression: (known: string) => RegExp): Fault {
  return {
    name,
    auth: 'none',
    trips: ['userid-control-character-refused'],
    alter: (_good, { users }) => ({
      isUseridValid: () => true,
      findUser: (userid) =>
        [...users].find(([known]) => expression(known.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).test(userid))?.[1] ??
        null,
    }),
  };
}

const badPercent = /%(?![0-9A-Fa-f]{2})[^&]{0,2}/g;
const bracketName = /\[[^\]=]*\](?==)/g;

/** Faults in the handling of a malformed userid. */
export const useridSyntaxFaults: readonly Fault[] = [
  reply(
    'over-long-200-empty',
    ['userid-over-long-refused'],
    (_good, { query }) => query.length > 5000,
    (good) => ({ ...good, status: 200, body: json(empty) }),
  ),
  answers('over-long-500', ['userid-over-long-400'], 500, (query) => query.length > 5000),
  reads('bad-percent-dropped', ['userid-bad-percent-refused'], (query) => query.replace(badPercent, '')),
  answers('bad-percent-500', ['userid-bad-percent-400'], 500, (query) => /%(?![0-9A-Fa-f]{2})/.test(query)),
  reads('bad-bytes-dropped', ['userid-not-utf-8-refused'], (query) => query.replaceAll('%FF', '')),
  reads('overlong-form-decoded', ['userid-not-utf-8-refused'], (query) =>
    query.replace(/%C([01])%([89AB][0-9A-F])/g, (_match, high, low) =>
      encodeURIComponent(String.fromCharCode((Number(high) << 6) | (Number.parseInt(low, 16) & 0x3f))),
    ),
  ),
  answers('bad-bytes-500', ['userid-not-utf-8-400'], 500, (query) => /%FF|%C[01]%[89AB]/.test(query)),
  takes('nul-ends-the-userid', ['userid-control-character-refused'], (userid) => userid.replace(/\0.*$/s, '')),
  takes('line-end-trimmed', ['userid-control-character-refused'], (userid) => userid.replace(/[\r\n]+$/, '')),
  matchesName('dollar-before-a-line-feed', (name) => new RegExp(`^${name}\\n?$`)),
  matchesName('line-anchors', (name) => new RegExp(`^${name}$`, 'm')),
  takes('white-space-stripped-in-front', ['userid-control-character-refused', 'userid-spaces-refused'], (userid) =>
    userid.trimStart(),
  ),
  answers('control-characters-500', ['userid-control-character-400'], 500, (query) => /%(?:0[09D]|7F)/.test(query)),
  reads('brackets-ignored', ['userid-bracketed-refused'], (query) => query.replace(bracketName, '')),
  {
    name: 'operator-in-brackets',
    auth: 'none',
    trips: ['userid-bracketed-refused'],
    // Behaves like a document database with {"userid": {"$ne": "x"}}.
    alter: (good) => ({
      decodeQuery: (query) => (query.startsWith('userid[$ne]=') ? ['anybody'] : good.decodeQuery(query)),
      findUser: (userid) => (userid === 'anybody' ? empty : good.findUser(userid)),
    }),
  },
  answers('brackets-500', ['userid-bracketed-400'], 500, (query) => query.includes('[')),
  reads('escaped-name-unseen', ['userid-escaped-name'], (query) => query.replace('user%69d=', 'other=')),
  {
    name: 'users-in-a-plain-object',
    auth: 'none',
    trips: ['userid-built-in-name-refused'],
    alter: (good) => ({ findUser: (userid) => (userid in {} ? empty : good.findUser(userid)) }),
  },
  answers('built-in-name-500', ['userid-built-in-name-404'], 500, (query) => query.includes('__proto__')),
  answers('quote-500', ['userid-odd-no-5xx'], 500, (query) => /kit(?:'|%27)/.test(query)),
  answers('emoji-500', ['userid-odd-no-5xx'], 500, (query) => query.includes('%F0%9F%98%80')),
];
