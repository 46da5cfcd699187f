// Tests of loading: the result of a valid configuration, and that all errors of an invalid one are reported at once, with their positions.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { resolveOption, shapesOf } from '../../schemas/server-config-schema.ts';
import { loadConfig, parseConfig } from '../../tests/start-server.ts';
import { ConfigError } from './config-error.ts';

/** The types of sources, as listed in errors. */
const sourceTypes = [...shapesOf(resolveOption({ $ref: '#/$defs/source' })).keys()].join(', ');

const trial = `
authentication: { mode: none }
source: { type: static, users: {} }
`;
const context = (environment: NodeJS.ProcessEnv = {}) => ({ fileName: 'c.yaml', baseDirectory: '/base', environment });
const load = (text: string, environment: NodeJS.ProcessEnv = {}) => parseConfig(text, context(environment));

/** Returns the lines of the errors as displayed. */
function faultsOf(text: string, environment: NodeJS.ProcessEnv = {}): string[] {
  try {
    load(text, environment);
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split('\n');
    throw error;
  }
  return [];
}

const withBasic = (credential: string) => `
authentication:
  mode: basic
  basic:
    credentials:
      - ${credential}
source: { type: static, users: {} }
`;

describe('parseConfig', () => {
  it('fills in the defaults', () => {
    const config = load(trial);
    expect(config.listener).to.include({ host: '127.0.0.1', port: 8443, path: '/user-info' });
    expect(config.authentication.failedLogins).to.deep.equal({
      max: 20,
      windowSeconds: 60,
      maxByUsername: 200,
      callerNetworks: [],
    });
    expect(config.logging).to.include({ level: 'info', destination: 'stdout', userid: 'hashed' });
    expect(config.deadlineMs).to.equal(5000);
    expect(config.administration).to.equal(undefined);
  });

  it('fills in the defaults of the chosen source', () => {
    const config = load(`
authentication: { mode: none }
source: { type: csv, path: users.csv, columns: { userid: email, groups: [{ column: g }] } }
`);
    expect(config.source).to.include({ type: 'csv', delimiter: ',', layout: 'wide', maxShrinkPercent: 20 });
  });

  it('reads JSON, including JSON with tabs', () => {
    const text = JSON.stringify(
      { authentication: { mode: 'none' }, source: { type: 'static', users: {} } },
      null,
      '\t',
    );
    expect(load(text)).to.deep.equal(load(trial));
  });

  it('makes relative paths absolute, and keeps stdout and absolute paths', () => {
    const config = load(`
listener: { tls: { certificate: server.pem, key: /keys/server.pem, clientCa: [ca/a.pem] } }
authentication: { mode: none }
source: { type: csv, path: ../users.csv, columns: { userid: email, groups: [{ column: g }] } }
logging: { destination: log.json }
`);
    expect(config.listener.tls).to.deep.include({
      certificate: '/base/server.pem',
      key: '/keys/server.pem',
      clientCa: ['/base/ca/a.pem'],
    });
    expect(config.source).to.have.property('path', '/users.csv');
    expect(config.logging.destination).to.equal('/base/log.json');
    expect(load(trial).logging.destination).to.equal('stdout');
  });

  it('freezes the result, including nested lists', () => {
    const config = load(`
authentication: { mode: none }
source: { type: static, users: { ada: { groups: [a] } } }
`);
    expect(() => Object.assign(config.listener, { port: 1 })).to.throw(TypeError);
    expect(config.source.type === 'static' && Object.isFrozen(config.source.users.ada?.groups)).to.equal(true);
  });

  it('keeps user names that are special property names in JavaScript', () => {
    const { source } = load(`
authentication: { mode: none }
source: { type: static, users: { __proto__: { groups: [a] }, constructor: { groups: [b] } } }
`);
    expect(source.type === 'static' && Object.keys(source.users)).to.deep.equal(['__proto__', 'constructor']);
  });

  it('expands aliases, so that sections are not shared', () => {
    const config = load(`
authentication: { mode: none }
source:
  type: static
  users:
    ada: &analyst { groups: [analysts] }
    grace: *analyst
`);
    expect(config.source).to.have.nested.property('users.grace.groups').that.deep.equals(['analysts']);
  });
});

