// Tests of many lookups at once against a real OpenLDAP, which closes a connection on which too many searches wait.
import { setMaxListeners } from 'node:events';
import { expect } from 'chai';
import { createAnswerer, serveAnswers } from '../../../../cli/serve/ldap-stub-server.ts';
import { type Slapd, startSlapd } from '../../../../tests/services/slapd.ts';
import { SourceError } from '../../user-source.ts';
import { createLdapSource } from '../ldap-source.ts';
import { parseLdif } from '../ldif/ldif-text.ts';
import { bindAs, ldapConfig, silentLog } from '../testing/ldap-config.ts';
import { groupOptions } from '../testing/suite-directory.ts';

const base = 'dc=example,dc=test';
const people = Array.from({ length: 1000 }, (_, index) => `user${index}`);
const ldif = [
  ...people.map(
    (uid) => `dn: uid=${uid},${base}\nobjectClass: inetOrgPerson\ncn: x\nsn: x\nmail: ${uid}@example.com\n`,
  ),
  `dn: cn=all,${base}\nobjectClass: groupOfNames\ncn: all\n${people.map((uid) => `member: uid=${uid},${base}\n`).join('')}`,
].join('\n');
const signal = new AbortController().signal;
// Shared by all lookups of a test; in a server each has its own.
setMaxListeners(0, signal);

describe('ldap: many concurrent lookups over one connection to OpenLDAP', () => {
  /** Looks up all users at once, each with its own searches. @returns the count of each outcome. */
  async function lookUpAll(slapd: Slapd, isBound: boolean): Promise<Record<string, number>> {
    const bind = isBound ? bindAs(slapd.adminDn, slapd.adminPassword) : { method: 'anonymous' as const };
    const given = { bind, connections: 1, batching: { maxUsers: 1 }, operationTimeoutMs: 30_000 };
    const source = await createLdapSource(ldapConfig([slapd.url], given), { log: silentLog });
    const outcomes: Record<string, number> = {};
    const count = (outcome: string) => {
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    };
    await Promise.all(
      people.map((uid) =>
        source.findUser(`${uid}@example.com`, signal).then(
          (user) => count(user === null ? 'nobody' : user.groups.map(({ name }) => name).join()),
          (error: unknown) => count(error instanceof SourceError ? error.kind : String(error)),
        ),
      ),
    );
    const after = await source.findUser('user0@example.com', signal);
    expect(after?.groups).to.deep.equal([{ name: 'all' }]);
    await source.close();
    return outcomes;
  }

  for (const isBound of [false, true]) {
    it(`complete all ${people.length} with the default conn_max_pending, ${isBound ? 'with a bind' : 'anonymously'}`, async () => {
      const slapd = await startSlapd({ ldif });
      const outcomes = await lookUpAll(slapd, isBound);
      await slapd.stop();
      expect(outcomes).to.deep.equal({ all: people.length });
    });
  }

  it('fail when the limit of the server is lower, and never return an unknown user or fewer groups', async () => {
    const slapd = await startSlapd({ ldif, schema: ['conn_max_pending 5'] });
    const { all = 0, unavailable = 0, ...others } = await lookUpAll(slapd, false);
    await slapd.stop();
    expect(others).to.deep.equal({});
    expect(unavailable).to.be.greaterThan(0);
    expect(all + unavailable).to.equal(people.length);
  });

  it('do not send a search that was aborted while it waited', async () => {
    let heard = 0;
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const normal = createAnswerer(parseLdif(Buffer.from(`dn: ${base}\nobjectClass: domain\ndc: example\n\n${ldif}`)));
    const stub = await serveAnswers(async (request, socket) => {
      if (request.kind === 'search' && request.scope === 'sub') {
        await released;
        heard += 1;
      }
      return normal(request, socket);
    }, 0);
    const groups = groupOptions({ base, strategy: 'none' });
    const bind = { method: 'anonymous' as const };
    const given = { bind, connections: 1, batching: { maxUsers: 1 }, operationTimeoutMs: 30_000, groups };
    const source = await createLdapSource(ldapConfig([stub.url], given), { log: silentLog });
    const controller = new AbortController();
    try {
      const others = people.slice(0, 100).map((uid) => source.findUser(`${uid}@example.com`, signal));
      const waiting = source.findUser('user100@example.com', controller.signal).catch((error: unknown) => error);
      controller.abort();
      expect(await waiting).to.be.instanceOf(SourceError);
      release();
      expect((await Promise.all(others)).every((user) => user !== null)).to.equal(true);
      await source.check();
      expect(heard).to.equal(100);
    } finally {
      release();
      await source.close();
      await stub.close();
    }
  });
});
