// Tests `user-info learn` as a process: profile, output and rejected options; and that a profile contains no user data.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { parse } from 'yaml';
import type { PlatformProfile } from '../../schemas/generated/platform-profile.ts';
import { openSimulator } from '../../simulator/open-simulator.ts';
import { scratchDirectory } from '../../tests/certificate-files.ts';
import { runCli, startCli } from '../../tests/run-cli.ts';
import { findFreePort } from '../../tests/services/service-process.ts';
import { createSimulatorShell, type SimulatorShell } from '../testing/simulator-shell.ts';

const canary = 'canary';
const password = `${canary}-password`;
const iam = `${canary}-iam`;
const prefix = `${canary}-`;
/** Quick experiments. */
const some = ['not-found', 'redirect', 'text-plain', 'space-in-userid', 'letter-case', 'merge'];
const guesses = { onNotFound: 'disable', enableReturnedUsers: false, spaceAs: '+', groupCase: 'lower' };
const noLimits = {
  ...{ maxLosingPercent: 100, mayEmptyGroups: true, maxGroupLosingPercent: 100, maxGainingPercent: 100 },
};

describe('user-info learn', () => {
  let shell: SimulatorShell;
  let server: ReturnType<typeof startCli>;
  let platform: string;
  let apiKey: string;
  let port: string;
  beforeEach(async () => {
    shell = createSimulatorShell();
    const users = join(shell.directory, 'users.csv');
    const written = await runCli(['learn', '--write-users', users, '--prefix', prefix]);
    expect(written).to.deep.equal({ exitCode: 0, stdout: `The test users are in ${users}.\n`, stderr: '' });
    // The endpoint's port has to be known before the endpoint starts.
    port = String(await findFreePort());
    const uri = `http://127.0.0.1:${port}/${canary}-path`;
    const authentication = { username: `${canary}-name`, passwordFile: shell.write('password', password) };
    const externalUserInfo = { uri, useAuth: true, authentication };
    const settings = { externalUserInfo, userList: { file: users }, blastRadius: noLimits, guesses };
    apiKey = shell.inStore(({ identities, apiKeys }) => {
      identities.users.create({ userid: 'admin', name: 'Admin', permissions: ['USER_ADMIN'] }, 'test');
      identities.iams.create({ id: iam, name: iam, type: 'ldap', settings }, 'test');
      return apiKeys.create({ iam: 'bim', userid: 'admin' }, 'learn', 'test');
    });
    server = startCli(['simulate', 'serve', '--port', '0', '--store', shell.store]);
    const [, url = ''] = await server.printed('stdout', /listens on (\S+)/);
    platform = url;
  });
  afterEach(async () => {
    server.child.kill();
    await server.ended();
  });

  const learn = (...args: string[]) =>
    runCli(
      [
        ...[
          'learn',
          '--platform',
          platform,
          '--api-key-env',
          'LEARN_KEY',
          '--iam',
          iam,
          '--password-env',
          'LEARN_PASSWORD',
        ],
        ...['--port', port, '--path', `/${canary}-path`, '--username', `${canary}-name`, '--prefix', prefix],
        ...['--settle-ms', '0', '--out', join(shell.directory, 'profile.yaml'), ...args],
      ],
      { LEARN_KEY: apiKey, LEARN_PASSWORD: password },
    );
  const readProfile = () => readFileSync(join(shell.directory, 'profile.yaml'), 'utf8');

  it('writes a profile with the facts of the selected experiments, and without user data', async () => {
    const { exitCode, stdout, stderr } = await learn(
      ...some.flatMap((name) => ['--experiment', name]),
      ...['--platform-version', 'Simulator 1', '--platform-address', '127.0.0.1'],
    );
    expect([exitCode, stderr]).to.deep.equal([0, '']);
    expect(stdout).to.match(/^onNotFound +disable +read through the REST API$/m);
    expect(stdout).to.include('9 of 20 assumptions are determined.');
    const text = readProfile();
    expect(text).to.not.match(new RegExp(`${canary}|${apiKey}|127\\.0\\.0\\.1|localhost|${port}|&a1`));
    const { platform: named, facts, disturbances, connection }: PlatformProfile = parse(text);
    expect(named).to.equal('Simulator 1');
    expect(disturbances).to.include({ otherUsers: 0, rejectedCredentials: 0 });
    const values = Object.entries({ ...facts }).flatMap(([name, { value }]) =>
      value === undefined ? [] : [[name, value]],
    );
    expect(Object.fromEntries(values)).to.deep.equal({
      ...{ ...guesses, attributeCase: 'keep', basicWithoutChallenge: true, contentType: 'any' },
      ...{ followRedirects: false, mergeRule: 'union' },
    });
    expect(facts.timeoutMs).to.deep.equal({ determined: 'no', reason: 'No experiment ran.' });
    const factValue = (name: keyof typeof connection) => connection[name]?.value;
    expect([factValue('plusSignAs'), factValue('atSignAs'), factValue('nonAsciiAs')]).to.deep.equal([
      ['%2B'],
      ['%40'],
      ['UTF-8'],
    ]);
    expect(factValue('headers')).to.include('authorization');
    expect(connection.intermediary).to.include({ determined: 'measured', value: false });
  });

  it('runs the experiments that --experiment names and --skip does not, alone or as a group', async () => {
    const named = ['redirect', 'text-plain', 'unusual-responses'].flatMap((name) => ['--experiment', name]);
    const skipped = ['--skip', 'text-plain', '--skip', 'unusual-responses'];
    expect(await learn(...named, ...skipped)).to.include({ exitCode: 0, stderr: '' });
    const { run }: PlatformProfile = parse(readProfile());
    expect(run?.order).to.deep.equal(['redirect']);
    expect(
      (await learn('--resume', '--experiment', 'gzip', '--experiment', 'text-plain', ...skipped.slice(0, 2))).exitCode,
    ).to.equal(0);
    const { run: resumed, facts, responses }: PlatformProfile = parse(readProfile());
    expect(resumed?.order).to.deep.equal(['gzip']);
    expect(facts.followRedirects?.value).to.equal(false);
    expect(responses?.gzip).to.include({ determined: 'read-by-api', value: 'kept' });
  });

  it('applies its facts to a simulated IAM, whose own settings take precedence', async () => {
    expect((await learn('--experiment', 'not-found', '--experiment', 'letter-case')).exitCode).to.equal(0);
    const settings = shell.write(
      'okta.yaml',
      'externalUserInfo: { uri: http://localhost/ }\nguesses: { groupCase: upper }\n',
    );
    const store = join(shell.directory, 'other.db');
    const create = ['simulate', 'iam', 'create', 'okta', '--type', 'ldap', '--store', store];
    const profile = ['--profile', join(shell.directory, 'profile.yaml')];
    expect(await runCli([...create, ...profile])).to.include({
      exitCode: 2,
      stderr: 'user-info: --profile requires --settings.\n',
    });
    expect(await runCli([...create, '--settings', settings, ...profile])).to.include({ exitCode: 0, stderr: '' });
    const simulator = openSimulator(store);
    const { guesses: taken } = simulator.identities.iams.get('okta').settings;
    simulator.close();
    expect(taken).to.deep.equal({
      ...{ basicWithoutChallenge: true, onNotFound: 'disable', enableReturnedUsers: false },
      ...{ groupCase: 'upper', attributeCase: 'keep' },
    });
    const wrong = shell.write('wrong.yaml', readProfile().replace('determined: measured', 'determined: guessed'));
    const refused = await runCli([...create, '--settings', settings, '--profile', wrong]);
    expect(refused.exitCode).to.equal(2);
    expect(refused.stderr).to.match(/wrong\.yaml:\d+:\d+ facts\.\w+\.determined: must be/);
  });

  it('does not start with wrong credentials, another API key, or an IAM that has other users', async () => {
    const wrongPassword = await learn('--username', 'another', '--experiment', 'not-found');
    expect(wrongPassword.exitCode).to.equal(3);
    expect(wrongPassword.stderr).to.include('The platform sent credentials other than --username and the password.');
    expect(await learn('--api-key-env', 'LEARN_PASSWORD')).to.deep.equal({
      exitCode: 3,
      stdout: '',
      stderr: 'user-info: The platform responded with 401 to the request for the users of the IAM.\n',
    });
    const other = await learn('--iam', 'bim');
    expect(other.exitCode).to.equal(3);
    expect(other.stderr).to.include(`has 1 user whose name does not begin with ${prefix}`);
    expect(existsSync(join(shell.directory, 'profile.yaml'))).to.equal(false);
  });
});

