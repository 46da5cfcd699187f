// Tests of `user-info ldap-stub` as a process, with OpenLDAP's ldapsearch.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { type CliProcess, runCli, startCli } from '../../tests/run-cli.ts';

const ldif = fileURLToPath(new URL('../../examples/configurations/ldif-directory.ldif', import.meta.url));
const base = 'dc=example,dc=com';

describe('user-info ldap-stub', () => {
  let stub: CliProcess;
  let url: string;

  before(async () => {
    stub = startCli(['ldap-stub', ldif, '--port', '0']);
    url = (await stub.printed('stdout', /ldap:\/\/127\.0\.0\.1:\d+/))[0];
  });
  after(async () => {
    stub.child.kill('SIGTERM');
    expect(await stub.ended()).to.include({ exitCode: 0, stderr: '' });
  });

  function search(...arguments_: string[]) {
    const { status, stdout } = spawnSync('ldapsearch', ['-LLL', '-x', '-H', url, '-b', base, ...arguments_], {
      encoding: 'utf8',
    });
    return { status, names: [...stdout.matchAll(/^dn: (.*)$/gm)].map(([, dn]) => dn), stdout };
  }

  it('finds entries by filter', () => {
    expect(search('(&(objectClass=inetOrgPerson)(|(uid=ada)(cn=grace *)))')).to.deep.include({
      status: 0,
      names: [`uid=ada,ou=people,${base}`, `uid=grace,ou=people,${base}`],
    });
  });

  it('returns pages', () => {
    expect(search('-E', 'pr=1/noprompt', '(objectClass=groupOfNames)').names).to.have.length(3);
  });

  it('accepts only the password in the file, and never shows it', () => {
    const reader = ['-D', `cn=reader,${base}`];
    const right = search(...reader, '-w', 'a password for demonstrations', '(cn=reader)');
    expect(right.names).to.have.length(1);
    expect(right.stdout).not.to.match(/userPassword/i);
    expect(search(...reader, '-w', 'another', '(cn=reader)')).to.include({ status: 49 });
    expect(search(...reader, '-w', '', '(cn=reader)').status).to.equal(53);
  });

  it('reports that a base does not exist', () => {
    expect(search('-b', 'dc=other', '(cn=*)')).to.include({ status: 32 });
  });

  it('rejects a missing file', async () => {
    const outcome = await runCli(['ldap-stub', 'missing.ldif']);
    expect(outcome).to.include({ exitCode: 2, stderr: 'user-info: missing.ldif cannot be read (ENOENT).\n' });
  });

  it('rejects a port that is not a number', async () => {
    expect(await runCli(['ldap-stub', ldif, '--port', 'x'])).to.include({ exitCode: 2 });
  });

  it('reports that a port is in use', async () => {
    const outcome = await runCli(['ldap-stub', ldif, '--port', new URL(url).port]);
    expect(outcome).to.include({ exitCode: 3 });
    expect(outcome.stderr).to.contain('EADDRINUSE');
  });
});
