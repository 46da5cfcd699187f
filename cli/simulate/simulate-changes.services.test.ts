// Tests of the messages of commands that change something: the change, or that nothing changed.
import { expect } from 'chai';
import { createSimulatorShell, type SimulatorShell } from '../testing/simulator-shell.ts';

const ada = 'ada@example.com';

describe('a user-info simulate command that makes changes', function () {
  this.timeout(120_000);
  let shell: SimulatorShell;
  beforeEach(() => {
    shell = createSimulatorShell();
    shell.createOkta('http://127.0.0.1:1/');
    shell.inStore(({ identities }) => {
      identities.users.create({ userid: ada, name: 'Ada' }, 'test');
      identities.groups.create({ name: 'stewards' }, 'test');
      identities.users.create({ iam: 'okta', userid: 'bob', name: 'Bob' }, 'test');
    });
  });

  const twice: ReadonlyArray<readonly [args: readonly string[], changed: string, unchanged: string]> = [
    [['users', 'disable', ada], `Disabled user ${ada}.`, `Nothing changed: ${ada} is already disabled.`],
    [
      ['users', 'add-permission', ada, 'AUDIT'],
      `Granted AUDIT to ${ada}.`,
      `Nothing changed: ${ada} already has AUDIT.`,
    ],
    [
      ['users', 'remove-permission', ada, 'AUDIT'],
      `Revoked AUDIT from ${ada}.`,
      `Nothing changed: ${ada} does not have AUDIT directly.`,
    ],
    [
      ['users', 'edit', ada, '--name', 'A'],
      `Changed user ${ada}.`,
      `Nothing changed: ${ada} already has these values.`,
    ],
    [
      ['groups', 'add-member', 'stewards', 'bob', '--iam', 'okta'],
      'Added bob to stewards.',
      'Nothing changed: bob is already a member of stewards.',
    ],
    [
      ['groups', 'remove-member', 'stewards', 'bob', '--iam', 'okta'],
      'Removed bob from stewards.',
      'Nothing changed: bob is not a member of stewards.',
    ],
    [
      ['groups', 'edit', 'stewards', '--email', 's@x'],
      'Changed group stewards.',
      'Nothing changed: the group stewards already has these values.',
    ],
    [
      ['attributes', 'add', 'region', 'emea', '--user', ada],
      `Added region: emea to ${ada}.`,
      `Nothing changed: ${ada} already has region: emea.`,
    ],
    [
      ['attributes', 'remove', 'region', 'emea', '--user', ada],
      `Removed region: emea from ${ada}.`,
      `Nothing changed: ${ada} does not have region: emea.`,
    ],
    [
      ['iam', 'permit', 'okta', '--permission', 'AUDIT'],
      'Replaced the permissions of okta.',
      'Nothing changed: okta already has these permissions.',
    ],
    [
      ['iam', 'rename', 'okta', 'Okta of QA'],
      'Renamed okta to Okta of QA.',
      'Nothing changed: okta already has this display name.',
    ],
    [
      ['iam', 'schedule', 'okta', '0 2 * * *'],
      'Set the sync schedule of okta. Next sync: ',
      'Nothing changed: okta already has this schedule.',
    ],
    [
      ['external-ids', 'set', ada, 'snowflake', '--id', 'ADA'],
      `Set the user name of ${ada} on Snowflake: ADA.`,
      `Nothing changed: ${ada} already has this user name on Snowflake.`,
    ],
  ];

  for (const [args, changed, unchanged] of twice) {
    it(`reports the second time that nothing changed: ${args.slice(0, 2).join(' ')}`, async () => {
      if (args[1]?.startsWith('remove')) await shell.run(...args.with(1, args[1].replace('remove', 'add')));
      expect((await shell.succeed(...args)).slice(0, changed.length)).to.equal(changed);
      expect(await shell.succeed(...args)).to.equal(`${unchanged}\n`);
    });
  }

  it('accepts --iam for the IAM of the user, even when the command also names a group', async () => {
    shell.inStore(({ identities }) => identities.groups.create({ iam: 'okta', name: 'staff' }, 'test'));
    await shell.succeed('groups', 'add-member', 'staff', 'bob', '--iam', 'okta');
    await shell.succeed('groups', 'add-member', 'stewards', 'bob', '--iam', 'okta');
    const members = shell.inStore(({ identities: { groups } }) => [
      groups.members({ iam: 'okta', name: 'staff' }).length,
      groups.members({ iam: 'bim', name: 'stewards' }).length,
    ]);
    expect(members).to.deep.equal([1, 1]);
  });

  it('requires the IAM of a group that exists both in the built-in IAM and in the IAM of the user', async () => {
    shell.inStore(({ identities }) => identities.groups.create({ iam: 'okta', name: 'stewards' }, 'test'));
    const member = ['groups', 'add-member', 'stewards', 'bob', '--iam', 'okta'] as const;
    const { exitCode, stderr } = await shell.run(...member);
    expect([exitCode, stderr]).to.deep.equal([
      2,
      'user-info: Both bim and okta have a group stewards. Choose one with --group-iam.\n',
    ]);
    await shell.succeed(...member, '--group-iam', 'bim');
    const members = shell.inStore(({ identities }) => identities.groups.members({ iam: 'bim', name: 'stewards' }));
    expect(members).to.have.lengthOf(1);
  });

  it('creates an IAM of a documented type, and warns about an undocumented one', async () => {
    expect(await shell.succeed('iam', 'create', 'entra', '--type', 'openid-connect')).to.equal(
      `Created IAM entra.\nSet its endpoint: user-info simulate iam set entra --settings FILE --store ${shell.store}\n`,
    );
    const { exitCode, stderr } = await shell.run('iam', 'create', 'other', '--type', 'lpad');
    expect([exitCode, stderr]).to.deep.equal([
      0,
      'user-info: warning: unknown IAM type lpad; did you mean "ldap"? Documented: ldap, openid-connect, saml.\n',
    ]);
  });
});
