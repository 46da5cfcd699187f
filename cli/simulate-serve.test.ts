// Tests `user-info simulate serve` and `api-keys` as processes: a key, requests with it, the end by a signal, and what is refused.
import { join } from 'node:path';
import { expect } from 'chai';
import { openSimulator } from '../simulator/open-simulator.ts';
import { scratchFolder } from '../tests/certificate-files.ts';
import { runCli, startCli } from '../tests/run-cli.ts';

describe('user-info simulate serve', () => {
  let store: string;
  beforeEach(() => {
    store = join(scratchFolder(), 'simulator.db');
    const simulator = openSimulator(store);
    const admin = { userid: 'admin@example.com', name: 'Admin', permissions: ['USER_ADMIN'] };
    simulator.identities.users.create(admin, 'test');
    simulator.close();
  });
  const simulate = (...args: string[]) => runCli(['simulate', ...args, '--store', store]);

  it('answers whoever has a key, holds the file meanwhile, and ends with 0 on a signal', async () => {
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
    expect(deleted.stdout).to.equal('The API key ci is deleted.\n');
  });

  for (const [what, args, exitCode, message] of [
    [
      'plain HTTP through a network',
      ['--host', '0.0.0.0'],
      2,
      'it needs a certificate. Give --tls-cert and --tls-key.',
    ],
    ['a certificate without its key', ['--tls-cert', 'cert.pem'], 2, 'Give --tls-cert and --tls-key, both of them.'],
    ['a certificate that is not there', ['--tls-cert', 'no.pem', '--tls-key', 'no.pem'], 2, 'can not be read (ENOENT)'],
    ['a port that is no number', ['--port', 'http'], 2, '--port must be a whole number'],
  ] as const) {
    it(`refuses ${what}`, async () => {
      const refused = await simulate('serve', ...args);
      expect([refused.exitCode, refused.stderr.includes(message)], refused.stderr).to.deep.equal([exitCode, true]);
    });
  }
}).timeout(120_000);
