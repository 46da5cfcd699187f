// Tests that a server retains no memory for finished work (connections, requests, guesses, scrapes, reloads), in the primary and in each worker.
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { type AskOptions, ask, basicHeader, keepAliveAgent, openSocket } from './ask-server.ts';
import { certificateFiles, scratchDirectory } from './certificate-files.ts';
import { eventually } from './reloadable-server.ts';
import { type CliProcess, startCli } from './run-cli.ts';
import { secretReference } from './test-server.ts';

interface MemoryUse {
  readonly heapUsed: number;
  readonly rss: number;
}

const clients = 8;
/** The first run compiles code and grows tables; its growth is ignored. */
const turns = 6;
/** Memory may grow during a run for other reasons, but anything that is retained for each of hundreds of requests is visible in every run. */
const heapBoundBytes = 100_000;
/** Limit for memory pages, which include allocations outside of the heap, for example by OpenSSL. */
const residentBoundBytes = 1_000_000;

describe('nothing stays in memory after', function () {
  this.timeout(180_000);
  let serving: CliProcess;
  let url: string;
  let administration: string;
  let directory: string;
  let tls: AskOptions;
  let authorization: string;
  let count = 0;

  before(async () => {
    const { good, listenerTls } = await certificateFiles();
    directory = scratchDirectory();
    tls = { ca: good.ca.certificate, cert: good.client.certificate, key: good.client.key };
    authorization = basicHeader('platform', 'right');
    const file = join(directory, 'user-info.json');
    const config = {
      listener: { port: 0, tls: listenerTls },
      administration: { port: 0 },
      workers: 2,
      authentication: {
        mode: 'both',
        basic: { credentials: [{ username: 'platform', password: secretReference('API_PASSWORD') }] },
        clientCertificate: { allow: [{ dns: 'platform.example.test' }] },
        failedLogins: { max: 100_000, maxByUsername: 100_000, windowSeconds: 1 },
      },
      source: { type: 'static', users: { ada: { groups: ['engineering'] } } },
      guards: { cache: { ttlSeconds: 1, maxEntries: 100 }, coalesce: true },
      audit: { file: 'audit.jsonl' },
      reload: { watch: false },
    };
    writeFileSync(file, JSON.stringify(config));
    serving = startCli(['serve', '--config', file], {
      API_PASSWORD: 'right',
      MEMORY_FOLDER: directory,
      NODE_OPTIONS: `--import=${fileURLToPath(new URL('write-memory.mjs', import.meta.url))}`,
    });
    const started = /"url":"([^"]+)","administrationUrl":"([^"]+)","workers":2/;
    [, url = '', administration = ''] = await serving.printed('stdout', started);
  });
  after(async () => {
    serving.child.kill('SIGTERM');
    await serving.ended();
  });

  /** Returns the memory use of the primary first, then of each worker. */
  async function readMemory(): Promise<MemoryUse[]> {
    const { pid } = serving.child;
    const children = execFileSync('ps', ['-o', 'pid=', '--ppid', String(pid)], { encoding: 'utf8' });
    const pids = [pid, ...children.trim().split('\n').map(Number)];
    return Promise.all(
      pids.map(async (each = 0) => {
        const reportFile = join(directory, `${each}.json`);
        rmSync(reportFile, { force: true });
        process.kill(each, 'SIGUSR2');
        await eventually(() => existsSync(reportFile), Boolean);
        return JSON.parse(readFileSync(reportFile, 'utf8')) as MemoryUse;
      }),
    );
  }

  async function times(number: number, work: () => Promise<unknown>): Promise<void> {
    let left = number;
    const client = async () => {
      while (left-- > 0) await work();
    };
    await Promise.all(Array.from({ length: clients }, client));
  }

  /** @param settleMs time until connections have ended and caches have expired. */
  async function expectNoGrowth(work: () => Promise<void>, settleMs = 300): Promise<void> {
    const seen: MemoryUse[][] = [];
    for (let turn = 0; turn < turns; turn++) {
      await work();
      await delay(settleMs);
      seen.push(await readMemory());
    }
    for (const index of seen[0]?.keys() ?? []) {
      const growths = (what: keyof MemoryUse) => {
        const sizes = seen.map((sample) => sample[index]?.[what] ?? Number.NaN);
        return sizes.slice(1).map((size, turn) => size - (sizes[turn] ?? Number.NaN));
      };
      const [heap, resident] = [growths('heapUsed'), growths('rss')];
      const message = `process ${index} grew by turns: heap ${heap.join(', ')}, resident ${resident.join(', ')} bytes`;
      expect(Math.min(...heap), message).to.be.below(heapBoundBytes);
      expect(Math.min(...resident), message).to.be.below(residentBoundBytes);
    }
  }

  /** Sends requests over persistent connections, and asserts the status of each response. */
  async function send(number: number, path: () => string, header: () => string, status: number): Promise<void> {
    const agents = Array.from({ length: clients }, () => keepAliveAgent(url, tls));
    let turn = 0;
    await times(number, async () => {
      const options = { agent: agents[turn++ % clients], headers: { authorization: header() } };
      expect((await ask(url + path(), options)).status).to.equal(status);
    });
    for (const agent of agents) agent.destroy();
  }

  it('a connection', () =>
    expectNoGrowth(() =>
      times(500, async () => {
        const options = { ...tls, headers: { authorization } };
        expect((await ask(`${url}?userid=ada`, options)).status).to.equal(200);
      }),
    ));

  it('a connection that is closed during the handshake', () =>
    expectNoGrowth(() =>
      times(1500, async () => {
        const socket = await openSocket(url);
        socket.on('error', () => undefined).destroy();
        await once(socket, 'close');
      }),
    ));

  it('a request, for a different user each time', () => {
    const nobody = () => `?userid=nobody-${count++}`;
    return expectNoGrowth(() => send(3000, nobody, () => authorization, 404));
  });

  it('a wrong login, with a different name each time', () => {
    const guess = () => basicHeader(`guesser-${count++}`, 'guess');
    return expectNoGrowth(() => send(800, () => '?userid=ada', guess, 401), 1200);
  });

  it('a scrape and a probe', () =>
    expectNoGrowth(() =>
      times(150, async () => {
        expect((await ask(`${administration}/metrics`)).status).to.equal(200);
        expect((await ask(`${administration}/readyz`)).status).to.equal(200);
      }),
    ));

  it('a reload', () =>
    expectNoGrowth(async () => {
      for (let turn = 0; turn < 15; turn++) {
        expect((await ask(`${administration}/reload`, { method: 'POST' })).status).to.equal(200);
      }
    }));
});
