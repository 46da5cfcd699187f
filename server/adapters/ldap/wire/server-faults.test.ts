// Tests of what a server can do wrong: no such fault may lead to a response, or to a search that runs anonymously.
import { setMaxListeners } from 'node:events';
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import {
  type LdapRequest,
  type SearchRequest,
  writeEntry,
  writeReference,
  writeResult,
} from '../../../../cli/serve/ldap-requests.ts';
import { type Answerer, createAnswerer, serveAnswers } from '../../../../cli/serve/ldap-stub-server.ts';
import type { LdapSourceConfig } from '../../../../schemas/generated/loaded-server-config.ts';
import { SourceError, type SourceErrorKind, type UserSource } from '../../user-source.ts';
import type { DirectoryEntry } from '../directory.ts';
import { createLdapSource } from '../ldap-source.ts';
import { parseLdif } from '../ldif/ldif-text.ts';
import { bindAs, ldapConfig, silentLog } from '../testing/ldap-config.ts';
import { groupOptions } from '../testing/suite-directory.ts';
import { operations } from './ldap-messages.ts';

const people = Array.from({ length: 30 }, (_, index) => `user${index}`);
const entries = parseLdif(
  Buffer.from(
    [
      'dn: o=x\nobjectClass: organization\n',
      'dn: cn=reader,o=x\nobjectClass: person\nuserPassword: right\nmemberOf: cn=a,o=x\n',
      ...people.map(
        (uid) => `dn: uid=${uid},o=x\nobjectClass: person\nobjectClass: inetOrgPerson\nmail: ${uid}@example.com\n`,
      ),
      ...['a', 'b', 'c'].map(
        (cn) =>
          `dn: cn=${cn},o=x\nobjectClass: groupOfNames\ncn: ${cn}\n${people.map((uid) => `member: uid=${uid},o=x\n`).join('')}`,
      ),
    ].join('\n'),
  ),
);
const normal = createAnswerer(entries);
const signal = new AbortController().signal;
// Shared by all lookups of a test; in a server each has its own.
setMaxListeners(0, signal);

/** Responses that differ from those of a correct server; `null`: the correct responses. */
type Script = (request: LdapRequest, socket: Socket) => readonly Buffer[] | null | Promise<readonly Buffer[] | null>;

const isGroupSearch = (request: LdapRequest): request is SearchRequest =>
  request.kind === 'search' && JSON.stringify(request.attributes) === '["cn"]';
const isUserSearch = (request: LdapRequest): request is SearchRequest =>
  request.kind === 'search' && request.attributes.includes('mail');
const done = ({ id }: LdapRequest, code = 0, cookie: Buffer | null = null) =>
  writeResult(id, operations.searchDone, code, cookie);
const makeEntry = (dn: string, attributes: Record<string, string[]>): DirectoryEntry => ({
  dn,
  attributes: new Map(
    Object.entries(attributes).map(([name, values]) => [name, values.map((text) => Buffer.from(text))]),
  ),
});
const groupA = makeEntry('cn=a,o=x', { cn: ['a'] });

interface Opened {
  readonly source: UserSource;
  /** Received requests, by connection. */
  readonly heard: ReadonlyMap<Socket, LdapRequest[]>;
  close(): Promise<void>;
}

async function open(script: Script, given: Partial<LdapSourceConfig> = {}, now?: () => number): Promise<Opened> {
  const heard = new Map<Socket, LdapRequest[]>();
  const answer: Answerer = async (request, socket) => {
    heard.set(socket, [...(heard.get(socket) ?? []), request]);
    return (await script(request, socket)) ?? normal(request, socket);
  };
  const server = await serveAnswers(answer, 0);
  const config = ldapConfig([server.url], {
    bind: bindAs('cn=reader,o=x', 'right'),
    user: { base: 'o=x' },
    groups: { base: 'o=x' },
    operationTimeoutMs: 10_000,
    connectTimeoutMs: 10_000,
    ...given,
  });
  try {
    // The users of this server have no memberOf, which the strategy of the preset reads.
    const allowsNoGroups = given.preset === '389ds';
    const source = await createLdapSource(config, { log: silentLog, allowsNoGroups }, now);
    return {
      source,
      heard,
      async close() {
        await source.close();
        await server.close();
      },
    };
  } catch (error) {
    await server.close();
    throw error;
  }
}

async function outcomeOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.catch((error: unknown) => error);
}

