// Tests of /readyz and of the administration listener's warning: many probes share one check, and unauthenticated clients see no internal details.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { ask } from '../../tests/ask-server.ts';
import { scratchDirectory } from '../../tests/certificate-files.ts';
import { createReloadableServers, eventually } from '../../tests/reloadable-server.ts';
import { startCli } from '../../tests/run-cli.ts';
import { stoppedAfterEach } from '../../tests/test-server.ts';
import { shareFor } from './readiness.ts';

/** Writes a line for each check, and fails when the second file exists. */
const countingSource = `
import { appendFileSync, existsSync } from 'node:fs';
export default ({ checks, brokenWhen }) => ({
  findUser: async () => ({ groups: [], authorizations: {} }),
  async check() {
    appendFileSync(checks, 'checked\\n');
    await new Promise((resolve) => setTimeout(resolve, 20));
    if (existsSync(brokenWhen)) throw new Error(\`ENOENT: no such file or directory, open '\${brokenWhen}'; see https://example.com/a/b\`);
  },
  async close() {},
});`;

function countingSourceIn(directory: string) {
  const [checks, brokenWhen] = [join(directory, 'checks'), join(directory, 'a directory', 'broken')];
  writeFileSync(checks, '');
  writeFileSync(join(directory, 'source.mjs'), countingSource);
  return {
    source: { type: 'module', path: join(directory, 'source.mjs'), options: { checks, brokenWhen } },
    count: () => readFileSync(checks, 'utf8').split('\n').length - 1,
  };
}

describe('readiness', () => {
  const servers = createReloadableServers();
  afterEach(() => servers.stopAll());

  it('checks the source at most once a second, however many probes are concurrent', async () => {
    const { source, count } = countingSourceIn(scratchDirectory());
    const server = await servers.start({ source });
    const atStart = count();
    await Promise.all(Array.from({ length: 100 }, () => server.readiness()));
    // At most one check a second, however long a hundred connections take.
    expect(count() - atStart).to.be.within(1, 10);
    await eventually(
      async () => {
        await server.readiness();
        return count();
      },
      (now) => now > atStart + 1,
    );
  });

  it('checks each worker at most once a second for a hundred concurrent probes', async () => {
    const directory = scratchDirectory();
    const { source, count } = countingSourceIn(directory);
    const file = join(directory, 'user-info.json');
    const whole = {
      listener: { port: 0 },
      administration: { port: 0 },
      workers: 2,
      authentication: { mode: 'none' },
      source,
    };
    writeFileSync(file, JSON.stringify(whole));
    const serving = startCli(['serve', '--config', file]);
    const [, administration] = await serving.printed('stdout', /"administrationUrl":"([^"]+)","workers":2/);
    const atStart = count();
    const probes = Array.from({ length: 100 }, () => ask(`${administration}/readyz`));
    expect(new Set((await Promise.all(probes)).map(({ status }) => status))).to.deep.equal(new Set([200]));
    expect(count() - atStart).to.be.within(2, 20);
    serving.child.kill('SIGTERM');
    await serving.ended();
  }).timeout(120_000);

  it('shows no absolute path, which appears only in the log', async () => {
    const directory = scratchDirectory();
    const { source } = countingSourceIn(directory);
    const { brokenWhen } = source.options;
    const server = await servers.start({ source });
    mkdirSync(join(directory, 'a directory'));
    writeFileSync(brokenWhen, '');
    const { reasons } = await eventually(server.readiness, ({ status }) => status === 'not-ready');
    expect(reasons).to.deep.equal([`ENOENT: no such file or directory, open 'broken'; see https://example.com/a/b`]);
    const lines = await server.stopAndReadLog();
    expect(lines.filter(({ level }) => level === 'warn').map(({ reason }) => reason)).to.deep.equal([
      `ENOENT: no such file or directory, open '${brokenWhen}'; see https://example.com/a/b`,
    ]);
  });

  it('shows no line of a rejected configuration, which appears only in the log', async () => {
    const server = await servers.start({});
    server.configure({ userid: { canary: true } });
    await server.reload();
    const { status, reasons } = await server.readiness();
    expect([status, reasons]).to.deep.equal([
      'degraded',
      ['The newer configuration was rejected with an error; see the log. Generation 1 remains in use.'],
    ]);
    const lines = await server.stopAndReadLog();
    expect(JSON.stringify(lines.filter(({ level }) => level === 'error'))).to.include('canary');
  });

  it('is shared until it expires or its key changes, and a failure is shared for the same time', async () => {
    let runs = 0;
    const shared = shareFor(60_000, async (key: string) => {
      runs += 1;
      if (key === 'bad') throw new Error(`run ${runs}`);
      return `${key} ${runs}`;
    });
    expect(await Promise.all([shared('a'), shared('a'), shared('a')])).to.deep.equal(['a 1', 'a 1', 'a 1']);
    expect([await shared('b'), await shared('b'), await shared('a')]).to.deep.equal(['b 2', 'b 2', 'a 3']);
    const failures = [await shared('bad').catch(String), await shared('bad').catch(String)];
    expect(failures).to.deep.equal(['Error: run 4', 'Error: run 4']);
    const expired = shareFor(0, async (_key: null) => (runs += 1));
    expect(await expired(null)).not.to.equal(await expired(null));
  });
});

describe('the administration listener', () => {
  const start = stoppedAfterEach();

  async function warningsOf(host: string) {
    const server = await start({ administration: { host, port: 0 } });
    const lines = await server.stopAndReadLog();
    return lines
      .filter(({ level }) => level === 'warn')
      .map(({ host: named, msg }) => [named, String(msg).slice(0, 49)]);
  }

  it('warns when it does not listen on a loopback address', async () => {
    expect(await warningsOf('0.0.0.0')).to.deep.equal([
      ['0.0.0.0', 'administration.host is not a loopback address: ev'],
    ]);
    expect(await warningsOf('127.0.0.1')).to.deep.equal([]);
  });
});
