// Tests of Ctrl-C and kill in commands that store nothing, as processes: the signal terminates them, and no files remain.
import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { type ChangingEndpoint, startChangingEndpoint } from '../simulator/sync/testing/changing-endpoint.ts';
import { startCli } from '../tests/run-cli.ts';
import { createSimulatorShell, type SimulatorShell } from './testing/simulator-shell.ts';

describe('a signal to user-info simulate', function () {
  this.timeout(60_000);
  let endpoint: ChangingEndpoint;
  let shell: SimulatorShell;
  let asked: Promise<void>;
  beforeEach(async () => {
    endpoint = await startChangingEndpoint();
    shell = createSimulatorShell();
    shell.createOkta(endpoint.uri);
    asked = new Promise((resolve) => {
      // Never gets a response.
      endpoint.handler = () => resolve();
    });
  });
  afterEach(() => endpoint.close());
  const storeFiles = () => readdirSync(shell.directory).filter((name) => name.startsWith('simulator.db'));

  const commands = {
    compare: ['compare', 'okta', '--with', 'http://127.0.0.1:9/user-info'],
    'sync --sensitivity': ['sync', 'okta', '--sensitivity'],
    load: ['load', 'okta', '--levels', '1'],
  };
  for (const [name, args] of Object.entries(commands)) {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      it(`ends ${name} by ${signal}, and leaves no files`, async () => {
        const users = shell.write('users.csv', 'userid\nada\nbob\n');
        const temporary = join(shell.directory, 'tmp');
        mkdirSync(temporary);
        const stored = readFileSync(shell.store);
        const running = startCli(['simulate', ...args, '--users', users, '--store', shell.store], {
          TMPDIR: temporary,
        });
        await asked;
        running.child.kill(signal);
        const { exitCode, stdout, stderr } = await running.ended();
        // Shells show 130 and 143.
        expect([exitCode, running.child.signalCode, stdout, stderr]).to.deep.equal([null, signal, '', '']);
        await endpoint.untilDisconnected();
        expect(readdirSync(temporary)).to.deep.equal([]);
        expect(storeFiles()).to.deep.equal(['simulator.db']);
        expect(readFileSync(shell.store).equals(stored), 'the store is unchanged').to.equal(true);
        expect(shell.inStore(({ runs }) => runs.list(9))).to.deep.equal([]);
      });
    }
  }

  it('leaves a copy of the store in the case of SIGKILL, and the next command deletes the copy', async () => {
    const users = shell.write('users.csv', 'userid\nada\n');
    const running = startCli(['simulate', 'sync', 'okta', '--sensitivity', '--users', users, '--store', shell.store]);
    await asked;
    const [copy = ''] = storeFiles().filter((name) => name.endsWith('.temporary-copy'));
    expect(statSync(join(shell.directory, copy)).mode & 0o777).to.equal(0o700);
    running.child.kill('SIGKILL');
    await running.ended();
    expect(readdirSync(join(shell.directory, copy))).to.include('simulator.db');
    expect(await shell.succeed('runs', 'list')).to.include('No runs.');
    expect(storeFiles()).to.deep.equal(['simulator.db']);
  });
});
