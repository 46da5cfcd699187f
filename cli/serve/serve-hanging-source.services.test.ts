// Tests that a source whose promises never settle does not block the start, a reload, or the shutdown of the server.
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { ask, askOrRefused } from '../../tests/ask-server.ts';
import { scratchDirectory } from '../../tests/certificate-files.ts';
import { eventually } from '../../tests/reloadable-server.ts';
import { type CliProcess, runCli, startCli } from '../../tests/run-cli.ts';

/**
 * A source in which the promise of the method named by `hangs` never settles; the method writes a file when it is called. A timer keeps the process
 * alive.
 */
const hangingSource = `
import { writeFileSync } from 'node:fs';
export default ({ hangs, reached, holds }) => {
  if (holds) setInterval(() => {}, 1000);
  const hang = (method) => {
    if (method !== hangs) return undefined;
    writeFileSync(reached, '');
    return new Promise(() => {});
  };
  return {
    async findUser() {
      await hang('findUser');
      return { groups: [], authorizations: {} };
    },
    check: async () => hang('check'),
    close: async () => hang('close'),
  };
};`;

for (const workers of [1, 2]) {
  describe(`user-info serve, with a source that hangs and ${workers} process${workers > 1 ? 'es' : ''}`, () => {
    let serving: CliProcess | undefined;
    let file: string;
    let reached: string;
    beforeEach(() => {
      const directory = scratchDirectory();
      writeFileSync(join(directory, 'source.mjs'), hangingSource);
      file = join(directory, 'user-info.json');
      reached = join(directory, 'reached');
    });
    // Stops the process if the test failed before the process ended.
    afterEach(() => serving?.child.kill('SIGKILL'));

    function configure(options: object, timeouts: object = {}): void {
      const config = {
        listener: { port: 0 },
        administration: { port: 0 },
        workers,
        authentication: { mode: 'none' },
        source: { type: 'module', path: 'source.mjs', options: { reached, ...options }, ...timeouts },
        reload: { watch: false, timeoutSeconds: 1 },
        shutdown: { deadlineMs: 500 },
      };
      writeFileSync(file, JSON.stringify(config));
    }
    const isReached = () => eventually(() => existsSync(reached), Boolean, 30_000);
    const serve = () => {
      serving = startCli(['serve', '--config', file]);
      return serving;
    };
    async function served() {
      const pattern =
        workers > 1
          ? /"url":"([^"]+)","administrationUrl":"([^"]+)","workers"/
          : /"url":"([^"]+)","administrationUrl":"([^"]+)"/;
      const [, url = '', administration = ''] = await serve().printed('stdout', pattern);
      return { url: `${url}?userid=ada`, reload: `${administration}/reload`, ready: `${administration}/readyz` };
    }
    async function expectStopped(signal: NodeJS.Signals = 'SIGTERM') {
      serving?.child.kill(signal);
      const outcome = await serving?.ended();
      expect(outcome?.exitCode).to.equal(0);
      return outcome?.stderr ?? '';
    }

    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      it(`exits immediately with 0 on ${signal} while check() hangs at startup`, async () => {
        configure({ hangs: 'check' });
        serve();
        await isReached();
        expect(await expectStopped(signal)).to.equal(`user-info: stopped by ${signal} before the server was ready.\n`);
      });
    }

    it('exits with 3 and reports the reason when check() does not settle at startup', async () => {
      configure({ hangs: 'check' }, { checkTimeoutMs: 200 });
      const { exitCode, stderr } = await runCli(['serve', '--config', file]);
      expect(exitCode).to.equal(3);
      expect(stderr).to.match(/^user-info: check\(\) of the module \S+source\.mjs did not settle within 200 ms/);
    });

    it('exits with 0 on SIGTERM while findUser() hangs', async () => {
      configure({ hangs: 'findUser' });
      const { url } = await served();
      const asking = askOrRefused(url);
      await isReached();
      await expectStopped();
      await asking;
    });

    it('exits with 0 on SIGTERM when close() hangs, and a timer of the module is active', async () => {
      configure({ hangs: 'close', holds: true });
      await served();
      expect(await expectStopped()).to.equal('');
    });

    it('rejects a reload within the time limit when its check() hangs, continues to serve, and exits with 0', async () => {
      configure({ hangs: 'none' });
      const { url, reload } = await served();
      configure({ hangs: 'check' });
      const { status, body } = await ask(reload, { method: 'POST' });
      expect([status, JSON.parse(body).outcome]).to.deep.equal([409, 'refused']);
      expect(JSON.parse(body).faults.join()).to.match(/could not be opened within 1 s \(reload\.timeoutSeconds\)/);
      expect((await ask(url)).status).to.equal(200);
      const underway = askOrRefused(reload, { method: 'POST' });
      await expectStopped();
      await underway;
    });
  });
}
