// Tests of a reload: valid changes are applied, invalid ones are rejected, and no request fails.
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { type Answer, ask, askOrRefused, basicHeader } from '../../tests/ask-server.ts';
import { scratchDirectory } from '../../tests/certificate-files.ts';
import {
  createReloadableServers,
  eventually,
  expectReloaded,
  tlsFiles,
  tlsOfFiles,
} from '../../tests/reloadable-server.ts';
import { type ConfigSections, secretReference } from '../../tests/test-server.ts';
import { readConfig } from '../config/read-config.ts';
import { startServerFrom } from '../start.ts';

const passwordFrom = (file: string) => secretReference('').replace('env:', `file:${file}`);
const basic: ConfigSections = {
  authentication: { mode: 'basic', basic: { credentials: [{ username: 'api', password: passwordFrom('password') }] } },
};
const withPassword = (password: string) => ({ headers: { authorization: basicHeader('api', password) } });

describe('a reload', () => {
  const servers = createReloadableServers();
  const { start, kept } = servers;
  afterEach(() => servers.stopAll());

  const adaUrl = ({ url }: { url: string }) => `${url}?userid=ada`;
  const statusOf = async (asking: Promise<Answer>) => (await asking).status;

  describe('of credentials', () => {
    it('immediately accepts the new password and rejects the old one, although the old one was cached', async () => {
      const server = await start(basic, { password: 'old' });
      expect(await statusOf(ask(adaUrl(server), withPassword('old')))).to.equal(200);
      server.put('password', 'new');
      await expectReloaded(server);
      expect(await statusOf(ask(adaUrl(server), withPassword('old')))).to.equal(401);
      expect(await statusOf(ask(adaUrl(server), withPassword('new')))).to.equal(200);
    });

    it('continues to count wrong passwords', async () => {
      const limited = {
        authentication: { ...(basic.authentication as object), failedLogins: { max: 2, windowSeconds: 600 } },
      };
      const server = await start(limited, { password: 'right' });
      const guess = (password: string) => statusOf(ask(adaUrl(server), withPassword(password)));
      expect([await guess('a'), await guess('b')]).to.deep.equal([401, 401]);
      await expectReloaded(server);
      expect(await guess('c')).to.equal(429);
    });

    it('loads a changed htpasswd file, and rejects a file with an error', async () => {
      const hashOfRight = '$2y$05$5vGVBmNAqXn3YJVmuzWWxOaOVN.4BKSm3vmWyRfOAzvqMcvYKYI0C';
      const sections = { authentication: { mode: 'basic', basic: { htpasswdFile: 'htpasswd' } } };
      const server = await start(sections, { htpasswd: `api:${hashOfRight}\n` });
      server.put('htpasswd', 'api:{SHA}plain\n');
      const outcome = await server.reload();
      expect(outcome.outcome).to.equal('refused');
      expect(outcome.faults.join()).to.match(/htpasswd:1: the format is SHA-1/);
      server.put('htpasswd', `other:${hashOfRight}\n`);
      await expectReloaded(server);
    });
  });

  describe('of the source', () => {
    /** A source that responds once a file exists, and writes another file when it is closed. */
    const slowSource = `
import { existsSync, writeFileSync } from 'node:fs';
export default ({ group, answerWhen, closedFile, brokenWhen }, { SourceError }, isClosed = false) => ({
  async findUser() {
    while (answerWhen && !existsSync(answerWhen)) await new Promise((resolve) => setTimeout(resolve, 5));
    if (isClosed) throw new Error('asked after it was closed');
    return { groups: [{ name: group }], authorizations: {} };
  },
  async check() {
    if (brokenWhen && existsSync(brokenWhen)) throw new SourceError('unavailable', 'The directory is down.');
  },
  async close() { isClosed = true; writeFileSync(closedFile, ''); },
});`;

    const sourceOf = (options: object) => ({ source: { type: 'module', path: 'source.mjs', options } });

    it('completes requests in flight with the old source, which is closed after its last lookup', async () => {
      const marks = scratchDirectory();
      const [go, oldClosed, newClosed] = ['go', 'old', 'new'].map((name) => join(marks, name)) as [
        string,
        string,
        string,
      ];
      const old = sourceOf({ group: 'old', answerWhen: go, closedFile: oldClosed });
      const server = await start(old, { 'source.mjs': slowSource });
      const underway = ask(adaUrl(server));
      await ask(`${server.url}?userid=`);
      server.configure(sourceOf({ group: 'new', closedFile: newClosed }));
      await expectReloaded(server);
      expect((await ask(adaUrl(server))).body).to.include('"new"');
      writeFileSync(go, '');
      expect((await underway).body).to.include('"old"');
      await server.stop();
      rmSync(oldClosed);
      rmSync(newClosed);
    });

    it('loads the changed code of a module', async () => {
      const codeOf = (group: string) =>
        `export default () => ({ findUser: async () => ({ groups: [{ name: '${group}' }], authorizations: {} }), check: async () => {}, close: async () => {} });`;
      const server = await start({ source: { type: 'module', path: 'source.mjs' } }, { 'source.mjs': codeOf('old') });
      expect((await ask(adaUrl(server))).body).to.include('"old"');
      server.put('source.mjs', codeOf('new'));
      await expectReloaded(server);
      expect((await ask(adaUrl(server))).body).to.include('"new"');
    });

    it('that is down is rejected, retried automatically, and used when it is available again', async () => {
      const marks = scratchDirectory();
      const [down, closedFile] = [join(marks, 'down'), join(marks, 'closed')];
      const server = await start(
        { ...sourceOf({ group: 'old', closedFile: join(marks, 'old') }), reload: { pollSeconds: 1 } },
        { 'source.mjs': slowSource },
      );
      writeFileSync(down, '');
      server.configure(sourceOf({ group: 'new', closedFile, brokenWhen: down }));
      await eventually(server.readiness, ({ status }) => status === 'degraded');
      expect((await ask(adaUrl(server))).body).to.include('"old"');
      rmSync(down);
      await eventually(server.readiness, ({ generation }) => generation === 2);
      expect((await ask(adaUrl(server))).body).to.include('"new"');
    });

    it('keeps the source when its inputs are unchanged, and creates it again on an explicit reload', async () => {
      const server = await start({ reload: { pollSeconds: 1 } });
      server.configure({ userid: { maxBytes: 2 }, reload: { pollSeconds: 1 } });
      await eventually(server.readiness, ({ generation }) => generation === 2);
      expect(await statusOf(ask(adaUrl(server)))).to.equal(400);
      await expectReloaded(server, 3);
      const lines = await server.stopAndReadLog();
      expect(lines.filter(({ msg }) => msg === 'reloaded').map(({ sourceKept }) => sourceKept)).to.deep.equal([
        true,
        false,
      ]);
    });
  });

  describe('of the configuration', () => {
    it('reports every error of the schema at once, and every option that needs a restart', async () => {
      const server = await start({});
      server.configure({ listener: { prot: 1 }, deadlineMs: 1 });
      const schemaFaults = await server.reload();
      expect(schemaFaults.faults).to.have.length(2);
      expect(schemaFaults.faults.join('\n')).to.match(/user-info\.json:\d+:\d+ listener: .*prot|prot/);
      server.configure({ listener: { port: 1 }, administration: { port: 2 }, logging: { destination: 'other.log' } });
      const { faults } = await server.reload();
      expect(
        faults.map((fault) => / ([a-z.]+): cannot be changed while the server is running/i.exec(fault)?.[1]),
      ).to.have.members(['listener.port', 'administration', 'logging.destination']);
    });

    it('that changes whether client certificates are requested needs a restart', async () => {
      const server = await start(
        { ...basic, listener: { tls: tlsOfFiles } },
        { ...(await tlsFiles()), password: 'right' },
      );
      server.configure({
        listener: { tls: tlsOfFiles },
        authentication: { mode: 'mtls', clientCertificate: { allow: [{ subjectCn: 'platform' }] } },
      });
      expect((await server.reload()).faults.join()).to.match(
        /authentication\.mode: cannot be changed .* client certificate requests/,
      );
    });

    it('changes the path', async () => {
      const server = await start({});
      server.configure({ listener: { path: '/elsewhere' } });
      await expectReloaded(server);
      expect(await statusOf(ask(adaUrl(server)))).to.equal(404);
      expect(await statusOf(ask(adaUrl(server).replace('/user-info', '/elsewhere')))).to.equal(200);
    });
  });

  describe('on its own', () => {
    it('loads Kubernetes mounts: directories that are swapped behind a symbolic link', async () => {
      const mount = scratchDirectory();
      const publish = (version: string, groups: string[]) => {
        mkdirSync(join(mount, version));
        const config = {
          listener: { port: 0 },
          administration: { port: 0 },
          authentication: { mode: 'none' },
          source: { type: 'static', users: { ada: { groups } } },
          logging: { level: 'silent' },
        };
        writeFileSync(join(mount, version, 'user-info.json'), JSON.stringify(config));
        symlinkSync(version, join(mount, '..data_tmp'));
        renameSync(join(mount, '..data_tmp'), join(mount, '..data'));
      };
      publish('..v1', ['first']);
      const file = join(mount, 'user-info.json');
      symlinkSync('..data/user-info.json', file);
      const read = () => readConfig(file, {});
      const server = await startServerFrom({ file, read });
      servers.add(server);
      expect((await ask(adaUrl(server))).body).to.include('"first"');
      publish('..v2', ['second']);
      await eventually(
        async () => (await ask(adaUrl(server))).body,
        (body) => body.includes('"second"'),
      );
    });

    it('watches the files of a newer configuration, even though that configuration was rejected', async () => {
      const server = await start({ ...basic, reload: { pollSeconds: 1 } }, { password: 'first' });
      server.put('password', '');
      await eventually(server.readiness, ({ status }) => status === 'degraded');
      server.put('password', 'second');
      await eventually(server.readiness, ({ generation }) => generation === 2);
      expect(await statusOf(ask(adaUrl(server), withPassword('second')))).to.equal(200);
    });
  });

  it('is counted, timed and reported', async () => {
    const server = await start({});
    const before = await server.metrics();
    expect(before).to.include({ user_info_reload_generation: 1, user_info_reload_failure_timestamp_seconds: 0 });
    server.put('user-info.json', '{');
    expect((await server.reload()).outcome).to.equal('refused');
    const refused = await server.metrics();
    expect(refused).to.include({
      user_info_reload_generation: 1,
      user_info_reload_refused: 1,
      'user_info_reloads_total{outcome="refused"}': 1,
    });
    expect(refused.user_info_reload_failure_timestamp_seconds).to.be.greaterThan(1.7e9);
    server.configure({});
    await expectReloaded(server);
    const after = await server.metrics();
    expect(after).to.include({
      user_info_reload_generation: 2,
      user_info_reload_refused: 0,
      'user_info_reloads_total{outcome="reloaded"}': 1,
    });
    expect(after.user_info_reload_success_timestamp_seconds).to.be.greaterThan(
      before.user_info_reload_success_timestamp_seconds ?? Infinity,
    );
  });

  it('is triggered by POST /reload from the same machine, but not by a web page', async () => {
    const server = await start({});
    const order = (options: object) => ask(`${server.administrationUrl}/reload`, options);
    expect((await order({ method: 'GET' })).status).to.equal(404);
    const fromPage = await order({ method: 'POST', headers: { Origin: 'http://example.test' } });
    expect([fromPage.status, JSON.parse(fromPage.body).outcome]).to.deep.equal([403, 'refused']);
    const ordered = await order({ method: 'POST' });
    expect([ordered.status, JSON.parse(ordered.body)]).to.deep.equal([
      200,
      { outcome: 'reloaded', generation: 2, faults: [] },
    ]);
  });

  it('disrupts no request under load', async () => {
    const server = await start(basic, { password: 'right' });
    const counts = new Map<string, number>();
    let answers = 0;
    let isOver = false;
    const asking = Array.from({ length: 8 }, async () => {
      const agent = kept(server);
      while (!isOver) {
        const answer = await askOrRefused(adaUrl(server), { ...withPassword('right'), agent });
        const seen = typeof answer === 'string' ? answer : `${answer.status}`;
        counts.set(seen, (counts.get(seen) ?? 0) + 1);
        answers += 1;
      }
    });
    for (let generation = 2; generation < 22; generation++) {
      const wanted = answers + 20;
      await expectReloaded(server, generation);
      await eventually(
        () => answers,
        (count) => count >= wanted,
      );
    }
    isOver = true;
    await Promise.all(asking);
    expect([...counts.keys()]).to.deep.equal(['200']);
  });
});