describe('parseConfig and secrets', () => {
  it('reads them from the environment, and prints them as references', () => {
    const config = load(withBasic(`{ username: immuta, password: "\${env:PASSWORD}" }`), { PASSWORD: 'canary' });
    const password = config.authentication.basic?.credentials[0]?.password;
    expect(password?.reveal()).to.equal('canary');
    expect(String(password)).to.equal(`\${env:PASSWORD}`);
  });

  it('accepts a literal hash, and prints it as [passwordHash]', () => {
    const hash = '$2y$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW';
    const config = load(withBasic(`{ username: immuta, passwordHash: ${hash} }`));
    const secret = config.authentication.basic?.credentials[0]?.passwordHash;
    expect(secret?.reveal()).to.equal(hash);
    expect(JSON.stringify(config)).to.include('[passwordHash]').and.not.include('CCCC');
  });

  describe('in files', () => {
    let directory: string;
    before(() => {
      directory = mkdtempSync(join(tmpdir(), 'user-info-config-'));
      writeFileSync(join(directory, 'two-lines'), 'canary\n\r\n');
      writeFileSync(join(directory, 'empty'), '\n');
      writeFileSync(join(directory, 'latin1'), Buffer.from([0x63, 0xe9]));
      writeFileSync(join(directory, 'large'), 'x'.repeat(65_537));
      mkdirSync(join(directory, 'folder'));
    });
    after(() => rmSync(directory, { recursive: true }));

    const loadFrom = (reference: string) =>
      parseConfig(withBasic(`{ username: immuta, password: "${reference}" }`), {
        ...context(),
        baseDirectory: directory,
      });

    it('reads one from a file, without its last line break', () => {
      const { basic } = loadFrom(`\${file:two-lines}`).authentication;
      expect(basic?.credentials[0]?.password?.reveal()).to.equal('canary\n');
    });

    const unusable: Record<string, string> = {
      missing: 'cannot read the file missing: there is no such file',
      empty: 'the file empty is empty',
      latin1: 'the file latin1 is not UTF-8',
      large: 'cannot read the file large: it has more than 65536 bytes',
      folder: 'cannot read the file folder: it is a directory',
      '/dev/zero': 'cannot read the file /dev/zero: it is a device or a socket',
    };
    for (const [name, message] of Object.entries(unusable)) {
      it(`rejects one that is ${name}`, () => {
        const place = 'c.yaml:6:39 authentication.basic.credentials[0].password';
        expect(() => loadFrom(`\${file:${name}}`)).to.throw(ConfigError, `${place}: ${message}`);
      });
    }
  });
});

