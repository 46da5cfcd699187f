// Owns the proof that the whole server starts, tells how it is, logs what it may, and ends as it was told to.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { expect } from 'chai';
import { kitVersion } from '../schemas/kit-version.ts';
import {
  ask,
  askOrRefused,
  basicHeader,
  keepAliveAgent,
  openSocket,
  parseAnswer,
  readToEnd,
} from '../tests/ask-server.ts';
import { certificateFiles, scratchFolder } from '../tests/certificate-files.ts';
import { assertMatchesOpenApi } from '../tests/openapi-response.ts';
import { adaBody, type ConfigSections, configOf, startTestServer, type TestServer } from '../tests/test-server.ts';
import { startServer } from './start.ts';

// `$` and the brace apart, so that these are no templates of JavaScript.
const reference = (name: string) => '$' + `{env:${name}}`;
const password = 'canary-password';
const basic: ConfigSections = {
  authentication: {
    mode: 'basic',
    basic: { credentials: [{ username: 'api', password: reference('API_PASSWORD') }] },
  },
};
const environment = { API_PASSWORD: password, HASH_KEY: 'canary-hash-key' };
const authorized = { headers: { authorization: basicHeader('api', password) } };

describe('the server', () => {
  const running: TestServer[] = [];

  afterEach(async () => {
    for (const server of running.splice(0)) await server.stop();
  });

  async function start(sections: ConfigSections = {}): Promise<TestServer> {
    const server = await startTestServer(sections, environment);
    running.push(server);
    return server;
  }

  describe('that was started', () => {
    it('answers as openapi.yaml says, over HTTP and over HTTPS', async () => {
      const { listenerTls, good } = await certificateFiles();
      for (const listener of [{}, { tls: listenerTls }]) {
        const server = await start({ ...basic, listener });
        const asked: Array<[target: string, method: string, status: number]> = [
          ['?userid=ada', 'GET', 200],
          ['?userid=ada', 'HEAD', 200],
          ['?userid=eve', 'GET', 404],
          ['?userid=eve', 'HEAD', 404],
          ['?userid=', 'GET', 400],
          ['?userid=ada', 'POST', 405],
          ['/below?userid=ada', 'GET', 404],
        ];
        for (const [target, method, status] of asked) {
          const answer = await ask(server.url + target, { ...authorized, method, ca: good.ca.certificate });
          expect(answer.status, `${method} ${target}`).to.equal(status);
          assertMatchesOpenApi(method, answer.status, answer.headers, answer.body);
        }
      }
    });

    it('answers 429 to what is above the limit of requests a second', async () => {
      const server = await start({ listener: { maxRequestsPerSecond: 3 } });
      const answers = await Promise.all(Array.from({ length: 12 }, () => ask(server.adaUrl)));
      const refused = answers.filter(({ status }) => status === 429);
      // Two whole seconds at most can be touched, each with three.
      expect(refused.length).to.be.within(6, 9);
      for (const { status, headers, body } of refused) {
        assertMatchesOpenApi('GET', status, headers, body);
        expect(JSON.parse(body).code).to.equal('too-many-requests');
      }
    });
  });

  describe('shows on its administration listener', () => {
    const administration = { administration: { port: 0 } };

    it('that it is alive, ready, and which version it is', async () => {
      const { administrationUrl } = await start(administration);
      const show = async (path: string) => {
        const { status, headers, body } = await ask(administrationUrl + path);
        expect(headers['cache-control']).to.equal('no-store');
        return { status, body: JSON.parse(body) };
      };
      expect(await show('/healthz')).to.deep.equal({ status: 200, body: { status: 'alive' } });
      expect(await show('/readyz')).to.deep.equal({ status: 200, body: { status: 'ready', reasons: [] } });
      const version = { name: 'user-info-kit', version: kitVersion, node: process.version };
      expect(await show('/version')).to.deep.equal({ status: 200, body: version });
    });

    it('metrics, each line of which is of the Prometheus text format', async () => {
      const server = await start(administration);
      for (const userid of ['ada', 'ada', 'canary-eve']) await ask(`${server.url}?userid=${userid}`);
      const { body, headers } = await ask(`${server.administrationUrl}/metrics`);
      expect(headers['content-type']).to.match(/^text\/plain; version=0\.0\.4/);
      const lines = body.split('\n').filter(Boolean);
      const line =
        /^(?:# (?:HELP|TYPE) [a-z_0-9]+ .+|[a-z_0-9]+(?:\{[a-z_0-9]+="[^"\\]*"(?:,[a-z_0-9]+="[^"\\]*")*\})? (?:-?[\d.e+-]+|[+-]Inf|NaN))$/i;
      expect(lines.filter((text) => !line.test(text))).to.deep.equal([]);
      const latest = (name: string, label: string) =>
        lines
          .find((text) => text.startsWith(`${name}{`) && text.includes(label))
          ?.split(' ')
          .at(-1);
      expect(latest('http_server_request_duration_seconds_count', '="200"')).to.equal('2');
      expect(latest('http_server_request_duration_seconds_count', '="404"')).to.equal('1');
      expect(latest('user_info_refusals_total', 'user-unknown')).to.equal('1');
      expect(latest('user_info_source_users', 'source="static"')).to.equal('1');
      expect(latest('user_info_source_stale', 'source="static"')).to.equal('0');
      expect(body).not.to.include('canary');
    });

    it('that it is not ready while it drains, and still answers', async () => {
      const server = await start({ ...administration, shutdown: { drainMs: 300 } });
      const stopped = server.stop();
      const { status, body } = await ask(`${server.administrationUrl}/readyz`);
      expect([status, JSON.parse(body).status]).to.deep.equal([503, 'not-ready']);
      expect((await ask(server.adaUrl)).status).to.equal(200);
      expect((await ask(`${server.administrationUrl}/healthz`)).status).to.equal(200);
      await stopped;
      expect(await askOrRefused(`${server.administrationUrl}/healthz`)).to.equal('ECONNREFUSED');
    });
  });

  describe('when it is stopped', () => {
    it('closes idle and unused connections at once, and takes no new ones', async () => {
      const { listenerTls, good } = await certificateFiles();
      const ca = good.ca.certificate;
      for (const listener of [{}, { tls: listenerTls }]) {
        const server = await start({ listener, shutdown: { deadlineMs: 600_000 } });
        const agent = keepAliveAgent(server.url, { ca });
        expect((await ask(server.adaUrl, { agent })).status).to.equal(200);
        const unused = readToEnd(await openSocket(server.url));
        const secure = connectTls({ port: Number(new URL(server.url).port), host: '127.0.0.1', ca });
        if ('tls' in listener) await once(secure, 'secureConnect');
        secure.on('error', () => undefined);
        // Whatever holds it up would do so for ten minutes.
        expect(await server.stop(), 'nothing had to be cut').to.equal(true);
        expect(await unused).to.equal('');
        expect(await askOrRefused(server.adaUrl, { ca })).to.equal('ECONNREFUSED');
        agent.destroy();
        secure.destroy();
      }
    });

    it('finishes a request that is under way, and answers what comes meanwhile with 503', async () => {
      const server = await start({ shutdown: { deadlineMs: 10_000 } });
      const socket = await openSocket(server.url);
      const half = 'GET /user-info?userid=ada HTTP/1.1\r\nHost: localhost\r\n';
      socket.write(half);
      // The first half has arrived when a second connection was answered.
      await ask(server.adaUrl);
      const stopped = server.stop();
      while (typeof (await askOrRefused(server.adaUrl)) !== 'string');
      socket.write('\r\n');
      const answer = parseAnswer(await readToEnd(socket));
      expect([answer.status, JSON.parse(answer.body).code]).to.deep.equal([503, 'server-draining']);
      expect(answer.headers).to.include({ connection: 'close' }).and.to.have.property('retry-after');
      expect(await stopped).to.equal(true);
    });

    it('cuts what is not finished at the deadline, and says so', async () => {
      const { listenerTls } = await certificateFiles();
      for (const listener of [{}, { tls: listenerTls }]) {
        const server = await start({ listener, shutdown: { deadlineMs: 50 } });
        const socket =
          'tls' in listener
            ? connectTls({ port: Number(new URL(server.url).port), host: '127.0.0.1', rejectUnauthorized: false })
            : await openSocket(server.url);
        socket.write('GET /user-info?userid=ada HTTP/1.1\r\n');
        await ask(server.adaUrl, { rejectUnauthorized: false });
        const heard = readToEnd(socket);
        const lines = await server.stopAndReadLog();
        expect(await server.stop()).to.equal(false);
        expect(await heard).to.equal('');
        expect(lines.at(-1)).to.include({ msg: 'stopped', finished: false });
      }
    });

    it('does so once, however often it is told', async () => {
      const server = await start();
      const [first, second] = [server.stop(), server.stop()];
      expect(first).to.equal(second);
      await first;
      const lines = await server.stopAndReadLog();
      expect(lines.filter(({ msg }) => msg === 'stopped')).to.have.length(1);
    });
  });

  describe('that can not start leaves nothing open', () => {
    async function expectFailure(sections: ConfigSections, code: string): Promise<void> {
      const config = configOf(sections, environment);
      const handles = () =>
        process
          .getActiveResourcesInfo()
          .filter((name) => /TCP|FS/.test(name))
          .sort();
      const before = handles();
      const failure = await startServer(config).then(
        () => null,
        (error: NodeJS.ErrnoException) => error.code ?? error.name,
      );
      expect(failure).to.equal(code);
      await new Promise((resolve) => setImmediate(resolve));
      expect(handles()).to.deep.equal(before);
    }

    it('when its port is taken, or the administration’s', async () => {
      const blocker = createServer().listen(0, '127.0.0.1');
      await once(blocker, 'listening');
      const { port } = blocker.address() as { port: number };
      await expectFailure({ listener: { port } }, 'EADDRINUSE');
      await expectFailure({ administration: { port } }, 'EADDRINUSE');
      blocker.close();
    });

    it('when a certificate is missing or is none', async () => {
      const { listenerTls } = await certificateFiles();
      const noPem = join(scratchFolder(), 'no.pem');
      writeFileSync(noPem, 'no certificate');
      await expectFailure({ listener: { tls: { ...listenerTls, key: `${noPem}.gone` } } }, 'ENOENT');
      await expectFailure({ listener: { tls: { ...listenerTls, certificate: noPem } } }, 'ERR_OSSL_PEM_NO_START_LINE');
    });

    it('when the log can not be opened', async () => {
      await expectFailure({ logging: { destination: join(scratchFolder(), 'no', 'such', 'folder') } }, 'ENOENT');
    });

    it('when the source can not serve', async () => {
      const path = join(scratchFolder(), 'gone.csv');
      await expectFailure(
        { source: { type: 'csv', path, columns: { userid: 'u', groups: [{ column: 'g' }] } } },
        'SourceError',
      );
    });

    it('so that its process ends by itself', async () => {
      const script = `
        import { startServer } from ${JSON.stringify(new URL('./start.ts', import.meta.url).href)};
        import { configOf } from ${JSON.stringify(new URL('../tests/test-server.ts', import.meta.url).href)};
        const first = await startServer(configOf({}));
        const port = Number(new URL(first.url).port);
        await startServer(configOf({ listener: { port } })).catch((error) => console.log(error.code));
        await first.stop();
        console.log('stopped');`;
      const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', script], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let output = '';
      child.stdout.on('data', (part) => {
        output += part;
      });
      const [code] = await once(child, 'exit');
      expect([code, output]).to.deep.equal([0, 'EADDRINUSE\nstopped\n']);
    });
  });

  describe('logs', () => {
    const requestLines = (lines: Array<Readonly<Record<string, unknown>>>) =>
      lines.filter(({ msg }) => msg === 'request');

    it('a JSON line for each request, with what an operator needs', async () => {
      const server = await start(basic);
      const answer = await ask(server.adaUrl, authorized);
      await ask(`${server.url}?userid=eve`, authorized);
      await ask(server.adaUrl);
      const lines = await server.stopAndReadLog();
      expect(lines[0]).to.include({ msg: 'listening', url: server.url, source: 'static' });
      const [found, unknown, refused] = requestLines(lines);
      const common = { level: 'info', method: 'GET', remoteAddress: '127.0.0.1', msg: 'request' };
      expect(found).to.include({
        ...common,
        status: 200,
        caller: 'basic:api',
        requestId: answer.headers['x-request-id'],
      });
      expect(unknown).to.include({ ...common, status: 404, code: 'user-unknown', caller: 'basic:api' });
      expect(refused).to.include({ ...common, status: 401, code: 'credentials-missing' });
      expect(refused).not.to.have.any.keys('userid', 'caller');
      expect(String(found?.time)).to.match(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
      expect(found?.durationMs).to.be.a('number');
    });

    async function useridsIn(logging: object): Promise<unknown[]> {
      const server = await start({ logging });
      for (const userid of ['ada', 'ada', 'eve']) await ask(`${server.url}?userid=${userid}`);
      return requestLines(await server.stopAndReadLog()).map(({ userid }) => userid);
    }

    it('userids hashed by default, alike within one run and not across runs', async () => {
      const [first, again, other] = await useridsIn({});
      expect(first)
        .to.match(/^[0-9a-f]{32}$/)
        .and.to.equal(again)
        .and.not.to.equal(other);
      expect((await useridsIn({}))[0]).not.to.equal(first);
    });

    it('userids hashed alike across runs under one key', async () => {
      const hashed = { userid: 'hashed', useridHashKey: reference('HASH_KEY') };
      expect(await useridsIn(hashed)).to.deep.equal(await useridsIn(hashed));
    });

    it('userids as they are, or not at all, where it was told so', async () => {
      expect(await useridsIn({ userid: 'shown' })).to.deep.equal(['ada', 'ada', 'eve']);
      expect(await useridsIn({ userid: 'hidden' })).to.deep.equal([undefined, undefined, undefined]);
    });

    it('userids so that no character of theirs breaks a line', async () => {
      const server = await start({ logging: { userid: 'shown' } });
      const userid = 'quote" back\\slash \u2028 😀';
      await ask(`${server.url}?userid=${encodeURIComponent(userid)}`);
      expect(requestLines(await server.stopAndReadLog())[0]?.userid).to.equal(userid);
    });

    it('no line for requests where it was told so', async () => {
      const server = await start({ logging: { accessLog: false } });
      await ask(server.adaUrl);
      const lines = await server.stopAndReadLog();
      expect(lines.map(({ msg }) => msg)).to.deep.equal(['listening', 'stopping', 'stopped']);
    });

    it('nothing below its level', async () => {
      const server = await start({ logging: { level: 'warn' } });
      await ask(server.adaUrl);
      expect(await server.stopAndReadLog()).to.deep.equal([]);
    });

    it('no password, no Authorization header, and no userid when they are hashed', async () => {
      const server = await start({
        ...basic,
        logging: { level: 'debug', useridHashKey: reference('HASH_KEY') },
      });
      const wrong = { headers: { authorization: basicHeader('api', 'canary-wrong') } };
      await ask(`${server.url}?userid=canary-userid`, authorized);
      await ask(`${server.url}?userid=canary-userid`, wrong);
      await ask(`${server.url}?userid=canary-userid`, { headers: { authorization: 'Basic canary-malformed' } });
      await ask(`${server.url}/canary-path?userid=canary-userid`, authorized);
      await server.stop();
      const log = readFileSync(server.logFile, 'utf8');
      expect(log.split('\n')).to.have.length(8);
      expect(log).not.to.match(/canary/);
      for (const { headers } of [authorized, wrong]) expect(log).not.to.include(headers.authorization.slice(6));
    });
  });

  describe('takes the request id', () => {
    const requestIdHeader = 'X-Correlation-Id';
    const uuid = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/;

    async function idOf(logging: object, given: string | string[]): Promise<string> {
      const server = await start({ logging });
      const { headers } = await ask(server.adaUrl, { headers: { [requestIdHeader]: given } });
      const id = String(headers['x-request-id']);
      expect(requestIdIn(await server.stopAndReadLog())).to.equal(id);
      return id;
    }
    const requestIdIn = (lines: Array<Readonly<Record<string, unknown>>>) =>
      lines.find(({ msg }) => msg === 'request')?.requestId;

    it('from the trusted header when it is well-formed', async () => {
      expect(await idOf({ requestIdHeader }, 'Trace_1.2-3')).to.equal('Trace_1.2-3');
    });

    it('from no header that is not trusted', async () => {
      expect(await idOf({}, 'Trace_1.2-3')).to.match(uuid);
    });

    const malformed: Array<[name: string, given: string | string[]]> = [
      ['empty', ''],
      ['too long', 'x'.repeat(129)],
      ['with a quote', 'x"'],
      ['with a space', 'x y'],
      ['above ASCII', 'caf\xe9'],
      ['sent twice', ['one', 'two']],
    ];
    for (const [name, given] of malformed) {
      it(`from nowhere when the header is ${name}`, async () => {
        expect(await idOf({ requestIdHeader }, given)).to.match(uuid);
      });
    }
  });

  it('appends to a log that exists', async () => {
    const destination = join(scratchFolder(), 'kept.log');
    for (let run = 0; run < 2; run += 1) await (await start({ logging: { destination } })).stop();
    expect(existsSync(destination)).to.equal(true);
    expect(readFileSync(destination, 'utf8').match(/"msg":"listening"/g)).to.have.length(2);
  });

  it('serves the body that the configuration describes', async () => {
    expect((await ask((await start()).adaUrl)).body).to.equal(adaBody);
  });
});
