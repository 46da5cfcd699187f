// Tests the built program (server, conformance kit and simulator) on the newer versions of Node that it supports.
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { ask } from '../ask-server.ts';
import { scratchDirectory } from '../certificate-files.ts';
import { newerNode, newerNodeVersions } from '../newer-nodes.mjs';
import { runCli, startCli } from '../run-cli.ts';

const scenarios = join(import.meta.dirname, '../../examples/scenarios');

for (const version of newerNodeVersions) {
  describe(`on Node ${version}`, () => {
    const node = newerNode(version);
    const run = (...args: string[]) => runCli(args, {}, node);

    it('has files that run the tests of the server and of the adapters', () => {
      const [major] = version.split('.');
      for (const part of ['server', 'adapters']) {
        const file = join(import.meta.dirname, `${part}-on-node-${major}.services.test.ts`);
        expect(existsSync(file), file).to.equal(true);
      }
    });

    it('the kit verifies that the server conforms over TLS with client certificates', async () => {
      const serving = startCli(['serve', '--dev', '--port', '0'], {}, node);
      const [conform] = await serving.printed('stdout', /^ .* conform https:.*$/m);
      const { exitCode, stdout, stderr } = await run(...conform.slice(conform.indexOf('conform ')).split(' '));
      expect(exitCode, stdout + stderr).to.equal(0);
      serving.child.kill('SIGTERM');
      expect((await serving.ended()).exitCode).to.equal(0);
    });

    it('several processes serve requests and exit normally', async () => {
      const file = join(scratchDirectory(), 'user-info.json');
      const config = {
        listener: { port: 0 },
        workers: 2,
        authentication: { mode: 'none' },
        source: { type: 'static', users: { ada: { groups: ['engineering'] } } },
      };
      writeFileSync(file, JSON.stringify(config));
      const serving = startCli(['serve', '--config', file], {}, node);
      const [, url = ''] = await serving.printed('stdout', /"url":"([^"]+)",.*"workers":2/);
      expect(JSON.parse((await ask(`${url}?userid=ada`)).body).groups).to.deep.equal([{ name: 'engineering' }]);
      serving.child.kill('SIGTERM');
      expect((await serving.ended()).exitCode).to.equal(0);
    });

    it('the simulator runs a scenario', async () => {
      const { exitCode, stdout, stderr } = await run('simulate', 'scenario', join(scenarios, 'mover.yaml'));
      expect(exitCode, stdout + stderr).to.equal(0);
    });
  });
}
