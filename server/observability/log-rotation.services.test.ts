// Tests that logrotate loses no line of the log or the audit trail, and that a log that cannot be reopened continues.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { ask, keepAliveAgent } from '../../tests/ask-server.ts';
import { scratchDirectory } from '../../tests/certificate-files.ts';
import { createReloadableServers, eventually, expectReloaded } from '../../tests/reloadable-server.ts';
import { startCli } from '../../tests/run-cli.ts';
import { findProgram } from '../../tests/services/service-process.ts';

/** Returns the request ids in a file of JSON lines; throws on a torn line. */
function requestIdsOf(file: string): unknown[] {
  const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean);
  return lines.map((line) => JSON.parse(line).requestId).filter((requestId) => requestId !== undefined);
}

describe('the log and the audit trail', () => {
  for (const workers of [1, 2]) {
    it(`lose no line while logrotate renames them repeatedly under load, with ${workers} process${workers > 1 ? 'es' : ''}`, async () => {
      const directory = scratchDirectory();
      const names = ['audit.jsonl', 'server.log'];
      const [auditFile = '', logFile = ''] = names.map((name) => join(directory, name));
      const configFile = join(directory, 'user-info.json');
      writeFileSync(
        configFile,
        JSON.stringify({
          listener: { port: 0 },
          administration: { port: 0 },
          workers,
          authentication: { mode: 'none' },
          source: { type: 'static', users: { ada: { groups: ['engineering'] } } },
          audit: { file: auditFile },
          logging: { destination: logFile },
        }),
      );
      const serving = startCli(['serve', '--config', configFile]);
      const started = /"url":"([^"]+)","administrationUrl":"([^"]+)"/;
      const log = await eventually(
        () => (existsSync(logFile) ? readFileSync(logFile, 'utf8') : ''),
        (text) => started.test(text),
      );
      const [, url = '', administration = ''] = started.exec(log) ?? [];
      const rotation = join(directory, 'logrotate.conf');
      writeFileSync(
        rotation,
        `${auditFile} ${logFile} {\n  rotate 100\n  create 0640\n  sharedscripts\n  postrotate\n    kill -HUP ${serving.child.pid}\n  endscript\n}\n`,
        { mode: 0o644 },
      );
      const requestIds = new Set<unknown>();
      let isOver = false;
      const asking = Array.from({ length: 4 }, async () => {
        for (let agent = keepAliveAgent(url); !isOver; agent = keepAliveAgent(url)) {
          for (let asked = 0; asked < 20; asked++) {
            requestIds.add((await ask(`${url}?userid=ada`, { agent })).headers['x-request-id']);
          }
          agent.destroy();
        }
      });
      const generation = async () => JSON.parse((await ask(`${administration}/readyz`)).body).generation;
      for (let rotations = 1; rotations <= 4; rotations++) {
        execFileSync(findProgram('logrotate'), ['--force', '--state', join(directory, 'state'), rotation]);
        await eventually(generation, (now) => now === rotations + 1);
      }
      isOver = true;
      await Promise.all(asking);
      serving.child.kill('SIGTERM');
      expect((await serving.ended()).exitCode).to.equal(0);
      for (const name of names) {
        const files = readdirSync(directory).filter((file) => file.startsWith(name));
        expect(files).to.have.length(5);
        const recorded = files.flatMap((file) => requestIdsOf(join(directory, file)));
        expect(recorded, `${name}: each request once`).to.have.length(requestIds.size);
        expect(new Set(recorded)).to.deep.equal(requestIds);
        expect(requestIdsOf(join(directory, name)).length, `${name}: the newest file`).to.be.greaterThan(0);
      }
    }).timeout(120_000);
  }

  it('continue in the old file when a log cannot be reopened, and report the failure', async () => {
    const servers = createReloadableServers();
    const directory = join(scratchDirectory(), 'log');
    mkdirSync(directory);
    const server = await servers.start({ logging: { destination: join(directory, 'server.log') } });
    renameSync(directory, `${directory}-moved`);
    await expectReloaded(server);
    await ask(`${server.url}?userid=ada`);
    await server.stop();
    const text = readFileSync(join(`${directory}-moved`, 'server.log'), 'utf8');
    expect(text).to.match(/ENOENT.*"msg":"the log cannot be reopened; lines go to the old file"/);
    expect(text).to.match(/"msg":"request"[\s\S]*"msg":"stopped"/);
  });
});