describe('the options of user-info learn', () => {
  const required = [
    '--platform',
    'http://127.0.0.1:1',
    '--api-key-env',
    'KEY',
    '--iam',
    'trial',
    '--password-env',
    'KEY',
  ];
  for (const [args, message] of [
    [[], 'Standard input or output is not a terminal. Specify --answers, or --platform, --api-key-env and --iam.'],
    [['--iam', 'trial'], 'Specify --platform, --api-key-env and --iam together, or none of them.'],
    [[...required, '--answers', 'answers.yaml'], '--answers cannot be used with --platform.'],
    [['--answers', 'nowhere.yaml'], '--answers: nowhere.yaml cannot be read (ENOENT).'],
    [[...required, '--resume', '--out', 'nowhere.yaml'], '--resume: nowhere.yaml cannot be read (ENOENT).'],
    [[...required, '--seed', '-1'], '--seed must be a whole number from 0 to 4294967295.'],
    [[...required, '--platform', 'http://platform.example.com'], 'the API key would cross the network in clear text'],
    [[...required, '--platform', 'ftp://127.0.0.1'], '--platform must be an http or https URL.'],
    [[...required, '--host', '0.0.0.0'], '--host 0.0.0.0 requires HTTPS.'],
    [[...required, '--prefix', 'a'], '--prefix must have 3 to 40'],
    [[...required, '--experiment', 'not-fount'], 'unknown experiment not-fount; did you mean "not-found"?'],
    [
      [...required, '--skip', 'unusual-response'],
      '--skip: unknown experiment unusual-response; did you mean "unusual-responses"?',
    ],
    [[...required, '--experiment', 'redirect', '--skip', 'redirect'], '--skip leaves no experiment to run.'],
    [[...required, '--certs', 'nowhere'], '--certs: nowhere/server.pem cannot be read (ENOENT).'],
    [
      [...required, '--api-key-env', 'NOT_SET'],
      '--api-key-env: the environment variable NOT_SET is not set or is empty.',
    ],
    [[...required, '--intermediary', 'maybe'], '--intermediary must be yes or no.'],
    [
      [...required, '--platform-address', 'platform.example.com'],
      '--platform-address: platform.example.com is not an IP address. A host name cannot be compared with client addresses.',
    ],
    [[...required, '--max-wait-ms', '1e9'], '--max-wait-ms must be a whole number from 0 to 240000.'],
  ] as const) {
    it(`are rejected: ${message}`, async () => {
      const { exitCode, stdout, stderr } = await runCli(['learn', ...args], { KEY: 'key' });
      expect([exitCode, stdout]).to.deep.equal([2, '']);
      expect(stderr).to.include(message);
    });
  }

  it('name the platform as the cause when it does not respond, even if the endpoint uses HTTPS', async () => {
    const directory = scratchDirectory();
    expect((await runCli(['certs', 'create', directory])).exitCode).to.equal(0);
    // Nothing listens there. The last --platform flag takes precedence.
    const nowhere = `http://127.0.0.1:${await findFreePort()}`;
    const args = ['learn', ...required, '--platform', nowhere, '--certs', directory, '--port', '0'];
    const outcome = await runCli(args, { KEY: 'key' });
    const stderr = 'user-info: The platform did not respond to GET (ECONNREFUSED).\n';
    expect(outcome).to.deep.equal({ exitCode: 3, stdout: '', stderr });
  });
});
