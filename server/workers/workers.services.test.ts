// Tests that several workers act as one server: under load, after a worker is killed, across a reload, and at shutdown.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { issueCertificates } from '../../certs/issue-certificates.ts';
import { ask, askOrRefused, basicHeader, keepAliveAgent } from '../../tests/ask-server.ts';
import { scratchDirectory } from '../../tests/certificate-files.ts';
import { eventually } from '../../tests/reloadable-server.ts';
import { type CliProcess, runCli, startCli } from '../../tests/run-cli.ts';
import { secretReference } from '../../tests/test-server.ts';

const startMs = 120_000;
/** Clients time out because Node's cluster keeps a connection open if the worker to which it was being passed was killed. */
const clientTimeoutMs = 30_000;

describe('a worker', () => {
  it('warns immediately when a reload installs a certificate that expires soon', async () => {
    const directory = scratchDirectory();
    const at = (name: string) => join(directory, name);
    const install = async (validityDays: number) => {
      const { server } = await issueCertificates({ validityDays });
      writeFileSync(at('server.pem'), server.certificate);
      writeFileSync(at('server-key.pem'), server.key, { mode: 0o600 });
    };
    await install(100);
    writeFileSync(
      at('user-info.yaml'),
      JSON.stringify({
        listener: { port: 0, tls: { certificate: 'server.pem', key: 'server-key.pem' } },
        administration: { port: 0 },
        workers: 2,
        authentication: { mode: 'none' },
        source: { type: 'static', users: {} },
        reload: { watch: false },
      }),
    );
    const serving = startCli(['serve', '--config', at('user-info.yaml')]);
    try {
      const [, administration = ''] = await serving.printed('stdout', /"administrationUrl":"([^"]+)","workers":2/);
      await install(10);
      expect((await ask(`${administration}/reload`, { method: 'POST' })).status).to.equal(200);
      await serving.printed('stdout', /listener\.tls\.certificate expires within 14 days/);
    } finally {
      serving.child.kill('SIGTERM');
      await serving.ended();
    }
  }).timeout(startMs);
});

