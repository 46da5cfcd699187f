// Tests that a crash logs one JSON line with its stack, loses no line before it, and ends with the documented exit code.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { ask, askOrRefused } from '../../tests/ask-server.ts';
import { scratchDirectory } from '../../tests/certificate-files.ts';
import { eventually } from '../../tests/reloadable-server.ts';
import { startCli } from '../../tests/run-cli.ts';

/** Fails outside of any lookup when certain users are requested. */
const failingSource = `
const failures = {
  'throws': () => setImmediate(() => { throw new Error('thrown in a callback'); }),
  'rejects': () => void Promise.reject(new Error('rejected and not handled')),
};
export default () => ({
  async findUser(userid) {
    failures[userid]?.();
    return { groups: [], authorizations: {} };
  },
  async check() {},
  async close() {},
});`;

describe('a fatal error', () => {
  async function serve(workers: number) {
    const directory = scratchDirectory();
    const [file, log] = [join(directory, 'user-info.json'), join(directory, 'server.log')];
    writeFileSync(join(directory, 'source.mjs'), failingSource);
    writeFileSync(
      file,
      JSON.stringify({
        listener: { port: 0 },
        workers,
        authentication: { mode: 'none' },
        source: { type: 'module', path: 'source.mjs' },
        logging: { destination: log },
      }),
    );
    const serving = startCli(['serve', '--config', file]);
    const read = () => (existsSync(log) ? readFileSync(log, 'utf8') : '');
    const started = workers === 1 ? /"url":"([^"]+)"/ : /"url":"([^"]+)".*"workers":2/;
    const [, url = ''] = started.exec(await eventually(read, (text) => started.test(text))) ?? [];
    return {
      serving,
      url,
      lines: () =>
        read()
          .split('\n')
          .filter(Boolean)
          .map((line) => JSON.parse(line)),
    };
  }

  for (const [userid, origin, message] of [
    ['throws', 'uncaughtException', 'thrown in a callback'],
    ['rejects', 'unhandledRejection', 'rejected and not handled'],
  ] as const) {
    it(`that ${userid} is logged on one line, and no earlier line is lost`, async () => {
      const { serving, url, lines } = await serve(1);
      const { headers } = await ask(`${url}?userid=ada`);
      await askOrRefused(`${url}?userid=${userid}`);
      expect((await serving.ended()).exitCode).to.equal(70);
      const written = lines();
      expect(written.map(({ requestId }) => requestId)).to.include(headers['x-request-id']);
      const fatal = written.filter(({ level }) => level === 'fatal');
      expect(fatal).to.have.length(1);
      // This is not always the last line, because a write that was in progress may end later.
      expect(fatal[0]).to.deep.include({ level: 'fatal', origin });
      expect(fatal[0].stack).to.match(new RegExp(`^Error: ${message}\n +at `));
    });
  }

  it('of a worker is also logged, and another worker replaces the failed one', async () => {
    const { serving, url, lines } = await serve(2);
    await askOrRefused(`${url}?userid=throws`);
    await eventually(lines, (written) => written.some(({ msg }) => msg === 'a worker is serving'), 60_000);
    expect(lines().filter(({ level }) => level === 'fatal')).to.have.length(1);
    serving.child.kill('SIGTERM');
    expect((await serving.ended()).exitCode).to.equal(0);
  }).timeout(120_000);
});