const place = 'c.yaml:6:9 authentication.basic.credentials[0]';
const passwordPlace = 'c.yaml:6:39 authentication.basic.credentials[0].password';
const noPassword = `must be a reference, \${env:NAME} or \${file:PATH}; a configuration must not contain the secret itself`;
const cases: Record<string, [text: string, faults: string[]]> = {
  'an option with a typing error': [
    `${trial}lisener: {}`,
    ['c.yaml:4:1: unknown option "lisener"; did you mean "listener"?'],
  ],
  'an option that is like none': [`${trial}xyzzy: 1`, ['c.yaml:4:1: unknown option "xyzzy"']],
  'a number that is too large': [`${trial}listener: { port: 65536 }`, ['c.yaml:4:19 listener.port: must be ≤ 65535']],
  'a number that is too small': [`${trial}deadlineMs: 0`, ['c.yaml:4:13 deadlineMs: must be ≥ 10']],
  'a number in quotes': [
    `${trial}listener: { port: "443" }`,
    ['c.yaml:4:19 listener.port: must be a whole number (is a string: remove the quotes)'],
  ],
  'a fraction': [
    `${trial}listener: { port: 1.5 }`,
    ['c.yaml:4:19 listener.port: must be a whole number (is not an integer, or is too large)'],
  ],
  infinity: [
    `${trial}deadlineMs: .inf`,
    ['c.yaml:4:13 deadlineMs: must be a whole number (is not an integer, or is too large)'],
  ],
  'yes instead of true': [
    `${trial}logging: { accessLog: yes }`,
    ['c.yaml:4:23 logging.accessLog: must be true or false (is text)'],
  ],
  'a section that is empty': [
    `${trial}logging:`,
    ['c.yaml:4:1 logging: must be a map of options (is empty: set a value, or remove the line)'],
  ],
  'a section that is a list': [`${trial}logging: []`, ['c.yaml:4:1 logging: must be a map of options (is a list)']],
  'a word that resembles a known one': [
    'authentication: { mode: mtsl }\nsource: { type: static, users: {} }',
    ['c.yaml:1:25 authentication.mode: must be one of basic, mtls, both, either, none; did you mean "mtls"?'],
  ],
  'a source of an unknown type': [
    'authentication: { mode: none }\nsource: { type: cvs }',
    [`c.yaml:2:17 source.type: must be one of ${sourceTypes}; did you mean "csv"?`],
  ],
  'a source without a type': [
    'authentication: { mode: none }\nsource: {}',
    [`c.yaml:2:1 source.type: is missing; it must be one of ${sourceTypes}`],
  ],
  'a source without an option that has other values in another source': [
    'authentication: { mode: none }\nsource: { type: ldif, path: x, user: { base: o=x }, groups: { strategy: none } }',
    ['c.yaml:2:1 source.preset: is missing; it must be one of openldap, 389ds, freeipa, active-directory'],
  ],
  'a merged source without a type': [
    'authentication: { mode: none }\nsource: { type: merge, identity: a, sources: [{ name: a, source: {} }] }',
    [`c.yaml:2:58 source.sources[0].source.type: is missing; it must be one of ${sourceTypes}`],
  ],
  'an option of another source': [
    'authentication: { mode: none }\nsource: { type: static, users: {}, path: x }',
    ['c.yaml:2:36 source: unknown option "path"'],
  ],
  'a path without its slash': [
    `${trial}listener: { path: user-info }`,
    [
      'c.yaml:4:19 listener.path: must be a path that begins with / and contains no ?, # or white space; for example "/iam/user-info"',
    ],
  ],
  'a delimiter of two characters': [
    'authentication: { mode: none }\nsource: { type: csv, path: a, delimiter: ab, columns: { userid: u, groups: [{ column: g }] } }',
    ['c.yaml:2:42 source.delimiter: must be one character'],
  ],
  'all that is missing': ['listener: {}', ['c.yaml:1:1 authentication: is missing', 'c.yaml:1:1 source: is missing']],
  'an empty file': ['', ['c.yaml:1:1: must be a map of options (is empty: set a value, or remove the line)']],
  'a file with a text': ['hello', ['c.yaml:1:1: must be a map of options (is text)']],
  'a user, whose name is not shown': [
    'authentication: { mode: none }\nsource: { type: static, users: { ada: { groups: [1] } } }',
    ['c.yaml:2:50 source.users.*.groups[0]: must be text (is a number: quote it)'],
  ],
  'a password in the file': [withBasic('{ username: immuta, password: hunter2 }'), [`${passwordPlace}: ${noPassword}`]],
  'a password that is a number': [
    withBasic('{ username: immuta, password: 12345 }'),
    [`${passwordPlace}: ${noPassword}`],
  ],
  'a credential without a password': [
    withBasic('{ username: immuta }'),
    [`${place}: needs either password or passwordHash`],
  ],
  'a credential with both': [
    withBasic(`{ username: immuta, password: "\${env:HOME}", passwordHash: "\${env:HOME}" }`),
    [`${place}: has both password and passwordHash. Keep one`],
  ],
  'a typing error beside a secret': [
    withBasic('{ username: immuta, pasword: hunter2 }'),
    [
      `${place}: needs either password or passwordHash`,
      'c.yaml:6:29 authentication.basic.credentials[0]: unknown option "pasword"; did you mean "password"?',
    ],
  ],
  'a password that became an option, for want of a space': [
    withBasic('{ username: immuta, password:hunter2 }'),
    [
      `${place}: needs either password or passwordHash`,
      'c.yaml:6:29 authentication.basic.credentials[0]: unknown option; its name is not shown, since it could be a secret. Known options: username, password, passwordHash',
    ],
  ],
  'a hash that is damaged': [
    withBasic('{ username: immuta, passwordHash: $2y$05$short }'),
    [
      'c.yaml:6:43 authentication.basic.credentials[0].passwordHash: It is neither a bcrypt ($2a$, $2b$, $2y$) nor a scrypt ($scrypt$) hash. Create a new hash with `user-info hash-password`.',
    ],
  ],
  'a variable that is not set': [
    withBasic(`{ username: immuta, password: "\${env:NOT_SET}" }`),
    [`${passwordPlace}: the environment variable NOT_SET is not set`],
  ],
  'a variable that is empty': [
    withBasic(`{ username: immuta, password: "\${env:EMPTY}" }`),
    [`${passwordPlace}: the environment variable EMPTY is empty`],
  ],
  'a reference where no secret belongs': [
    `${trial}listener: { path: "/\${env:HOME}" }`,
    [
      'c.yaml:4:19 listener.path: a reference is allowed for secrets only; an environment variable USER_INFO__… can set this option',
    ],
  ],
  'a certificate entry with two names': [
    `
authentication: { mode: none, clientCertificate: { allow: [{ dns: a, email: b }, {}] } }
source: { type: static, users: {} }`,
    [
      'c.yaml:2:60 authentication.clientCertificate.allow[0]: needs exactly one of dns, email, uri, subjectCn, fingerprint256',
      'c.yaml:2:82 authentication.clientCertificate.allow[1]: needs exactly one of dns, email, uri, subjectCn, fingerprint256',
    ],
  ],
  'a duplicate option': [
    `${trial}deadlineMs: 100\ndeadlineMs: 200`,
    ['c.yaml:5:1: duplicate option; keep one of the two'],
  ],
  'several syntax errors': [
    'a: `x\nb: @x\n',
    [
      'c.yaml:1:4: a value cannot begin with this character; quote it',
      'c.yaml:2:4: a value cannot begin with this character; quote it',
    ],
  ],
  'an alias without an anchor': [
    'a: *nobody',
    ['c.yaml:1:4: the alias refers to no anchor; quote a value that begins with *'],
  ],
  'a tab that indents': ['a:\n\tb: 1', ['c.yaml:2:1: a tab indents this line; use spaces']],
  'a tag': [
    `${trial}deadlineMs: !secret 5`,
    ['c.yaml:4:13: tags (!) are not supported; quote a value that begins with !'],
  ],
  'two documents': [
    `${trial}---\n${trial}`,
    ['c.yaml:4:1: a second document begins here; a configuration is one document'],
  ],
  'a number as an option': [`${trial}1: 2`, ['c.yaml:4:1: the name of an option must be a string; quote it']],
  'an alias inside itself': ['a: &a [*a]', ['c.yaml:1:8: the alias refers to itself']],
};