describe('several workers', () => {
  let file: string;
  let serving: CliProcess;
  let url: string;
  let administration: string;

  const configure = (group: string, others: object = {}) =>
    writeFileSync(
      file,
      JSON.stringify({
        listener: { port: 0 },
        administration: { port: 0 },
        workers: 2,
        authentication: {
          mode: 'basic',
          basic: { credentials: [{ username: 'api', password: secretReference('API_PASSWORD') }] },
          failedLogins: { max: 4, windowSeconds: 600 },
        },
        source: { type: 'static', users: { ada: { groups: [group] } } },
        reload: { watch: false },
        ...others,
      }),
    );
  const authorized = { headers: { authorization: basicHeader('api', 'right') } };
  const readiness = async () => JSON.parse((await ask(`${administration}/readyz`)).body);
  const metrics = async () => (await ask(`${administration}/metrics`)).body;
  const numberOf = (text: string, line: string) =>
    Number(
      text
        .split('\n')
        .find((candidate) => candidate.startsWith(`${line} `))
        ?.split(' ')
        .at(-1),
    );

  before(async function () {
    this.timeout(startMs);
    file = join(scratchDirectory(), 'user-info.json');
    configure('first');
    serving = startCli(['serve', '--config', file], { API_PASSWORD: 'right' });
    [, url = '', administration = ''] = await serving.printed(
      'stdout',
      /"url":"([^"]+)","administrationUrl":"([^"]+)","workers":2/,
    );
  });

  /** Sends requests over `clients` persistent connections until `work` is done. @returns the count of each response. */
  async function underLoad(clients: number, work: () => Promise<void>): Promise<Map<string, number>> {
    const counts = new Map<string, number>();
    let isOver = false;
    const asking = Array.from({ length: clients }, async () => {
      const agent = keepAliveAgent(url);
      while (!isOver) {
        const signal = AbortSignal.timeout(clientTimeoutMs);
        const answer = await askOrRefused(`${url}?userid=ada`, { ...authorized, agent, signal });
        const seen = typeof answer === 'string' ? answer : `${answer.status}`;
        counts.set(seen, (counts.get(seen) ?? 0) + 1);
      }
      agent.destroy();
    });
    await work();
    isOver = true;
    await Promise.all(asking);
    return counts;
  }

  /** Returns the process ids of the workers. Other child processes may be those of the TypeScript loader. */
  function workerPids(): number[] {
    const children = execFileSync('ps', ['-o', 'pid=,args=', '--ppid', String(serving.child.pid)], {
      encoding: 'utf8',
    });
    return [...children.matchAll(/^ *(\d+) .*cli\/main\.\w+ serve/gm)].map(([, pid]) => Number(pid));
  }

  it('become ready together, and export one set of metrics', async () => {
    expect(await readiness()).to.deep.equal({ status: 'ready', reasons: [], generation: 1 });
    for (let asked = 0; asked < 10; asked++) await ask(`${url}?userid=ada`, authorized);
    const text = await metrics();
    expect(
      numberOf(text, 'http_server_request_duration_seconds_count{http_response_status_code="200",source="static"}'),
    ).to.equal(10);
    expect(numberOf(text, 'user_info_workers{state="serving"}')).to.equal(2);
    expect(numberOf(text, 'user_info_source_users{source="static"}')).to.equal(1);
  });

  it('reload together and reject no request meanwhile, and all reject an invalid configuration', async () => {
    const counts = await underLoad(6, async () => {
      for (let generation = 2; generation < 6; generation++) {
        configure(`group-${generation}`);
        const { status, body } = await ask(`${administration}/reload`, { method: 'POST' });
        expect([status, JSON.parse(body)]).to.deep.equal([200, { outcome: 'reloaded', generation, faults: [] }]);
        // New connections are distributed over the workers.
        for (let asked = 0; asked < 4; asked++) {
          expect((await ask(`${url}?userid=ada`, authorized)).body).to.include(`group-${generation}`);
        }
      }
      configure('broken', { deadlineMs: 1 });
      const { status, body } = await ask(`${administration}/reload`, { method: 'POST' });
      expect([status, JSON.parse(body).generation]).to.deep.equal([409, 5]);
      configure('moved', { workers: 3 });
      const moved = await ask(`${administration}/reload`, { method: 'POST' });
      expect(JSON.parse(moved.body).faults.join()).to.match(/workers: cannot be changed while the server is running/);
      expect(await readiness()).to.include({ status: 'degraded', generation: 5 });
      expect((await ask(`${url}?userid=ada`, authorized)).body).to.include('group-5');
      configure('last');
      await ask(`${administration}/reload`, { method: 'POST' });
    });
    expect([...counts.keys()]).to.deep.equal(['200']);
    const text = await metrics();
    expect(numberOf(text, 'user_info_reload_generation')).to.equal(6);
  }).timeout(startMs);

  it('lose only the requests of a killed worker, and replace it', async () => {
    const before = numberOf(
      await metrics(),
      'http_server_request_duration_seconds_count{http_response_status_code="200",source="static"}',
    );
    const [victim = 0] = workerPids();
    const clients = 6;
    const counts = await underLoad(clients, async () => {
      process.kill(victim, 'SIGKILL');
      await eventually(workerPids, (pids) => pids.length === 2 && !pids.includes(victim));
      await eventually(readiness, ({ status }) => status === 'ready');
    });
    const lost = [...counts].filter(([seen]) => seen !== '200');
    // At most one request is lost on each connection of the killed worker, and no connection is refused: the port stays open.
    expect(
      lost.map(([seen]) => seen).filter((seen) => !['ECONNRESET', 'EPIPE', 'ABORT_ERR'].includes(seen)),
    ).to.deep.equal([]);
    expect(lost.reduce((sum, [, count]) => sum + count, 0)).to.be.at.most(clients);
    expect(counts.get('200')).to.be.greaterThan(clients);
    const text = await metrics();
    expect(numberOf(text, 'user_info_worker_restarts_total')).to.equal(1);
    expect(numberOf(text, 'user_info_reload_generation')).to.equal(6);
    const after = numberOf(
      text,
      'http_server_request_duration_seconds_count{http_response_status_code="200",source="static"}',
    );
    expect(after, 'counts never go back').to.be.at.least(before);
    for (let asked = 0; asked < 4; asked++)
      expect((await ask(`${url}?userid=ada`, authorized)).body).to.include('"last"');
  }).timeout(startMs);

  it('share their count of failed logins', async () => {
    const statuses: number[] = [];
    for (let guess = 0; guess < 6; guess++) {
      const headers = { authorization: basicHeader('api', `wrong-${guess}`) };
      statuses.push((await ask(`${url}?userid=ada`, { headers })).status);
    }
    expect(statuses).to.deep.equal([401, 401, 401, 401, 429, 429]);
  });

  it('stop together, and leave only complete lines', async () => {
    serving.child.kill('SIGTERM');
    const { exitCode, stdout, stderr } = await serving.ended();
    expect([exitCode, stderr]).to.deep.equal([0, '']);
    const messages = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).msg);
    expect(messages.filter((msg) => msg === 'stopped')).to.have.length(2);
    expect(messages.at(-1)).to.equal('all workers stopped');
  });

  it('that cannot start exit with the same reason and exit code as a single process', async () => {
    configure('first', {
      source: { type: 'csv', path: 'faulty.csv', columns: { userid: 'u', groups: [{ column: 'g' }] } },
    });
    writeFileSync(join(dirname(file), 'faulty.csv'), 'no such column\n');
    const { exitCode, stderr } = await runCli(['serve', '--config', file], { API_PASSWORD: 'right' });
    expect(exitCode).to.equal(3);
    expect(stderr).to.match(/^user-info: .*faulty\.csv is rejected: it has errors:\n/);
    const dev = await runCli(['serve', '--dev', '--workers', '2']);
    expect([dev.exitCode, dev.stderr]).to.deep.equal([
      2,
      'user-info: --workers requires --config. The development server has one process.\n',
    ]);
  }).timeout(startMs);
});
