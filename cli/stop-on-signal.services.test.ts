// Tests Ctrl-C in `simulate compare` and `simulate sync --sensitivity`, as processes: they end by the signal, and leave nothing behind.
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { type ChangingEndpoint, startChangingEndpoint } from '../simulator/sync/testing/changing-endpoint.ts';
import { startCli } from '../tests/run-cli.ts';
import { createSimulatorShell, type SimulatorShell } from './testing/simulator-shell.ts';

describe('Ctrl-C in user-info simulate', function () {
  this.timeout(60_000);
  let endpoint: ChangingEndpoint;
  let shell: SimulatorShell;
  let asked: Promise<void>;
  beforeEach(async () => {
    endpoint = await startChangingEndpoint();
    shell = createSimulatorShell();
    shell.createOkta(endpoint.uri);
    asked = new Promise((resolve) => {
      // Never answered.
      endpoint.handler = () => resolve();
    });
  });
  afterEach(() => endpoint.close());

  const commands = {
    compare: ['compare', 'okta', '--with', 'http://127.0.0.1:9/user-info'],
    'sync --sensitivity': ['sync', 'okta', '--sensitivity'],
    load: ['load', 'okta', '--levels', '1'],
  };
  for (const [name, args] of Object.entries(commands)) {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      it(`ends ${name} by ${signal}, without a trace`, async () => {
        const users = shell.write('users.csv', 'userid\nada\nbob\n');
        const temporary = join(shell.folder, 'tmp');
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
        expect(readFileSync(shell.store).equals(stored), 'the store is unchanged').to.equal(true);
        expect(shell.inStore(({ runs }) => runs.list(9))).to.deep.equal([]);
      });
    }
  }
});
