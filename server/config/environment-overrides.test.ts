// Tests of the environment variables that override options.
import { expect } from 'chai';
import { ConfigError } from './config-error.ts';
import { readConfigText } from './read-config.ts';

const text = `
authentication:
  mode: basic
  basic: { credentials: [{ username: immuta, password: "\${env:PASSWORD}" }] }
source: { type: static, users: {} }
`;
const read = (variables: NodeJS.ProcessEnv) =>
  readConfigText(text, {
    fileName: 'c.yaml',
    baseDirectory: '/base',
    environment: { PASSWORD: 'canary', OTHER: 'other', ...variables },
  });

describe('environment overrides', () => {
  const cases: Record<string, [variables: NodeJS.ProcessEnv, path: string, value: unknown]> = {
    'a number': [{ USER_INFO__LISTENER__PORT: '9443' }, 'listener.port', 9443],
    'a boolean': [{ USER_INFO__LOGGING__ACCESS_LOG: 'false' }, 'logging.accessLog', false],
    'a text, which stays one though it looks like a number': [
      { USER_INFO__AUTHENTICATION__REALM: '42' },
      'authentication.realm',
      '42',
    ],
    'a word': [{ USER_INFO__LOGGING__LEVEL: 'warn' }, 'logging.level', 'warn'],
    'a name of two words': [
      { USER_INFO__AUTHENTICATION__FAILED_LOGINS__MAX: '3' },
      'authentication.failedLogins.max',
      3,
    ],
    'a name without its underscores': [
      { USER_INFO__AUTHENTICATION__failedlogins__MAX: '3' },
      'authentication.failedLogins.max',
      3,
    ],
    'an entry of a list': [
      { USER_INFO__AUTHENTICATION__BASIC__CREDENTIALS__0__USERNAME: 'other' },
      'authentication.basic.credentials[0].username',
      'other',
    ],
    'one entry more': [
      {
        USER_INFO__AUTHENTICATION__BASIC__CREDENTIALS__1__USERNAME: 'next',
        USER_INFO__AUTHENTICATION__BASIC__CREDENTIALS__1__PASSWORD: `\${env:OTHER}`,
      },
      'authentication.basic.credentials[1].username',
      'next',
    ],
    'a list in JSON, with paths relative to the directory of the file': [
      { USER_INFO__LISTENER__TLS: '{"certificate":"a.pem","key":"b.pem","clientCa":["c.pem"]}' },
      'listener.tls.clientCa[0]',
      '/base/c.pem',
    ],
    'a section in JSON, and then one of its options': [
      { USER_INFO__SHUTDOWN__DRAIN_MS: '7', USER_INFO__SHUTDOWN: '{"drainMs":1,"deadlineMs":2}' },
      'shutdown',
      { drainMs: 7, deadlineMs: 2 },
    ],
    'another source, whose type is applied first': [
      {
        USER_INFO__SOURCE: '{"type":"csv"}',
        USER_INFO__SOURCE__PATH: 'users.csv',
        USER_INFO__SOURCE__COLUMNS__USERID: 'email',
        USER_INFO__SOURCE__COLUMNS__GROUPS__0__COLUMN: 'groups',
      },
      'source.columns.groups[0].column',
      'groups',
    ],
  };
  for (const [name, [variables, path, value]] of Object.entries(cases)) {
    it(`set ${name}`, () => {
      expect(read(variables).config).to.have.nested.property(path).that.deep.equals(value);
    });
  }

  it('are resolved as references where they set a secret', () => {
    const { config } = read({ USER_INFO__AUTHENTICATION__BASIC__CREDENTIALS__0__PASSWORD: `\${env:OTHER}` });
    expect(config.authentication.basic?.credentials[0]?.password?.reveal()).to.equal('other');
  });

  it('are listed with their options', () => {
    expect(read({ USER_INFO__LISTENER__PORT: '9443', USER_INFO_PASSWORD: 'x' }).overrides).to.deep.equal([
      { variable: 'USER_INFO__LISTENER__PORT', path: ['listener', 'port'] },
    ]);
  });

  it('ignore variables that do not begin with USER_INFO__', () => {
    expect(read({ USER_INFO_LISTENER_PORT: 'x', USER_INFO: 'x', user_info__listener__port: 'x' }).overrides).to.be
      .empty;
  });

  const faults: Record<string, [variable: string, value: string, fault: string]> = {
    'an unknown option': [
      'USER_INFO__LISTENER__PROT',
      '1',
      ' listener: unknown option; did you mean "USER_INFO__LISTENER__PORT"?',
    ],
    'an unknown section': [
      'USER_INFO__LISENER__PORT',
      '1',
      ': unknown option; did you mean "USER_INFO__LISTENER__PORT"?',
    ],
    'nothing at all': ['USER_INFO__', '1', ': unknown option'],
    'an option inside an option': [
      'USER_INFO__LISTENER__PORT__X',
      '1',
      ' listener.port: has no nested options that a variable can set. Set USER_INFO__LISTENER__PORT as a whole',
    ],
    'a user': [
      'USER_INFO__SOURCE__USERS__ADA',
      '{}',
      ' source.users: has no nested options that a variable can set. Set USER_INFO__SOURCE__USERS as a whole',
    ],
    'a value of the wrong type': ['USER_INFO__LISTENER__PORT', 'x', ' listener.port: must be a whole number (is text)'],
    'a value out of range': ['USER_INFO__LISTENER__PORT', '70000', ' listener.port: must be ≤ 65535'],
    'a list that is not JSON': [
      'USER_INFO__AUTHENTICATION__BASIC__CREDENTIALS',
      'canary',
      ' authentication.basic.credentials: must be a list in JSON, or be set entry by entry, with a variable for each entry',
    ],
    'an entry after a gap': [
      'USER_INFO__AUTHENTICATION__BASIC__CREDENTIALS__2__USERNAME',
      'x',
      ' authentication.basic.credentials: the list has one entry, so the next number is 1',
    ],
    'a list without a number': [
      'USER_INFO__AUTHENTICATION__BASIC__CREDENTIALS__USERNAME',
      'x',
      ' authentication.basic.credentials: is a list: append a number, 0 for the first entry',
    ],
    'a secret itself': [
      'USER_INFO__AUTHENTICATION__BASIC__CREDENTIALS__0__PASSWORD',
      'canary',
      ` authentication.basic.credentials[0].password: must be a reference, \${env:NAME} or \${file:PATH}; a configuration must not contain the secret itself`,
    ],
  };
  for (const [name, [variable, value, fault]] of Object.entries(faults)) {
    it(`that name or contain ${name} are rejected with the variable's name`, () => {
      try {
        read({ [variable]: value });
        expect.fail('it was accepted');
      } catch (error) {
        expect(error).to.be.instanceOf(ConfigError).with.property('message', `${variable}${fault}`);
      }
    });
  }

  it('do not merge into a value in the file that is not a section', () => {
    const context = { fileName: 'c.yaml', baseDirectory: '/', environment: { USER_INFO__LISTENER__PORT: '1' } };
    expect(() => readConfigText('listener: text', context)).to.throw(
      ConfigError,
      'c.yaml:1:11 listener: must be a map',
    );
  });
});
