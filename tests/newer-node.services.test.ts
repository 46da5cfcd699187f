// Tests the built program on the newer supported versions of Node: server, conformance kit and simulator.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { ask } from './ask-server.ts';
import { scratchFolder } from './certificate-files.ts';
import { newerNode, newerNodeVersions } from './newer-nodes.mjs';
import { runCli, startCli } from './run-cli.ts';

const scenarios = join(import.meta.dirname, '../examples/scenarios');

for (const version of newerNodeVersions) {
  describe(`on Node ${version}`, () => {
    const node = newerNode(version);
    const run = (...args: string[]) => runCli(args, {}, node);

    it('the server conforms, over TLS with client certificates, as the kit judges it', async () => {
      const serving = startCli(['serve', '--dev', '--port', '0'], {}, node);
      const [conform] = await serving.printed('stdout', /^ .* conform https:.*$/m);
      const { exitCode, stdout, stderr } = await run(...conform.slice(conform.indexOf('conform ')).split(' '));
      expect(exitCode, stdout + stderr).to.equal(0);
      serving.child.kill('SIGTERM');
      expect((await serving.ended()).exitCode).to.equal(0);
    });

    for (const files of [
      ['server/*.test.ts', 'server/{auth,doctor,guards,http,observability,reload,tls,workers}/**/*.test.ts'],
      ['server/config/**/*.test.ts'],
      ['server/adapters/**/*.test.ts'],
      ['simulator/sync/endpoint-requests.test.ts'],
    ]) {
      it(`${files.join(', ')} passes`, function () {
        this.timeout(600_000);
        const root = join(import.meta.dirname, '..');
        const mocha = join(root, 'node_modules/mocha/bin/mocha.js');
        // Not repeated, since they would double the time: the tests with LDAP servers and databases.
        const services = 'server/{adapters,doctor}/**/*.services.test.ts';
        const { status, stdout, stderr } = spawnSync(node, [mocha, '--ignore', services, ...files], {
          cwd: root,
          encoding: 'utf8',
          maxBuffer: 100 * 1024 * 1024,
        });
        expect(status, stdout + stderr).to.equal(0);
        expect(stdout).to.match(/[1-9]\d* passing/);
      });
    }

    it('several processes serve, and end in order', async () => {
      const file = join(scratchFolder(), 'user-info.json');
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

    it('the simulator plays a scenario', async () => {
      const { exitCode, stdout, stderr } = await run('simulate', 'scenario', join(scenarios, 'mover.yaml'));
      expect(exitCode, stdout + stderr).to.equal(0);
    });
  });
}
