// Tests of `user-info simulate external-ids` and `impersonation` as processes: text, JSON and exit codes.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { openSimulator, type Simulator } from '../../simulator/open-simulator.ts';
import { scratchDirectory } from '../../tests/certificate-files.ts';
import { runCli } from '../../tests/run-cli.ts';

const ada = { iam: 'bim', userid: 'ada@example.com' };

describe('user-info simulate with data platforms', () => {
  let directory: string;
  beforeEach(() => {
    directory = scratchDirectory();
    inStore(({ identities }) => {
      for (const userid of [ada.userid, 'bob@example.com']) identities.users.create({ userid, name: userid }, 'test');
      identities.users.addPermission(ada, 'IMPERSONATE_USER', 'test');
    });
  });

  const simulate = (...args: string[]) => runCli(['simulate', ...args, '--store', join(directory, 'simulator.db')]);
  function inStore(work: (simulator: Simulator) => void): void {
    const simulator = openSimulator(join(directory, 'simulator.db'));
    work(simulator);
    simulator.close();
  }

  it('sets and shows external ids, and suggests a name for an unknown data platform', async () => {
    const set = await simulate('external-ids', 'set', ada.userid, 'aws', '--id', 'readers', '--type', 'iam-role');
    expect([set.exitCode, set.stdout]).to.deep.equal([0, 'Set the user name of ada@example.com on AWS: readers.\n']);
    const { stdout } = await simulate('external-ids', 'show', ada.userid);
    expect(stdout)
      .to.match(/^AWS +readers +iam-role +by-hand$/m)
      .and.to.match(/^Trino +ada@example\.com +user-name$/m);
    const wrong = await simulate('external-ids', 'resolve', 'snowflakes');
    expect([wrong.exitCode, wrong.stderr]).to.deep.equal([
      2,
      'user-info: Unknown data platform snowflakes; did you mean "snowflake"?\n',
    ]);
    const both = await simulate('external-ids', 'set', ada.userid, 'trino', '--none', '--unset');
    expect([both.exitCode, both.stderr])
      .to.include(2)
      .and.to.include('user-info: Specify exactly one of --id, --none and --unset.\n');
  });

  it('resolves all users, and exits with 1 when an account is shared', async () => {
    const alone = await simulate('external-ids', 'resolve', 'snowflake');
    expect([alone.exitCode, alone.stdout.includes('No account is shared.')]).to.deep.equal([0, true]);
    inStore(({ externalIds }) => {
      const choice = { kind: 'mapped', id: 'BOB@example.com', awsType: null } as const;
      externalIds.set(ada, 'snowflake', choice, 'test');
    });
    expect((await simulate('external-ids', 'resolve', 'snowflake')).exitCode).to.equal(0);
    const shared = await simulate('external-ids', 'resolve', 'snowflake', '--ignore-case');
    expect(shared.exitCode).to.equal(1);
    expect(shared.stdout).to.match(/^BOB@example\.com +ada@example\.com \(bim\), bob@example\.com \(bim\)$/m);
    expect(shared.stdout).to.include('Assumed, because undocumented: letter case ignored');
  });

  it('shows the statement for an impersonation, or the reason why it is not possible', async () => {
    const off = await simulate('impersonation', 'start', 'redshift', ada.userid, 'bob@example.com');
    expect([off.exitCode, off.stderr]).to.deep.equal([
      1,
      'user-info: Refused: Enable Impersonation is off in the integration with Redshift.\n',
    ]);
    const file = join(directory, 'integrations.yaml');
    writeFileSync(file, 'redshift: { enableImpersonation: true }\n');
    expect((await simulate('impersonation', 'integrations', '--settings', file)).exitCode).to.equal(0);
    const on = await simulate('impersonation', 'start', 'redshift', ada.userid, 'bob@example.com');
    expect(on.stdout).to.include("Start:\n  CALL immuta_procedures.impersonate_user('bob@example.com');\n");
    const shown = JSON.parse((await simulate('users', 'show', ada.userid, '--json')).stdout);
    expect(shown.impersonation).to.deep.include({
      ...{ platform: 'redshift', isAllowed: true, right: 'permission', account: ada.userid },
    });
    expect(shown.externalIds).to.have.length(9);
  });

  it('rejects integrations with each error and its position', async () => {
    const file = join(directory, 'integrations.yaml');
    writeFileSync(file, 'redshift: { enableImpersonaton: true }\n');
    const { exitCode, stderr } = await simulate('impersonation', 'integrations', '--settings', file);
    expect(exitCode).to.equal(2);
    expect(stderr).to.match(/integrations\.yaml:1:13 redshift\.enableImpersonaton: unknown option; did you mean/);
  });

  it('shows the statement that grants the permission in the data platform, or where it is granted instead', async () => {
    const grant = await simulate('impersonation', 'grant', 'snowflake', 'ADA');
    expect(grant.stdout).to.include('GRANT ROLE "IMMUTA_IMPERSONATION" TO USER "ADA";');
    const none = await simulate('impersonation', 'revoke', 'trino', 'ada');
    expect([none.exitCode, none.stderr.includes('by the permission IMPERSONATE_USER')]).to.deep.equal([1, true]);
  });
}).timeout(120_000);
