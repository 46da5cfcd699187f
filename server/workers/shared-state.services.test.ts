// Tests what workers share: verified logins, known callers, and TLS sessions; and how dead workers are replaced.
import { execFileSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type ConnectionOptions, connect } from 'node:tls';
import { expect } from 'chai';
import { ask, basicHeader, readToEnd } from '../../tests/ask-server.ts';
import { certificateFiles, scratchDirectory } from '../../tests/certificate-files.ts';
import { eventually } from '../../tests/reloadable-server.ts';
import { type CliProcess, startCli } from '../../tests/run-cli.ts';
import { hashPassword } from '../auth/password-hash.ts';

const startMs = 120_000;
/** A limit for the start of a process on a busy machine. */
const processStartMs = 60_000;

describe('workers share', () => {
  const running: CliProcess[] = [];
  let directory: string;
  let passwordHash: string;

  before(async () => {
    passwordHash = await hashPassword('right');
  });
  beforeEach(() => {
    directory = scratchDirectory();
    writeFileSync(join(directory, 'hash'), passwordHash, { mode: 0o600 });
  });
  afterEach(async () => {
    for (const { child, ended } of running.splice(0)) {
      child.kill('SIGTERM');
      await ended();
    }
  });

  function configure(sections: object): string {
    const file = join(directory, 'user-info.json');
    const whole = {
      listener: { port: 0 },
      administration: { port: 0 },
      workers: 2,
      authentication: { mode: 'none' },
      source: { type: 'static', users: { ada: { groups: ['engineering'] } } },
      reload: { watch: false },
      ...sections,
    };
    writeFileSync(file, JSON.stringify(whole));
    return file;
  }

  async function start(sections: object) {
    const serving = startCli(['serve', '--config', configure(sections)]);
    running.push(serving);
    const [, url = '', administration = ''] = await serving.printed(
      'stdout',
      /"url":"([^"]+)","administrationUrl":"([^"]+)","workers":2/,
    );
    return { serving, url: `${url}?userid=ada`, administration };
  }

  function authentication(failedLogins: object, others: object = {}) {
    const credentials = [{ username: 'api', passwordHash: `\${file:${join(directory, 'hash')}}` }];
    return { mode: 'basic', basic: { credentials, ...others }, failedLogins: { windowSeconds: 600, ...failedLogins } };
  }

  /** Sends each request over a new connection, because connections are distributed over the workers. */
  async function statusesOf(count: number, url: string, password: string, address?: string): Promise<number[]> {
    const statuses: number[] = [];
    for (let asked = 0; asked < count; asked++) {
      const authorization = basicHeader('api', password);
      const headers = { authorization, ...(address !== undefined && { 'X-Forwarded-For': address }) };
      statuses.push((await ask(url, { headers })).status);
    }
    return statuses;
  }

  function workerPids({ child }: CliProcess): number[] {
    const children = execFileSync('ps', ['-o', 'pid=,args=', '--ppid', String(child.pid)], { encoding: 'utf8' });
    return [...children.matchAll(/^ *(\d+) .*cli\/main\.\w+ serve/gm)].map(([, pid]) => Number(pid));
  }

  async function replaceOneOf(serving: CliProcess, administration: string): Promise<void> {
    const [victim = 0] = workerPids(serving);
    process.kill(victim, 'SIGKILL');
    await eventually(
      () => workerPids(serving),
      (pids) => pids.length === 2 && !pids.includes(victim),
      processStartMs,
    );
    await eventually(
      async () => JSON.parse((await ask(`${administration}/readyz`)).body),
      ({ status }) => status === 'ready',
      processStartMs,
    );
  }

  it('verified credentials: the verification of one worker is sufficient', async () => {
    const { url } = await start({ authentication: authentication({ max: 1 }) });
    expect(await statusesOf(1, url, 'right')).to.deep.equal([200]);
    // After this, no worker verifies credentials from this address anymore.
    expect(await statusesOf(2, url, 'wrong')).to.deep.equal([401, 429]);
    expect(await statusesOf(6, url, 'right')).to.deep.equal([200, 200, 200, 200, 200, 200]);
  }).timeout(startMs);

  it('known callers, including with the worker that replaces a dead one', async () => {
    const { serving, url, administration } = await start({
      listener: { port: 0, trustProxy: { addresses: ['127.0.0.1'] } },
      authentication: authentication({ max: 50, maxByUsername: 3 }, { verifiedForSeconds: 1 }),
    });
    const platform = '198.51.100.1';
    expect(await statusesOf(1, url, 'right', platform)).to.deep.equal([200]);
    const guesses: number[] = [];
    for (let host = 1; host < 6; host++) guesses.push(...(await statusesOf(1, url, 'wrong', `192.0.2.${host}`)));
    expect(guesses).to.deep.equal([401, 401, 401, 429, 429]);
    // Waits longer than outcomes are cached.
    await delay(1500);
    expect(await statusesOf(1, url, 'right', '192.0.2.99'), 'an unknown address').to.deep.equal([429]);
    expect(await statusesOf(4, url, 'right', platform)).to.deep.equal([200, 200, 200, 200]);
    await replaceOneOf(serving, administration);
    await delay(1500);
    expect(await statusesOf(4, url, 'right', platform), 'after a worker’s death').to.deep.equal([200, 200, 200, 200]);
  }).timeout(startMs);

  it('TLS sessions: any worker resumes the session of another, until a reload changes the certificates', async () => {
    const { listenerTls, good, crl } = await certificateFiles();
    const listener = { port: 0, tls: listenerTls };
    const { url, administration } = await start({ listener });
    const over = (options: ConnectionOptions) => handshake(url, { ca: good.ca.certificate, ...options });
    const began = [];
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
      const pinned = { minVersion: version, maxVersion: version };
      const { session } = await over(pinned);
      if (!session) expect.fail('no session');
      began.push({ ...pinned, session });
      const reused: boolean[] = [];
      for (let resumed = 0; resumed < 6; resumed++) reused.push((await over({ ...pinned, session })).isReused);
      expect(reused, version).to.deep.equal([true, true, true, true, true, true]);
    }
    configure({
      listener: { port: 0, tls: { ...listenerTls, crl: [crl] } },
      authentication: { mode: 'none', clientCertificate: { request: 'none' } },
    });
    expect((await ask(`${administration}/reload`, { method: 'POST' })).status).to.equal(200);
    // Certificates are not requested, so nothing has changed for handshakes: sessions stay valid.
    for (const options of began) expect((await over(options)).isReused).to.equal(true);
    const other = await certificateFiles();
    const renewed = join(directory, 'renewed.pem');
    writeFileSync(renewed, other.good.server.certificate + other.good.ca.certificate);
    configure({ listener: { port: 0, tls: { ...listenerTls, certificate: renewed } } });
    expect((await ask(`${administration}/reload`, { method: 'POST' })).status).to.equal(200);
    for (const options of began) {
      for (let shown = 0; shown < 2; shown++) expect((await over(options)).isReused).to.equal(false);
    }
  }).timeout(startMs);

  it('TLS sessions with a worker that started while a reload changed the certificates', async () => {
    const { listenerTls, good } = await certificateFiles();
    const [certificate = '', hold = '', held = ''] = ['server.pem', 'hold', 'held'].map((name) =>
      join(directory, name),
    );
    writeFileSync(certificate, good.server.certificate);
    writeFileSync(
      join(directory, 'source.mjs'),
      `import { existsSync, writeFileSync } from 'node:fs';
      // A process that starts while the file exists waits until the file is removed.
      globalThis.isHeld ??= existsSync('${hold}');
      export default () => ({
        findUser: async () => ({ groups: [], authorizations: {} }),
        async check() {
          if (globalThis.isHeld) writeFileSync('${held}', '');
          while (globalThis.isHeld && existsSync('${hold}')) await new Promise((resolve) => setTimeout(resolve, 20));
        },
        close: async () => {},
      });`,
    );
    const { serving, url, administration } = await start({
      listener: { port: 0, tls: { ...listenerTls, certificate } },
      source: { type: 'module', path: 'source.mjs' },
    });
    const pinned = { ca: good.ca.certificate, maxVersion: 'TLSv1.2' } as const;
    const { session: old } = await handshake(url, pinned);
    if (!old) expect.fail('no session');
    writeFileSync(hold, '');
    const [victim = 0] = workerPids(serving);
    process.kill(victim, 'SIGKILL');
    // The replacement has read its files and waits for its source.
    await eventually(() => existsSync(held), Boolean, processStartMs);
    writeFileSync(certificate, good.server.certificate + good.ca.certificate);
    expect((await ask(`${administration}/reload`, { method: 'POST' })).status).to.equal(200);
    rmSync(hold);
    const readiness = async () => JSON.parse((await ask(`${administration}/readyz`)).body);
    await eventually(readiness, ({ status, generation }) => status === 'ready' && generation >= 3, processStartMs);
    const { session } = await handshake(url, pinned);
    if (!session) expect.fail('no session');
    const reused = { old: [] as boolean[], latest: [] as boolean[] };
    for (let count = 0; count < 6; count++) {
      reused.old.push((await handshake(url, { ...pinned, session: old })).isReused);
      reused.latest.push((await handshake(url, { ...pinned, session })).isReused);
    }
    expect(reused).to.deep.equal({ old: Array(6).fill(false), latest: Array(6).fill(true) });
  }).timeout(startMs);

  it('the shutdown: a starting worker does not delay it', async () => {
    const { serving } = await start({});
    const [victim = 0] = workerPids(serving);
    process.kill(victim, 'SIGKILL');
    // The replacement exists but does not serve requests yet.
    await eventually(
      () => workerPids(serving),
      (pids) => pids.length === 2 && !pids.includes(victim),
      processStartMs,
    );
    serving.child.kill('SIGTERM');
    expect((await serving.ended()).exitCode).to.equal(0);
  }).timeout(startMs);

  it('the effects of a hanging worker: it is killed and replaced', async () => {
    const { serving, url } = await start({ workerTimeoutSeconds: 1 });
    const [victim = 0] = workerPids(serving);
    process.kill(victim, 'SIGSTOP');
    await serving.printed(
      'stdout',
      new RegExp(`"pid":${victim},[^\n]*"msg":"a worker does not respond; it is killed"`),
    );
    await serving.printed('stdout', /"msg":"a worker is serving"/);
    expect(() => process.kill(victim, 0)).to.throw('ESRCH');
    for (let asked = 0; asked < 4; asked++) expect((await ask(url)).status).to.equal(200);
    serving.child.kill('SIGTERM');
    expect((await serving.ended()).exitCode).to.equal(0);
  }).timeout(startMs);

  it('the shutdown: a hanging worker does not delay it', async () => {
    const { serving } = await start({ shutdown: { drainMs: 0, deadlineMs: 100 } });
    const [victim = 0] = workerPids(serving);
    process.kill(victim, 'SIGSTOP');
    serving.child.kill('SIGTERM');
    const { exitCode, stdout } = await serving.ended();
    expect(exitCode).to.equal(0);
    expect(stdout).to.include('"finished":false,"msg":"all workers stopped"');
    expect(() => process.kill(victim, 0)).to.throw('ESRCH');
  }).timeout(startMs);

  it('no failure: a replacement that cannot start waits longer each time, others continue, and a fixed file resolves it', async () => {
    const { serving, url, administration } = await start({});
    configure({ deadlineMs: 'broken' });
    const [victim = 0] = workerPids(serving);
    process.kill(victim, 'SIGKILL');
    for (const pauseMs of [500, 1000, 2000]) {
      await serving.printed('stdout', new RegExp(`"pauseMs":${pauseMs},"msg":"a worker exited`));
      expect((await ask(url)).status).to.equal(200);
    }
    await serving.printed('stdout', /"reason":"[^\n]+deadlineMs[^\n]+a worker cannot start/);
    const { status, reasons } = JSON.parse((await ask(`${administration}/readyz`)).body);
    expect([status, reasons.join()]).to.deep.equal(['degraded', '1 of 2 workers are ready.']);
    configure({});
    await eventually(
      async () => JSON.parse((await ask(`${administration}/readyz`)).body).status,
      (now) => now === 'ready',
      processStartMs,
    );
  }).timeout(startMs);
});

/** Sends one request over a new connection. */
async function handshake(url: string, options: ConnectionOptions) {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), ...options });
  let session: Buffer | undefined;
  let isReused = false;
  socket.on('session', (latest: Buffer) => {
    session = latest;
  });
  socket.once('secureConnect', () => {
    isReused = socket.isSessionReused();
  });
  socket.write('GET /user-info?userid=ada HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
  expect(await readToEnd(socket)).to.match(/^HTTP\/1\.1 200 /);
  return { session, isReused };
}
