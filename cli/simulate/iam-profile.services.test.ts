// Tests `simulate iam create --profile`: the facts as settings with their origin, and a warning when they have expired.
import { expect } from 'chai';
import { stringify } from 'yaml';
import { createPlatformProfile, notDetermined } from '../../simulator/learn/platform-profile.ts';
import { type ChangingEndpoint, startChangingEndpoint } from '../../simulator/sync/testing/changing-endpoint.ts';
import { createSimulatorShell } from '../testing/simulator-shell.ts';

const others = {
  platform: 'Immuta 2024.3',
  connection: {},
  disturbances: { voidTries: 0, otherUsers: 0, unexpected: 0, rejectedCredentials: 0 },
};
const found = {
  onNotFound: { determined: 'read-by-api', value: 'disable' },
  groupCase: { determined: 'read-by-api', value: 'lower' },
  timeoutMs: notDetermined('The measured times differ.'),
} as const;
const dayMs = 86_400_000;

describe('an IAM that is created with a platform profile', () => {
  let endpoint: ChangingEndpoint;
  beforeEach(async () => {
    endpoint = await startChangingEndpoint();
  });
  afterEach(() => endpoint.close());

  function create(daysAgo: number, guesses = '{}') {
    const shell = createSimulatorShell();
    const measuredAt = new Date(Date.now() - daysAgo * dayMs);
    const profile = shell.write('profile.yaml', stringify(createPlatformProfile(found, others, measuredAt)));
    const settings = shell.write('okta.yaml', `externalUserInfo: { uri: ${endpoint.uri} }\nguesses: ${guesses}\n`);
    const args = ['iam', 'create', 'okta', '--type', 'ldap', '--settings', settings, '--profile', profile];
    return { shell, date: measuredAt.toISOString().slice(0, 10), outcome: shell.run(...args) };
  }

  it('reports the facts as measured, and the values that the settings file changed as guessed', async () => {
    const { shell, date, outcome } = create(0, '{ groupCase: upper }');
    expect(await outcome).to.include({ exitCode: 0, stderr: '' });
    const users = shell.write('users.csv', 'userid\nada\n');
    endpoint.users.set('ada', { groups: ['staff'], attributes: {} });
    const text = await shell.succeed('sync', 'okta', '--users', users, '--dry-run');
    expect(text).to.include(`Measured on ${date} with Immuta 2024.3:\n  onNotFound disable\nAssumed, because `);
    expect(text).to.match(/groupCase upper/);
    expect(await shell.succeed('runs', 'show', '1')).to.include(`Measured on ${date} with Immuta 2024.3:\n`);
    const shown = JSON.parse(await shell.succeed('iam', 'show', 'okta'));
    expect(shown.settings.platformProfile.facts).to.have.all.keys('onNotFound', 'groupCase');
    // The endpoint responds with 404 to requests for bob.
    const more = shell.write('more.csv', 'userid\nada\nbob\n');
    const { stdout } = await shell.run('sync', 'okta', '--users', more, '--sensitivity');
    expect(stdout).to.match(new RegExp(`^Measured on ${date} with Immuta 2024\\.3: onNotFound\\.$`, 'm'));
  });

  it('uses expired facts, warns, and reports them as expired', async () => {
    const { shell, date, outcome } = create(200);
    const { exitCode, stderr } = await outcome;
    expect(exitCode).to.equal(0);
    expect(stderr).to.match(
      /^user-info: warning: --profile: groupCase, onNotFound in \S+ expired\. The values are used/,
    );
    const users = shell.write('users.csv', 'userid\nada\n');
    const { stdout } = await shell.run('sync', 'okta', '--users', users, '--dry-run');
    expect(stdout).to.match(
      new RegExp(
        `^Measured on ${date} with Immuta 2024\\.3, expired \\(valid until [\\d-]+\\):\\n {2}groupCase lower, onNotFound disable$`,
        'm',
      ),
    );
  });
});
