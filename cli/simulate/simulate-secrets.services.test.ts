// Tests that the secrets stored next to a store are deleted with the settings that refer to them. Also tests that the remaining secrets of a deleted
// store are reported.
import { readdirSync, rmSync } from 'node:fs';
import { expect } from 'chai';
import { createSimulatorShell } from '../testing/simulator-shell.ts';

describe('secrets of user-info simulate', function () {
  this.timeout(60_000);

  it('are deleted with their IAM, and when the settings that name them are replaced', async () => {
    const shell = createSimulatorShell();
    const directory = `${shell.store}.secrets`;
    shell.createOkta('http://127.0.0.1:9/');
    shell.inStore(({ identities: { iams }, secretFiles }) => {
      iams.create({ id: 'entra', name: 'Entra', type: 'saml' }, 'test');
      for (const iam of ['entra', 'okta']) secretFiles.keep(iam, 'passwordFile', 'secret');
    });
    expect(readdirSync(directory)).to.have.lengthOf(2);
    await shell.succeed('iam', 'delete', 'entra', '--confirm');
    expect(readdirSync(directory)).to.have.lengthOf(1);
    const settings = shell.write('okta.yaml', 'externalUserInfo: { uri: "http://127.0.0.1:10/" }\n');
    await shell.succeed('iam', 'set', 'okta', '--settings', settings);
    expect(readdirSync(directory)).to.deep.equal([]);
  });

  it('of a deleted store are reported once, before another store replaces it', async () => {
    const shell = createSimulatorShell();
    const directory = `${shell.store}.secrets`;
    shell.inStore(({ secretFiles }) => secretFiles.keep('okta', 'passwordFile', 'secret'));
    for (const suffix of ['', '-wal', '-shm']) rmSync(`${shell.store}${suffix}`, { force: true });
    const { exitCode, stderr } = await shell.run('iam', 'list');
    expect([exitCode, stderr]).to.deep.equal([
      0,
      `user-info: warning: ${directory} contains passwords and PEM files of the store ${shell.store}, which no longer exists. Delete this directory unless you restore that file.\n`,
    ]);
    expect((await shell.run('iam', 'list')).stderr).to.equal('');
    expect(readdirSync(directory)).to.have.lengthOf(1);
  });
});
