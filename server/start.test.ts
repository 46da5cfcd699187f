// Tests of the whole server: start, readiness and shutdown.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
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
import { certificateFiles, scratchDirectory } from '../tests/certificate-files.ts';
import { assertMatchesOpenApi } from '../tests/openapi-response.ts';
import { startServer } from '../tests/start-server.ts';
import { adaBody, type ConfigSections, configOf, secretReference, stoppedAfterEach } from '../tests/test-server.ts';

const basic: ConfigSections = {
  authentication: {
    mode: 'basic',
    basic: { credentials: [{ username: 'api', password: secretReference('API_PASSWORD') }] },
  },
};
const environment = { API_PASSWORD: 'right' };
const authorized = { headers: { authorization: basicHeader('api', 'right') } };

describe('the server', () => {
  const startTestServer = stoppedAfterEach();
  const start = (sections: ConfigSections = {}) => startTestServer(sections, environment);

  describe('that was started', () => {
    it('responds as openapi.yaml describes, over HTTP and over HTTPS', async () => {
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

    it('responds with 429 above the limit of requests per second', async () => {
      const server = await start({ listener: { maxRequestsPerSecond: 3 } });
      const answers = await Promise.all(Array.from({ length: 12 }, () => ask(server.adaUrl)));
      const refused = answers.filter(({ status }) => status === 429);
      // The requests can span at most two one-second windows, each of which allows three.
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
      expect(await show('/readyz')).to.deep.equal({
        status: 200,
        body: { status: 'ready', reasons: [], generation: 1 },
      });
      const version = { name: 'user-info-kit', version: kitVersion, node: process.version };
      expect(await show('/version')).to.deep.equal({ status: 200, body: version });
    });

    it('metrics, each line in the Prometheus text format', async () => {
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

    it('that it is not ready while it drains, although it still responds', async () => {
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
    it('closes idle and unused connections, and accepts no new ones', async () => {
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
        // If the server waited for a connection, it would wait for ten minutes.
        expect(await server.stop(), 'nothing had to be cut').to.equal(true);
        expect(await unused).to.equal('');
        expect(await askOrRefused(server.adaUrl, { ca })).to.equal('ECONNREFUSED');
        agent.destroy();
        secure.destroy();
      }
    });

    it('completes a request that had begun before, and closes its connection', async () => {
      const { server, socket } = await startWithHalfARequest();
      const stopped = server.stop();
      while (typeof (await askOrRefused(server.adaUrl)) !== 'string');
      socket.write('\r\n');
      const answer = parseAnswer(await readToEnd(socket));
      expect([answer.status, answer.body, answer.headers.connection]).to.deep.equal([200, adaBody, 'close']);
      expect(await stopped).to.equal(true);
    });

    it('responds with 503 to a request that is completely received after idle connections were closed', async () => {
      const { server, socket } = await startWithHalfARequest();
      const idle = readToEnd(await openSocket(server.url));
      const stopped = server.stop();
      await idle;
      socket.write('\r\n');
      const answer = parseAnswer(await readToEnd(socket));
      expect([answer.status, JSON.parse(answer.body).code]).to.deep.equal([503, 'server-draining']);
      expect(answer.headers).to.include({ connection: 'close' }).and.to.have.property('retry-after');
      expect(await stopped).to.equal(true);
    });

    async function startWithHalfARequest() {
      const server = await start({ shutdown: { deadlineMs: 10_000 } });
      const socket = await openSocket(server.url);
      socket.write('GET /user-info?userid=ada HTTP/1.1\r\nHost: localhost\r\n');
      // The first half has arrived once a second connection has received its response.
      await ask(server.adaUrl);
      return { server, socket };
    }

    it('closes each connection with its next response while it drains', async () => {
      const server = await start({ shutdown: { drainMs: 2000 } });
      const targets = ['?userid=ada', '?userid=eve', '?userid=', '/below'];
      const agents = targets.map(() => keepAliveAgent(server.url));
      const askAll = () =>
        Promise.all(targets.map((target, index) => ask(server.url + target, { agent: agents[index] })));
      const connectionsOf = (answers: Awaited<ReturnType<typeof askAll>>) =>
        answers.map(({ status, headers }) => [status, headers.connection]);
      const expected = (connection: string) => [200, 404, 400, 404].map((status) => [status, connection]);
      expect(connectionsOf(await askAll())).to.deep.equal(expected('keep-alive'));
      const stopped = server.stop();
      expect(connectionsOf(await askAll())).to.deep.equal(expected('close'));
      await stopped;
      for (const agent of agents) agent.destroy();
    });

    it('closes unfinished connections at the deadline, and reports them', async () => {
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

    it('stops once, however often a stop is requested', async () => {
      const server = await start();
      const [first, second] = [server.stop(), server.stop()];
      expect(first).to.equal(second);
      await first;
      const lines = await server.stopAndReadLog();
      expect(lines.filter(({ msg }) => msg === 'stopped')).to.have.length(1);
    });
  });

  describe('that cannot start leaves nothing open', () => {
    async function expectFailure(sections: ConfigSections, code: string): Promise<void> {
      const config = configOf(sections, environment);
      const handles = () =>
        process
          .getActiveResourcesInfo()
          // Excludes requests such as FSReqPromise, which end by themselves.
          .filter((name) => /TCP|FSEvent/.test(name))
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

    it('when its port or the administration port is in use', async () => {
      const blocker = createServer().listen(0, '127.0.0.1');
      await once(blocker, 'listening');
      const { port } = blocker.address() as { port: number };
      await expectFailure({ listener: { port } }, 'EADDRINUSE');
      await expectFailure({ administration: { port } }, 'EADDRINUSE');
      blocker.close();
    });

    it('when a key is missing or a certificate is invalid', async () => {
      const { listenerTls } = await certificateFiles();
      const noPem = join(scratchDirectory(), 'no.pem');
      writeFileSync(noPem, 'no certificate');
      await expectFailure({ listener: { tls: { ...listenerTls, key: `${noPem}.gone` } } }, 'ConfigError');
      await expectFailure({ listener: { tls: { ...listenerTls, certificate: noPem } } }, 'ConfigError');
    });

    it('when the log cannot be opened', async () => {
      await expectFailure(
        { logging: { destination: join(scratchDirectory(), 'no', 'such', 'directory') } },
        'ConfigError',
      );
    });

    it('when the source is not ready', async () => {
      const path = join(scratchDirectory(), 'faulty.csv');
      writeFileSync(path, 'no such column\n');
      await expectFailure(
        { source: { type: 'csv', path, columns: { userid: 'u', groups: [{ column: 'g' }] } } },
        'SourceError',
      );
    });

    it('so that its process ends', async () => {
      const script = `
        import { startServer } from ${JSON.stringify(new URL('../tests/start-server.ts', import.meta.url).href)};
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

  it('returns the body that the configuration describes', async () => {
    expect((await ask((await start()).adaUrl)).body).to.equal(adaBody);
  });
});
