// Tests of `user-info conform --dry-run` as a process: the list of requests as a script, and the options that limit it.
import { expect } from 'chai';
import { runCli } from '../../tests/run-cli.ts';

const url = 'http://127.0.0.1:1/user-info';

function dryRun(...flags: string[]) {
  return runCli(['conform', url, '--auth', 'none', '--known-user', 'canary-ada', '--dry-run', ...flags]);
}

describe('user-info conform --dry-run', () => {
  it('lists the requests as a script, and sends none', async () => {
    const { exitCode, stdout, stderr } = await dryRun();
    expect(stderr).to.equal('');
    expect(stdout).to.match(/^# before the checks: .*\ncurl .*\$KNOWN_USER.*\n# /);
    expect(stdout).to.match(/\n# \d+ requests, 0 of them with wrong credentials\. None was sent to http:.*\.\n$/);
    expect(stdout).not.to.include('canary');
    expect(exitCode).to.equal(0);
  });

  it('shows user ids with --show-data', async () => {
    expect((await dryRun('--show-data')).stdout).to.include('"userid=canary-ada"');
  });

  it('rejects a limit of zero requests, and a CA without its key', async () => {
    const { exitCode, stdout, stderr } = await dryRun('--max-requests', '0', '--client-ca', import.meta.filename);
    expect(stderr).to.include('--max-requests must be').and.to.include('--client-ca requires --client-ca-key');
    expect(stdout).to.equal('');
    expect(exitCode).to.equal(2);
  });
});
