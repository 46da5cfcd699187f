// Tests of `user-info simulate serve` and `api-keys` as processes: a key, requests with it, the end by a signal, and rejected requests.
import { rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import { openSimulator } from '../../simulator/open-simulator.ts';
import { scratchDirectory } from '../../tests/certificate-files.ts';
import { runCli, startCli } from '../../tests/run-cli.ts';
import { startTestServer } from '../../tests/test-server.ts';

describe('user-info simulate serve', () => {
  let store: string;
  beforeEach(() => {
    store = join(scratchDirectory(), 'simulator.db');
    const simulator = openSimulator(store);
    const admin = { userid: 'admin@example.com', name: 'Admin', permissions: ['USER_ADMIN'] };
    simulator.identities.users.create(admin, 'test');
    simulator.close();
  });
  const simulate = (...args: string[]) => runCli(['simulate', ...args, '--store', store]);

  it('responds to requests with a key, locks the file meanwhile, and exits with 0 on a signal', async () => {
    const created = await simulate('api-keys', 'create', 'admin@example.com', '--name', 'ci');
    expect(created.stdout).to.match(/^[0-9a-f]{64}\n$/);
    const server = startCli(['simulate', 'serve', '--port', '0', '--store', store]);
    const [, url] = await server.printed('stdout', /listens on (\S+)\n/);
    const response = await fetch(`${url}/bim/iam`, { headers: { authorization: created.stdout.trim() } });
    const [builtIn] = (await response.json()) as object[];
    expect(builtIn).to.include({ id: 'bim', displayName: 'Built-in', type: 'bim', oauth: false });
    expect((await simulate('users', 'list')).exitCode).to.equal(3);
    server.child.kill('SIGTERM');
    const { exitCode, stderr } = await server.ended();
    expect([exitCode, stderr]).to.deep.equal([0, '']);
    expect((await simulate('api-keys', 'list', 'admin@example.com')).stdout).to.match(/^ci +\d{4}-/m);
    const deleted = await simulate('api-keys', 'delete', 'admin@example.com', '--name', 'ci');
    expect(deleted.stdout).to.equal('Deleted API key ci.\n');
  });

  for (const where of ['an option', 'a setting'] as const) {
    it(`synchronizes the list from ${where} on the schedule of an IAM, and reports when the list cannot be read`, async () => {
      const endpoint = await startTestServer();
      const list = join(dirname(store), 'users.csv');
      writeFileSync(list, 'userid\nada\n');
      const settings = {
        ...{ externalUserInfo: { uri: endpoint.url }, sync: { cronRule: '* * * * * *' } },
        ...(where === 'a setting' && { userList: { file: list } }),
      };
      const users = where === 'an option' ? ['--users', `okta=${list}`] : [];
      const simulator = openSimulator(store);
      simulator.identities.iams.create({ id: 'okta', name: 'Okta', type: 'okta', settings }, 'test');
      simulator.close();
      const key = (await simulate('api-keys', 'create', 'admin@example.com', '--name', 'ci')).stdout.trim();
      const server = startCli(['simulate', 'serve', '--port', '0', '--store', store, ...users]);
      const [, url] = await server.printed('stdout', /listens on (\S+)\n/);
      const find = async () => {
        const found = await fetch(`${url}/bim/user?iamid=okta`, { headers: { authorization: key } });
        return ((await found.json()) as { hits: Array<{ userid: string }> }).hits.map(({ userid }) => userid);
      };
      while ((await find()).length === 0) await delay(50);
      expect(await find()).to.deep.equal(['ada']);
      rmSync(list);
      await server.printed('stderr', /the sync schedule of okta: .*users\.csv cannot be read/);
      server.child.kill('SIGTERM');
      expect((await server.ended()).exitCode).to.equal(0);
      await endpoint.stop();
    });
  }

  for (const [what, args, exitCode, message] of [
    [
      'plain HTTP through a network',
      ['--host', '0.0.0.0'],
      2,
      'A certificate is required. Specify --tls-cert and --tls-key.',
    ],
    ['a certificate without its key', ['--tls-cert', 'cert.pem'], 2, 'Specify both --tls-cert and --tls-key.'],
    ['a missing certificate', ['--tls-cert', 'no.pem', '--tls-key', 'no.pem'], 2, 'cannot be read (ENOENT)'],
    ['a list of users of no IAM', ['--users', 'users.csv'], 2, '--users must have the form IAM=LIST'],
    ['a port that is not a number', ['--port', 'http'], 2, '--port must be a whole number'],
    ['a port above 65535', ['--port', '65536'], 2, '--port must be a number from 0 to 65535.'],
  ] as const) {
    it(`rejects ${what}`, async () => {
      const refused = await simulate('serve', ...args);
      expect([refused.exitCode, refused.stderr.includes(message)], refused.stderr).to.deep.equal([exitCode, true]);
    });
  }
}).timeout(120_000);
