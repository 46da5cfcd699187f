// Tests of `user-info config` as a process: output, exit codes, and that no secret is printed.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { expect } from 'chai';
import { parse } from 'yaml';
import { createCertificates } from '../../certs/create-certificates.ts';
import { hashPassword } from '../../server/auth/password-hash.ts';
import { ConfigError } from '../../server/config/config-error.ts';
import { builtProgram } from '../../tests/built-program.ts';
import { loadConfig } from '../../tests/start-server.ts';

let directory: string;
const inDirectory = (name: string) => join(directory, name);

before(() => {
  directory = mkdtempSync(join(tmpdir(), 'user-info-config-cli-'));
});
after(() => rmSync(directory, { recursive: true }));

function run(arguments_: readonly string[], variables: NodeJS.ProcessEnv = {}) {
  const command = [builtProgram, 'config', ...arguments_];
  const { status, stdout, stderr, error } = spawnSync(process.execPath, command, {
    encoding: 'utf8',
    env: { PATH: process.env.PATH, ...variables },
  });
  if (error) throw error;
  return { status, stdout, stderr };
}

function write(name: string, text: string): string {
  writeFileSync(inDirectory(name), text);
  return inDirectory(name);
}

const trial = 'authentication: { mode: none }\nsource: { type: static, users: {} }\n';

describe('user-info config', () => {
  for (const words of [[], ['check'], ['print']]) {
    it(`shows examples in config ${words.join(' ')} --help`, () => {
      const { status, stdout } = run([...words, '--help']);
      expect(stdout).to.match(/\nExamples:\n(?:.*\n)*? *\$ user-info config /);
      expect(status).to.equal(0);
    });
  }

  it('check: reports that a file is valid, and what it starts', () => {
    const file = write('good.yaml', trial);
    expect(run(['check', file])).to.deep.equal({
      status: 0,
      stdout: `${file} is valid\n  listener        http://127.0.0.1:8443/user-info\n  authentication  none\n  source          static\n`,
      stderr: '',
    });
  });

  it('check: exits with 2 and all errors on stderr, including those of variables', () => {
    const file = write('bad.yaml', `${trial}lisener: {}\ndeadlineMs: 0\n`);
    expect(run(['check', file], { USER_INFO__LISTENER__PORT: 'x' })).to.deep.equal({
      status: 2,
      stdout: '',
      stderr: [
        `user-info: ${file} has 3 errors`,
        `${file}:3:1: unknown option "lisener"; did you mean "listener"?`,
        `${file}:4:13 deadlineMs: must be ≥ 10`,
        'USER_INFO__LISTENER__PORT listener.port: must be a whole number (is text)',
        '',
      ].join('\n'),
    });
  });

  it('check --json: returns the verdict, and the parts of each error', () => {
    const good = run(['check', write('good.yaml', trial), '--json']);
    expect(JSON.parse(good.stdout)).to.deep.include({ valid: true, mode: 'none', source: 'static', warnings: [] });
    const bad = run(['check', write('bad.yaml', `${trial}deadlineMs: 0\n`), '--json']);
    expect(bad.status).to.equal(2);
    expect(JSON.parse(bad.stdout)).to.deep.include({
      valid: false,
      faults: [{ file: inDirectory('bad.yaml'), line: 3, column: 13, path: 'deadlineMs', message: 'must be ≥ 10' }],
    });
  });

  it('print: shows defaults, and the variable that set an option', () => {
    const { status, stdout } = run(['print', write('good.yaml', trial)], {
      USER_INFO__LISTENER__PORT: '9443',
      USER_INFO__SHUTDOWN: '{"drainMs":1}',
    });
    expect(status).to.equal(0);
    expect(stdout).to.include('  port: 9443 # from USER_INFO__LISTENER__PORT\n');
    expect(stdout).to.include('# from USER_INFO__SHUTDOWN\nshutdown:\n  drainMs: 1\n');
    expect(parse(stdout)).to.have.nested.property('authentication.failedLogins.max', 20);
  });

  it('print: prints a configuration that loads again unchanged', () => {
    const printed = write('printed.yaml', run(['print', write('good.yaml', trial)]).stdout);
    expect(loadConfig(printed, {})).to.deep.equal(loadConfig(inDirectory('good.yaml'), {}));
    expect(JSON.parse(run(['print', printed, '--json']).stdout)).to.deep.equal(parse(run(['print', printed]).stdout));
  });

  it('print: exits with 2 for a rejected configuration, and for a missing file', () => {
    expect(run(['print', inDirectory('nowhere.yaml')])).to.deep.equal({
      status: 2,
      stdout: '',
      stderr: `user-info: ${inDirectory('nowhere.yaml')} has one error\n${inDirectory('nowhere.yaml')}: the configuration cannot be read: there is no such file. Correct the path, or create the file\n`,
    });
  });
});

