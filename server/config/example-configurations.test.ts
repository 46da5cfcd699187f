// Tests that every configuration in examples/configurations/ loads without changes if its secrets exist.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { resolveOption, serverConfigSchema, shapesOf } from '../../schemas/server-config-schema.ts';
import { loadConfig } from '../../tests/start-server.ts';
import { hashPassword } from '../auth/password-hash.ts';

const directory = fileURLToPath(new URL('../../examples/configurations', import.meta.url));
const names = readdirSync(directory).filter((name) => name.endsWith('.yaml'));

describe('examples/configurations', () => {
  let scratch: string;
  let anyHash: string;
  before(async () => {
    scratch = mkdtempSync(join(tmpdir(), 'user-info-examples-'));
    anyHash = await hashPassword('a password');
  });
  after(() => rmSync(scratch, { recursive: true }));

  it('contains an example for each source', () => {
    const sources = [...shapesOf(resolveOption(serverConfigSchema.properties?.source ?? {})).keys()];
    for (const source of sources)
      expect(
        names.filter((name) => name.startsWith(`${source}-`)),
        source,
      ).not.to.be.empty;
  });

  for (const name of names) {
    it(`${name} loads`, () => {
      const text = readFileSync(join(directory, name), 'utf8');
      writeFileSync(join(scratch, name), text);
      // The hash is also used as a password.
      for (const [, path = ''] of text.matchAll(/\$\{file:([^}]+)\}/g)) {
        mkdirSync(dirname(join(scratch, path)), { recursive: true });
        writeFileSync(join(scratch, path), `${anyHash}\n`);
      }
      const variables = [...text.matchAll(/\$\{env:(\w+)\}/g)].map(([, variable]) => [variable, 'a secret']);
      const config = loadConfig(join(scratch, name), Object.fromEntries(variables));
      expect(name.startsWith(`${config.source.type}-`), config.source.type).to.equal(true);
    });

    it(`${name} names its schema for an editor`, () => {
      const [, schema = ''] =
        /^# yaml-language-server: \$schema=(\S+)\n/.exec(readFileSync(join(directory, name), 'utf8')) ?? [];
      expect(JSON.parse(readFileSync(join(directory, schema), 'utf8'))).to.have.property('title', 'ServerConfig');
    });
  }
});
