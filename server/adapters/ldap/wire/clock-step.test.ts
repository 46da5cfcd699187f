// Tests that a step of the system's clock does not extend the time limit of an LDAP operation.
import { expect } from 'chai';
import { createAnswerer, serveAnswers } from '../../../../cli/serve/ldap-stub-server.ts';
import { SourceError } from '../../user-source.ts';
import { createLdapSource } from '../ldap-source.ts';
import { parseLdif } from '../ldif/ldif-text.ts';
import { bindAs, ldapConfig, silentLog } from '../testing/ldap-config.ts';

const entries = parseLdif(
  Buffer.from(
    [
      'dn: o=x\nobjectClass: organization\n',
      'dn: cn=reader,o=x\nobjectClass: person\nuserPassword: right\n',
      'dn: uid=ada,o=x\nobjectClass: inetOrgPerson\nmail: ada@example.com\n',
      'dn: cn=a,o=x\nobjectClass: groupOfNames\ncn: a\nmember: uid=ada,o=x\n',
    ].join('\n'),
  ),
);
const hourMs = 3_600_000;

describe('ldap: a clock that is set back', () => {
  const systemNow = Date.now;
  afterEach(() => {
    Date.now = systemNow;
  });

  it('does not extend the time limit of a search without a response', async () => {
    const answer = createAnswerer(entries);
    let isSilent = false;
    const server = await serveAnswers(async (request, socket) => {
      if (!isSilent) return answer(request, socket);
      Date.now = () => systemNow() - hourMs;
      return [];
    }, 0);
    const config = ldapConfig([server.url], {
      bind: bindAs('cn=reader,o=x', 'right'),
      user: { base: 'o=x' },
      groups: { base: 'o=x' },
      ...{ connectTimeoutMs: 10_000, operationTimeoutMs: 500 },
    });
    const source = await createLdapSource(config, { log: silentLog });
    try {
      const { signal } = new AbortController();
      expect((await source.findUser('ada@example.com', signal))?.groups).to.deep.equal([{ name: 'a' }]);
      isSilent = true;
      const outcome = await Promise.resolve(source.findUser('ada@example.com', signal)).catch(
        (error: unknown) => error,
      );
      expect(outcome).to.be.instanceOf(SourceError).with.property('kind', 'too-slow');
    } finally {
      await source.close();
      await server.close();
    }
  });
});
