// Tests examples/mounted as its reader starts it: as a separate process with the built package, over HTTP, and stopped by SIGTERM.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { runConformance } from '../conformance/run-conformance.ts';
import { ask, askOrRefused, basicHeader, keepAliveAgent } from './ask-server.ts';

const projectRoot = dirname(import.meta.dirname);
const program = join(projectRoot, 'examples/mounted/app.mjs');
const password = 'canary:password';
const authorized = { headers: { authorization: basicHeader('immuta', password) } };

interface RunningExample {
  readonly child: ChildProcess;
  /** The endpoint's URL, as it was printed. */
  readonly url: string;
  /** Stops the example as an operator does. @returns its exit code and its log lines. */
  stop(): Promise<{ exitCode: number | null; log: ReadonlyArray<Record<string, unknown>> }>;
}

function spawnExample(environment: NodeJS.ProcessEnv): ChildProcess {
  const { USER_INFO_PASSWORD: _ofThisProcess, ...others } = process.env;
  return spawn(process.execPath, [program], {
    env: { ...others, PORT: '0', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Collects the output of a stream. @returns a function that reads the output so far. */
function hear(stream: NodeJS.ReadableStream | null): () => string {
  let heard = '';
  stream?.setEncoding('utf8').on('data', (part: string) => {
    heard += part;
  });
  return () => heard;
}

async function startExample(): Promise<RunningExample> {
  const child = spawnExample({ USER_INFO_PASSWORD: password });
  const stdout = hear(child.stdout);
  const stderr = hear(child.stderr);
  const closed = once(child, 'close');
  const findUrl = () => /^listening on (\S+)\n/.exec(stdout())?.[1];
  while (findUrl() === undefined && child.exitCode === null) {
    await Promise.race([closed, once(child.stdout as NodeJS.ReadableStream, 'data')]);
  }
  const url = findUrl();
  if (url === undefined) throw new Error(`it did not listen: ${stdout()}${stderr()}`);
  return {
    child,
    url,
    async stop() {
      child.kill('SIGTERM');
      const [exitCode] = await closed;
      expect(stderr()).to.equal('');
      const [, ...lines] = stdout().split('\n').filter(Boolean);
      return { exitCode, log: lines.map((line) => JSON.parse(line)) };
    },
  };
}

describe('the example of a mounted endpoint', () => {
  let example: RunningExample;

  before(() => {
    expect(existsSync(join(projectRoot, 'dist')), 'dist/ is missing: run npm run build').to.equal(true);
  });
  beforeEach(async () => {
    example = await startExample();
  });
  afterEach(() => {
    example.child.kill('SIGKILL');
  });

  it('returns user info only for the correct credentials', async () => {
    const ada = `${example.url}?userid=ada@example.com`;
    const { status, body } = await ask(ada, authorized);
    expect([status, JSON.parse(body)]).to.deep.equal([
      200,
      { groups: [{ name: 'analysts' }], authorizations: { region: ['emea', 'apac'] } },
    ]);
    const refused = await ask(ada);
    expect(refused.status).to.equal(401);
    expect(refused.headers['www-authenticate']).to.match(/^Basic realm=/);
    const wrong = { headers: { authorization: basicHeader('immuta', 'canary') } };
    expect((await ask(ada, wrong)).status).to.equal(401);
    expect((await ask(`${example.url}?userid=eve@example.com`, authorized)).status).to.equal(404);
  });

  it('serves its own route too, without credentials, and leaves other paths to the application', async () => {
    const about = await ask(new URL('/about', example.url).href);
    expect([about.status, JSON.parse(about.body)]).to.deep.equal([200, { name: 'people', users: 2 }]);
    expect((await ask(new URL('/iam/other', example.url).href)).headers['content-type']).to.match(/^text\/html/);
  });

  it('conforms', async () => {
    const { verdict, summary } = await runConformance({
      url: example.url,
      auth: 'basic',
      username: 'immuta',
      password,
      knownUsers: ['ada@example.com', 'grace@example.com'],
      failedLoginSpacingMs: 0,
    });
    expect({ verdict, ...summary }).to.include({ verdict: 'conforms', failed: 0, untestable: 0, error: 0 });
  });

  it('exits with 0 on SIGTERM, even when a client keeps its connection open', async () => {
    const agent = keepAliveAgent(example.url);
    expect((await ask(`${example.url}?userid=ada@example.com`, { ...authorized, agent })).status).to.equal(200);
    expect((await example.stop()).exitCode).to.equal(0);
    expect(await askOrRefused(example.url)).to.equal('ECONNREFUSED');
    agent.destroy();
  });

  it('logs a line for each request to the endpoint, without user ids or passwords', async () => {
    await ask(`${example.url}?userid=ada@example.com`, authorized);
    await ask(`${example.url}?userid=canary-eve`, authorized);
    await ask(`${example.url}?userid=ada@example.com`);
    const { log } = await example.stop();
    expect(log.map(({ status, code, caller }) => ({ status, code, caller }))).to.deep.equal([
      { status: 200, code: null, caller: 'basic:immuta' },
      { status: 404, code: 'user-unknown', caller: 'basic:immuta' },
      { status: 401, code: 'credentials-missing', caller: null },
    ]);
    expect(JSON.stringify(log)).not.to.match(/ada@|canary/);
  });

  it('reports a missing password, and does not listen', async () => {
    const child = spawnExample({});
    const stdout = hear(child.stdout);
    const stderr = hear(child.stderr);
    const [exitCode] = await once(child, 'close');
    expect([exitCode, stdout()]).to.deep.equal([2, '']);
    expect(stderr()).to.contain('USER_INFO_PASSWORD');
  });
});