/** Returns a complete message with a length inside it that announces more than is sent. */
function withBrokenInside(message: Buffer): Buffer {
  const broken = Buffer.from(message);
  broken[broken.length - 2] = 0x7f;
  return broken;
}

const faults: Record<string, [script: Script, kind: SourceErrorKind, given?: Partial<LdapSourceConfig>]> = {
  'an exceeded size limit': [
    (request) => (isGroupSearch(request) ? [writeEntry(request.id, groupA), done(request, 4)] : null),
    'bad-answer',
  ],
  'an exceeded time limit': [
    (request) => (isGroupSearch(request) ? [writeEntry(request.id, groupA), done(request, 3)] : null),
    'too-slow',
  ],
  'an exceeded administrative limit': [
    (request) => (isGroupSearch(request) ? [done(request, 11)] : null),
    'bad-answer',
  ],
  'a base that no longer exists': [(request) => (isGroupSearch(request) ? [done(request, 32)] : null), 'bad-answer'],
  'a referral as the result': [(request) => (isGroupSearch(request) ? [done(request, 10)] : null), 'bad-answer'],
  'the result busy': [(request) => (isGroupSearch(request) ? [done(request, 51)] : null), 'unavailable'],
  'a lost bind': [(request) => (isGroupSearch(request) ? [done(request, 1)] : null), 'unavailable'],
  'an error on the second page': [
    (request) => {
      if (!isGroupSearch(request)) return null;
      const isFirst = request.page?.cookie.length === 0;
      return isFirst ? [writeEntry(request.id, groupA), done(request, 0, Buffer.from('1'))] : [done(request, 80)];
    },
    'bad-answer',
  ],
  'pages without end': [
    (request) => (isGroupSearch(request) ? [done(request, 0, Buffer.from('again'))] : null),
    'bad-answer',
  ],
  'an entry on two pages': [
    (request) => {
      if (!isGroupSearch(request)) return null;
      const isFirst = request.page?.cookie.length === 0;
      return [writeEntry(request.id, groupA), done(request, 0, Buffer.from(isFirst ? '1' : ''))];
    },
    'bad-answer',
  ],
  'references, where they are an error': [
    (request) =>
      isGroupSearch(request)
        ? [writeReference(request.id, 'ldap://other.example.com/o=y'), done(request, 0, Buffer.alloc(0))]
        : null,
    'bad-answer',
    { referrals: 'error' },
  ],
  'ranges that are not consecutive': [
    (request) => {
      if (request.kind !== 'search' || request.scope !== 'base' || !request.base.startsWith('uid=')) {
        if (!isUserSearch(request)) return null;
        const cut = makeEntry('uid=user1,o=x', {
          mail: ['user1@example.com'],
          'memberOf;range=0-1': ['cn=a,o=x', 'cn=b,o=x'],
        });
        return [writeEntry(request.id, cut), done(request)];
      }
      return [
        writeEntry(request.id, makeEntry('uid=user1,o=x', { 'memberOf;range=3-*': ['cn=c,o=x'] })),
        done(request),
      ];
    },
    'bad-answer',
  ],
  'a malformed entry': [
    (request) => (isGroupSearch(request) ? [withBrokenInside(writeEntry(request.id, groupA)), done(request)] : null),
    'bad-answer',
  ],
  'an entry without its attributes': [
    (request) => (isGroupSearch(request) ? [Buffer.from([0x30, 5, 2, 1, request.id, 0x64, 0])] : null),
    'bad-answer',
  ],
  'a response that is not LDAP': [
    (request) => (isGroupSearch(request) ? [Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')] : null),
    'bad-answer',
  ],
  'a message of four gigabytes': [
    (request) => (isGroupSearch(request) ? [Buffer.from([0x30, 0x84, 0xff, 0xff, 0xff, 0xff])] : null),
    'bad-answer',
  ],
  'a response of another type': [
    (request) => (isGroupSearch(request) ? [writeResult(request.id, operations.bindResponse, 0)] : null),
    'bad-answer',
  ],
  'a name that is not UTF-8': [
    (request) => {
      if (!isGroupSearch(request)) return null;
      const entry = writeEntry(request.id, groupA);
      entry[entry.indexOf('cn=a') + 3] = 0xff;
      return [entry, done(request)];
    },
    'bad-answer',
  ],
  'a response without an end': [
    (request) => (isGroupSearch(request) ? [writeEntry(request.id, groupA)] : null),
    'too-slow',
    { operationTimeoutMs: 500 },
  ],
  'no response': [(request) => (isGroupSearch(request) ? [] : null), 'too-slow', { operationTimeoutMs: 500 }],
  'a connection that is reset each time': [
    (request, socket) => {
      if (!isGroupSearch(request)) return null;
      socket.resetAndDestroy();
      return [];
    },
    'unavailable',
  ],
  'a notice of disconnection each time': [
    (request) => (isGroupSearch(request) ? [writeResult(0, operations.extendedResponse, 52)] : null),
    'unavailable',
  ],
};

describe('ldap: a faulty server', () => {
  for (const [title, [script, kind, given]] of Object.entries(faults)) {
    it(`causes ${kind} by ${title}, and the lookup succeeds after the fault`, async () => {
      let isBroken = false;
      const preset = title.startsWith('ranges')
        ? { preset: '389ds' as const, groups: groupOptions({ base: 'o=x' }) }
        : {};
      const opened = await open((request, socket) => (isBroken ? script(request, socket) : null), {
        ...given,
        ...preset,
      });
      isBroken = true;
      const outcome = await outcomeOf(opened.source.findUser('user1@example.com', signal));
      expect(outcome).to.be.instanceOf(SourceError).with.property('kind', kind);
      expect((outcome as SourceError).message).not.to.contain('user1');
      isBroken = false;
      expect(await opened.source.findUser('user1@example.com', signal)).to.not.equal(null);
      await opened.close();
    });
  }

  it('returns an empty page that is not the last, and the following pages are read', async () => {
    const opened = await open((request) => {
      if (!isGroupSearch(request)) return null;
      const page = request.page?.cookie.toString();
      if (page === '') return [writeEntry(request.id, groupA), done(request, 0, Buffer.from('1'))];
      if (page === '1') return [done(request, 0, Buffer.from('2'))];
      return [writeEntry(request.id, makeEntry('cn=b,o=x', { cn: ['b'] })), done(request, 0, Buffer.alloc(0))];
    });
    expect((await opened.source.findUser('user1@example.com', signal))?.groups).to.have.length(2);
    await opened.close();
  });

  it('receives the search again on a new connection after closing the old one', async () => {
    let cuts = 0;
    const opened = await open((request, socket) => {
      if (!isGroupSearch(request) || cuts > 0) return null;
      cuts += 1;
      socket.destroy();
      return [];
    });
    expect((await opened.source.findUser('user1@example.com', signal))?.groups).to.have.length(3);
    expect(opened.heard.size).to.equal(2);
    await opened.close();
  });

  it('never receives a search on an unbound connection', async () => {
    const opened = await open((request, socket) => {
      if (isUserSearch(request)) setImmediate(() => socket.destroy());
      return null;
    });
    for (let turn = 0; turn < 10; turn++) {
      await outcomeOf(opened.source.findUser('user1@example.com', signal));
      await delay(2);
    }
    const firsts = [...opened.heard.values()].map(([first]) => first?.kind);
    expect(firsts.length).to.be.greaterThan(3);
    expect(new Set(firsts)).to.deep.equal(new Set(['bind']));
    await opened.close();
  });

  it('receives rejected credentials once, and not again within a minute', async () => {
    let binds = 0;
    let isRefusing = false;
    let nowMs = 0;
    const opened = await open(
      (request) => {
        if (request.kind !== 'bind') return null;
        binds += 1;
        return isRefusing ? [writeResult(request.id, operations.bindResponse, 49)] : null;
      },
      {},
      () => nowMs,
    );
    isRefusing = true;
    for (const socket of opened.heard.keys()) socket.destroy();
    await delay(20);
    for (let turn = 0; turn < 5; turn++) {
      const outcome = await outcomeOf(opened.source.findUser('user1@example.com', signal));
      expect(outcome).to.be.instanceOf(SourceError).with.property('kind', 'unavailable');
      expect((outcome as SourceError).message).to.contain('invalidCredentials');
    }
    expect(binds).to.equal(2);
    isRefusing = false;
    nowMs += 60_001;
    expect(await opened.source.findUser('user1@example.com', signal)).to.not.equal(null);
    await opened.close();
  });

  it('causes an error that names pageSize when it rejects the page size', async () => {
    let isRefusing = false;
    const opened = await open((request) => (isRefusing && isGroupSearch(request) ? [done(request, 11)] : null));
    isRefusing = true;
    const outcome = await outcomeOf(opened.source.findUser('user1@example.com', signal));
    await opened.close();
    expect((outcome as SourceError).message).to.match(/adminLimitExceeded; set source\.pageSize \(500\)/);
  });

  it('is not trusted when it sends bytes before TLS', async () => {
    const script: Script = (request) =>
      request.kind === 'other' ? [writeResult(request.id, operations.extendedResponse, 0), Buffer.from([0x30])] : null;
    const outcome = await outcomeOf(open(script, { tls: { ...ldapConfig([], {}).tls, startTls: true } }));
    expect(outcome).to.be.instanceOf(SourceError).with.property('message').that.contains('received bytes before TLS');
  });

  it('receives an abandon request for an aborted search, and the connection stays in use', async () => {
    const opened = await open((request) => (isGroupSearch(request) ? [] : null), { operationTimeoutMs: 5000 });
    const controller = new AbortController();
    const lookUp = outcomeOf(opened.source.findUser('user1@example.com', controller.signal));
    await delay(30);
    controller.abort();
    expect(await lookUp).to.be.instanceOf(SourceError);
    await opened.source.check();
    const kinds = [...opened.heard.values()].flat().map(({ kind }) => kind);
    expect(kinds).to.include('abandon');
    expect(opened.heard.size).to.equal(1);
    await opened.close();
  });
});

describe('ldap: several users in one search', () => {
  const lookUpAll = (source: UserSource, userids: readonly string[]) =>
    Promise.all(userids.map((userid) => outcomeOf(source.findUser(userid, signal))));
  const userids = people.map((uid) => `${uid}@example.com`);
  const noGroups = { groups: groupOptions({ base: 'o=x', strategy: 'none' }) };
  const userSearches = ({ heard }: Opened) => [...heard.values()].flat().filter(isUserSearch);

  it('sends fewer searches, and returns its own user to each lookup', async () => {
    const opened = await open(() => null, noGroups);
    const found = await lookUpAll(opened.source, [...userids, 'nobody@example.com']);
    expect(found.at(-1)).to.equal(null);
    expect(found.slice(0, -1).every((user) => user !== null && !(user instanceof Error))).to.equal(true);
    expect(userSearches(opened).length).to.be.lessThan(6);
    await opened.close();
  });

  const doubts: Record<string, Script> = {
    'the server rejects the combined filter': (request) =>
      isUserSearch(request) && request.filter.kind === 'or' ? [done(request, 53)] : null,
    'the result exceeds the size limit': (request) =>
      isUserSearch(request) && request.filter.kind === 'or' ? [done(request, 4)] : null,
    'an entry belongs to none of the users': (request) =>
      isUserSearch(request) && request.filter.kind === 'or'
        ? [writeEntry(request.id, makeEntry('uid=z,o=x', { mail: ['z@example.com'] })), done(request)]
        : null,
  };
  for (const [title, script] of Object.entries(doubts)) {
    it(`repeats the search for each user when ${title}`, async () => {
      const opened = await open(script, noGroups);
      const found = await lookUpAll(opened.source, userids);
      expect(found.every((user) => user !== null && !(user instanceof Error))).to.equal(true);
      expect(userSearches(opened).length).to.be.at.least(userids.length);
      await opened.close();
    });
  }

  it('returns the same as separate searches for ids that differ only in letter case', async () => {
    const opened = await open(() => null, noGroups);
    const found = await lookUpAll(opened.source, [...userids, 'USER1@example.com', 'user1@example.com']);
    expect(found[1]).to.not.equal(null);
    expect(found.at(-2)).to.equal(null);
    expect(found.at(-1)).to.deep.equal(found[1]);
    await opened.close();
  });

  it('does not fail the other lookups when one is aborted', async () => {
    const opened = await open(() => null, noGroups);
    const controller = new AbortController();
    const first = opened.source.findUser('user0@example.com', signal);
    const leaving = outcomeOf(opened.source.findUser('user1@example.com', controller.signal));
    const staying = opened.source.findUser('user2@example.com', signal);
    controller.abort();
    expect(await leaving).to.be.instanceOf(SourceError);
    expect(await first).to.not.equal(null);
    expect(await staying).to.not.equal(null);
    await opened.close();
  });
});
