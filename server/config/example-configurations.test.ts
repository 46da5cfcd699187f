// Tests that every configuration of examples/configurations/ loads as it stands, once its secrets are there.
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { hashPassword } from '../auth/password-hash.ts';
import { loadConfig } from './load-config.ts';

const folder = fileURLToPath(new URL('../../examples/configurations/', import.meta.url));
const names = readdirSync(folder).filter((name) => name.endsWith('.yaml'));

describe('examples/configurations', () => {
  let scratch: string;
  before(async () => {
    scratch = mkdtempSync(join(tmpdir(), 'user-info-examples-'));
    mkdirSync(join(scratch, 'secrets'));
    writeFileSync(join(scratch, 'secrets/immuta.hash'), `${await hashPassword('a password')}\n`);
    writeFileSync(join(scratch, 'secrets/server-key.passphrase'), 'a passphrase\n');
    writeFileSync(join(scratch, 'secrets/userid-hash.key'), 'a key\n');
    writeFileSync(join(scratch, 'secrets/identity-database.password'), 'a password\n');
  });
  after(() => rmSync(scratch, { recursive: true }));

  it('has an example of each source', () => {
    expect(names).to.include.members([
      'csv-https-basic.yaml',
      'csv-https-both.yaml',
      'sql-mysql.yaml',
      'sql-postgresql.yaml',
      'sql-sqlite.yaml',
      'static-trial.yaml',
    ]);
  });

  for (const name of names) {
    it(`${name} loads`, () => {
      copyFileSync(join(folder, name), join(scratch, name));
      const config = loadConfig(join(scratch, name), { USER_INFO_OLD_PASSWORD: 'an old password' });
      expect(config.source.type).to.equal(name.split('-')[0]);
    });

    it(`${name} tells an editor where its schema lies`, () => {
      const [, schema = ''] =
        /^# yaml-language-server: \$schema=(\S+)\n/.exec(readFileSync(join(folder, name), 'utf8')) ?? [];
      expect(JSON.parse(readFileSync(join(folder, schema), 'utf8'))).to.have.property('title', 'ServerConfig');
    });
  }
});