describe('secrets in the configuration', () => {
  // Each secret is unique, so that a failure shows which one leaked.
  const canaries = {
    environment: 'canary-environment-1c5f',
    file: 'canary-file-77ab',
    passphrase: 'canary-passphrase-e0d2',
    literal: 'canary-literal-b83e',
    glued: 'canary-glued-4490',
    htpasswd: 'canary-htpasswd-a61d',
    override: 'canary-override-52fc',
  };
  const variables = { PASSWORD: canaries.environment, PASSPHRASE: canaries.passphrase };
  let hash: string;

  before(async () => {
    await createCertificates(inDirectory('certs'));
    write('secret', `${canaries.file}\n`);
    hash = await hashPassword('a password');
    write('canary.htpasswd', `immuta:${canaries.htpasswd}\n${canaries.htpasswd}\n`);
  });

  const tls = (passphrase: string) => `
listener:
  tls: { certificate: certs/server.pem, key: certs/server-key.pem, keyPassphrase: "${passphrase}" }
source: { type: static, users: {} }
logging: { useridHashKey: "\${file:secret}" }
`;
  const withCredentials = (...credentials: string[]) =>
    `authentication: { mode: basic, basic: { credentials: [${credentials.join(', ')}] } }${tls(`\${env:PASSPHRASE}`)}`;
  const good = () =>
    withCredentials(
      `{ username: a, password: "\${env:PASSWORD}" }`,
      `{ username: b, password: "\${file:secret}" }`,
      `{ username: c, passwordHash: "${hash}" }`,
    );

  function expectNoSecret(shown: string): void {
    expect(shown).not.to.equal('');
    for (const secret of [...Object.values(canaries), hash]) expect(shown).not.to.include(secret);
  }

  it('are not shown by a loaded configuration in any text form', () => {
    const config = loadConfig(write('canary.yaml', good()), variables);
    expect(config.authentication.basic?.credentials[0]?.password?.reveal()).to.equal(canaries.environment);
    const everything = { depth: null, showHidden: true, getters: true };
    for (const shown of [inspect(config, everything), JSON.stringify(config), `${config.logging.useridHashKey}`]) {
      expectNoSecret(shown);
    }
  });

  for (const words of [['check'], ['check', '--json'], ['print'], ['print', '--json']]) {
    it(`are not shown by config ${words.join(' ')}`, () => {
      const { status, stdout, stderr } = run([...words, write('canary.yaml', good())], variables);
      expect(status).to.equal(0);
      expectNoSecret(stdout + stderr);
    });
  }

  const refused: Record<string, [text: () => string, more?: NodeJS.ProcessEnv]> = {
    'a literal password': [() => withCredentials(`{ username: a, password: ${canaries.literal} }`)],
    'a literal hash that is invalid': [() => withCredentials(`{ username: a, passwordHash: ${canaries.literal} }`)],
    'a literal passphrase': [() => `authentication: { mode: none }${tls(canaries.literal)}`],
    'a list of passwords': [() => withCredentials(`{ username: a, password: [${canaries.literal}] }`)],
    'a map of passwords': [
      () => withCredentials(`{ username: a, password: { ${canaries.literal}: ${canaries.literal} } }`),
    ],
    'a password without its space': [() => withCredentials(`{ username: a, password:${canaries.glued} }`)],
    'a password as the user name': [() => withCredentials(`{ username: "a:${canaries.literal}" }`)],
    'a reference to a password that is not a hash': [
      () => withCredentials(`{ username: a, passwordHash: "\${env:PASSWORD}" }`),
    ],
    'a password that YAML cannot read': [() => withCredentials(`{ username: a, password: @${canaries.literal} }`)],
    'a password after a quote': [() => withCredentials(`{ username: a, password: "x" ${canaries.literal} }`)],
    'a password as an alias': [() => withCredentials(`{ username: a, password: *${canaries.literal} }`)],
    'a password as a tag': [() => withCredentials(`{ username: a, password: !${canaries.literal} x }`)],
    'a password in an override': [
      good,
      { USER_INFO__AUTHENTICATION__BASIC__CREDENTIALS__0__PASSWORD: canaries.override },
    ],
    'a password in JSON of an override': [
      good,
      { USER_INFO__AUTHENTICATION__BASIC__CREDENTIALS: `[{"username":"a","password":"${canaries.override}"}]` },
    ],
    'a password in an override that is not JSON': [
      good,
      { USER_INFO__AUTHENTICATION__BASIC__CREDENTIALS: `{"password":"${canaries.override}` },
    ],
  };
  for (const [name, [text, more]] of Object.entries(refused)) {
    it(`are not shown by the errors of ${name}`, () => {
      const file = write('canary.yaml', text());
      try {
        loadConfig(file, { ...variables, ...more });
        expect.fail('it was accepted');
      } catch (error) {
        expect(error).to.be.instanceOf(ConfigError);
        expectNoSecret(
          inspect(error, { depth: null, showHidden: true }) + (error as Error).stack + JSON.stringify(error),
        );
      }
    });
  }

  it('are not shown when config check reads an htpasswd file with errors', () => {
    const text = `authentication: { mode: basic, basic: { htpasswdFile: canary.htpasswd } }${tls(`\${env:PASSPHRASE}`)}`;
    const { status, stderr } = run(['check', write('canary.yaml', text)], variables);
    expect(status).to.equal(2);
    expect(stderr).to.include('canary.htpasswd:1').and.include('canary.htpasswd:2');
    expectNoSecret(stderr);
  });

  it('are not shown when config check or config print reads a literal password', () => {
    const file = write('canary.yaml', withCredentials(`{ username: a, password: ${canaries.literal} }`));
    for (const words of [['check'], ['check', '--json'], ['print']]) {
      const { status, stdout, stderr } = run([...words, file], variables);
      expect(status).to.equal(2);
      expectNoSecret(stdout + stderr);
    }
  });
});