describe('parseConfig and errors', () => {
  for (const [name, [text, faults]] of Object.entries(cases)) {
    it(`reports where and how to fix ${name}`, () => {
      expect(faultsOf(text, { HOME: '/root', EMPTY: '' })).to.deep.equal(faults);
    });
  }

  it('reports errors in the schema, secrets, combined options and variables together and in order', () => {
    const text = `
listener: { host: 0.0.0.0, prot: 1 }
authentication: { mode: none, basic: { credentials: [{ username: a, password: "\${env:NOT_SET}" }] } }
source: { type: static, users: {} }
`;
    const paths = faultsOf(text, { USER_INFO__DEADLINE: '1' }).map((line) => line.split(': ')[0]);
    expect(paths).to.deep.equal([
      'USER_INFO__DEADLINE',
      'c.yaml:2:19 listener.host',
      'c.yaml:2:28 listener',
      'c.yaml:3:25 authentication.mode',
      'c.yaml:3:79 authentication.basic.credentials[0].password',
    ]);
  });

  it('returns the parts of each error', () => {
    try {
      load(`${trial}deadlineMs: 0`);
      expect.fail('it was accepted');
    } catch (error) {
      expect((error as ConfigError).faults).to.deep.equal([
        { file: 'c.yaml', line: 4, column: 13, path: 'deadlineMs', message: 'must be ≥ 10' },
      ]);
    }
  });

  it('rejects aliases that expand without limit', () => {
    const levels = Array.from({ length: 9 }, (_, i) => `l${i + 1}: &l${i + 1} [${Array(9).fill(`*l${i}`).join(', ')}]`);
    const lines = faultsOf(`l0: &l0 [x]\n${levels.join('\n')}`);
    expect(lines.every((line) => line.endsWith('more than 100 aliases; write the values out'))).to.equal(true);
  });

  it('rejects nesting without limit', () => {
    expect(faultsOf('['.repeat(40) + ']'.repeat(40))[0]).to.include('nested deeper than 32 levels');
    expect(faultsOf('['.repeat(100_000))[0]).to.include('c.yaml:');
  });
});

describe('loadConfig', () => {
  let directory: string;
  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'user-info-load-'));
    writeFileSync(join(directory, 'good.yaml'), `${trial}logging: { destination: log.json }`);
    writeFileSync(join(directory, 'latin1.yaml'), Buffer.from([0x61, 0xe9]));
  });
  after(() => rmSync(directory, { recursive: true }));

  it("resolves relative paths against the file's directory", () => {
    expect(loadConfig(join(directory, 'good.yaml'), {}).logging.destination).to.equal(join(directory, 'log.json'));
  });

  for (const [name, message] of [
    ['missing.yaml', 'the configuration cannot be read: there is no such file'],
    ['.', 'the configuration cannot be read: it is a directory'],
    ['latin1.yaml', 'the configuration is not UTF-8'],
  ] as const) {
    it(`rejects ${name}`, () => {
      expect(() => loadConfig(join(directory, name), {})).to.throw(ConfigError, `${join(directory, name)}: ${message}`);
    });
  }
});
