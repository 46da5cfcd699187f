// Tests of `user-info serve`: start, error messages and exit codes.
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { ask } from '../../tests/ask-server.ts';
import { scratchDirectory } from '../../tests/certificate-files.ts';
import { type CliProcess, runCli, startCli } from '../../tests/run-cli.ts';

const config = {
  listener: { port: 0 },
  authentication: { mode: 'none' },
  source: { type: 'static', users: { ada: { groups: ['engineering'] } } },
};

function writeConfig(content: unknown): string {
  const file = join(scratchDirectory(), 'user-info.json');
  writeFileSync(file, JSON.stringify(content));
  return file;
}

/** @returns the URL in the log's first line. */
async function urlOf(process: CliProcess): Promise<string> {
  const [, url = ''] = await process.printed('stdout', /"url":"([^"]+)"/);
  return url;
}

describe('user-info serve', () => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    it(`serves a configuration until ${signal}, and exits with 0`, async () => {
      const serving = startCli(['serve', '--config', writeConfig(config)]);
      const url = await urlOf(serving);
      expect((await ask(`${url}?userid=ada`)).status).to.equal(200);
      serving.child.kill(signal);
      const { exitCode, stdout, stderr } = await serving.ended();
      expect([exitCode, stderr]).to.deep.equal([0, '']);
      const lines = stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).msg);
      expect(lines).to.deep.equal(['listening', 'request', 'stopping', 'stopped']);
    });
  }

  it('exits at once on a second signal', async () => {
    const serving = startCli(['serve', '--config', writeConfig({ ...config, shutdown: { drainMs: 600_000 } })]);
    await urlOf(serving);
    serving.child.kill('SIGTERM');
    await serving.printed('stdout', /"stopping"/);
    serving.child.kill('SIGTERM');
    await serving.ended();
    expect(serving.child.exitCode).to.equal(143);
  });

  it('reads host and port from its options', async () => {
    const file = writeConfig({ ...config, listener: { port: 1 } });
    const serving = startCli(['serve', '--config', file, '--host', '::1', '--port', '0']);
    expect(await urlOf(serving)).to.match(/^http:\/\/\[::1\]:\d+\/user-info$/);
    serving.child.kill('SIGTERM');
    expect((await serving.ended()).exitCode).to.equal(0);
  });

  const misuses: Array<[name: string, args: () => string[], message: RegExp]> = [
    ['nothing', () => [], /Specify --config FILE, or --dev/],
    ['both ways at once', () => ['--dev', '--config', writeConfig(config)], /mutually exclusive/],
    ['an invalid port', () => ['--dev', '--port', '65536'], /Specify a port from 0 to 65535/],
    ['a missing file', () => ['--config', join(scratchDirectory(), 'gone.yaml')], /gone\.yaml/],
  ];
  for (const [name, args, message] of misuses) {
    it(`exits with 2 and a fix when given ${name}`, async () => {
      const { exitCode, stdout, stderr } = await runCli(['serve', ...args()]);
      expect([exitCode, stdout]).to.deep.equal([2, '']);
      expect(stderr).to.match(message);
      expect(stderr).not.to.match(/\bat .*:\d+:\d+/);
    });
  }

  it('exits with 2 and reports every error of a configuration at once', async () => {
    const faulty = { ...config, listener: { prot: 0, path: 'no-slash' }, deadlineMs: 1 };
    const { exitCode, stderr } = await runCli(['serve', '--config', writeConfig(faulty)]);
    expect(exitCode).to.equal(2);
    for (const place of ['prot', 'listener.path', 'deadlineMs']) expect(stderr).to.include(place);
  });

  it('exits with 2 when a file of the configuration cannot be used', async () => {
    const logging = { destination: join(scratchDirectory(), 'no', 'directory.log') };
    const { exitCode, stderr } = await runCli(['serve', '--config', writeConfig({ ...config, logging })]);
    expect(exitCode).to.equal(2);
    expect(stderr)
      .to.include('directory.log')
      .and.not.to.match(/\bat .*:\d+:\d+/);
  });

  it('exits with 3 and suggests a fix when the port is in use', async () => {
    const blocker = createServer().listen(0, '127.0.0.1');
    await once(blocker, 'listening');
    const { port } = blocker.address() as { port: number };
    const { exitCode, stderr } = await runCli(['serve', '--config', writeConfig(config), '--port', String(port)]);
    blocker.close();
    expect(exitCode).to.equal(3);
    expect(stderr).to.match(/EADDRINUSE.*choose another port with --port/);
  });

  it('exits with 3 when the source cannot respond', async () => {
    const path = join(scratchDirectory(), 'faulty.csv');
    writeFileSync(path, 'no such column\n');
    const source = { type: 'csv', path, columns: { userid: 'u', groups: [{ column: 'g' }] } };
    const { exitCode, stderr } = await runCli(['serve', '--config', writeConfig({ ...config, source })]);
    expect(exitCode).to.equal(3);
    expect(stderr).to.include('faulty.csv');
  });

  describe('--dev', () => {
    it('prints a curl command, a conform command and the settings, and leaves no files', async () => {
      const serving = startCli(['serve', '--dev', '--port', '0']);
      // tests/clean-clone.services.test.ts runs this line.
      await serving.printed('stdout', /^ *curl .*$/m);
      const [conform] = await serving.printed('stdout', /^ .* conform https:.*$/m);
      await serving.printed('stdout', /SSL CA file +\S+\n/);
      const tested = await runCli(conform.slice(conform.indexOf('conform ')).split(' '));
      expect(tested.exitCode, tested.stdout + tested.stderr).to.equal(0);

      const directory = dirname(/--password-file (\S+)/.exec(conform)?.[1] ?? '');
      expect(existsSync(directory)).to.equal(true);
      serving.child.kill('SIGTERM');
      const { exitCode, stderr } = await serving.ended();
      expect(exitCode).to.equal(0);
      expect(existsSync(directory)).to.equal(false);
      expect(stderr).not.to.include('ada.lovelace');
    });

    it('leaves no files when it cannot start', async () => {
      const parent = scratchDirectory();
      const blocker = createServer().listen(0, '127.0.0.1');
      await once(blocker, 'listening');
      const { port } = blocker.address() as { port: number };
      const { exitCode } = await runCli(['serve', '--dev', '--port', String(port)], { TMPDIR: parent });
      blocker.close();
      expect(exitCode).to.equal(3);
      const { stdout } = await promisify(execFile)('ls', [parent]);
      expect(stdout.split('\n').filter((name) => name.startsWith('user-info-dev'))).to.deep.equal([]);
    });
  });
});
