// Tests that slow clients are disconnected while all other clients still get responses, with slowhttptest's three attacks and a client that never
// reads.
import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify, stripVTControlCharacters } from 'node:util';
import { expect } from 'chai';
import { ask, openSocket } from '../ask-server.ts';
import { startTestServer, type TestServer } from '../test-server.ts';

const run = promisify(execFile);

/** Connections of each attack. */
const connections = 60;
const attackSeconds = 5;
const askEveryMs = 50;
const testTimeoutMs = 40_000;

/** Delay of slowhttptest before the next piece: longer than the timeouts of the server below. */
const pieceSeconds = 2;

const slowHeaders = ['-H', '-i', `${pieceSeconds}`, '-x', '10'];
const slowContent = ['-B', '-i', `${pieceSeconds}`, '-s', '8192', '-x', '10'];
const slowReading = ['-X', '-n', `${pieceSeconds}`, '-w', '1', '-y', '2', '-z', '1', '-k', '9'];

/** @returns the exit status that slowhttptest reports. */
async function attack(url: string, options: readonly string[]): Promise<string> {
  const load = ['-u', url, '-c', `${connections}`, '-r', `${connections}`, '-l', `${attackSeconds}`, '-p', '1'];
  const { stdout } = await run('slowhttptest', [...load, ...options]);
  const [, end] = /Exit status: ([\w ]+)/.exec(stripVTControlCharacters(stdout)) ?? [];
  return end ?? stdout;
}

describe('slow clients', () => {
  let server: TestServer;
  before(async () => {
    server = await startTestServer({
      listener: { headersTimeoutMs: 1000, keepAliveTimeoutMs: 1000 },
      shutdown: { deadlineMs: 1000 },
    });
  });
  after(() => server.stop());

  it('are cut off when they send headers or content or read responses slowly, while others get responses', async () => {
    let attacking = true;
    const statuses = new Map<number, number>();
    async function askMeanwhile(): Promise<void> {
      while (attacking) {
        const { status } = await ask(server.adaUrl);
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
        await sleep(askEveryMs);
      }
    }
    const asking = askMeanwhile();
    const attacks = [slowHeaders, slowContent, slowReading].map((options) => attack(server.adaUrl, options));
    const [headersEnd, contentEnd] = await Promise.all(attacks);
    attacking = false;
    await asking;
    expect([...statuses.keys()]).to.deep.equal([200]);
    // A slow reader detects the disconnection only after it has read everything in transit.
    expect([headersEnd, contentEnd]).to.deep.equal(['No open connections left', 'No open connections left']);
    expect(await server.stop(), 'nothing had to be cut at the end').to.equal(true);
  }).timeout(testTimeoutMs);

  it('are cut off when they read no response, however many requests they have sent', async () => {
    const stalled = await startTestServer({ listener: { headersTimeoutMs: 300 } });
    const socket = (await openSocket(stalled.url)).setNoDelay(true).pause();
    socket.on('error', () => undefined);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    // Only complete requests are sent, so a header timeout never expires.
    const requests = 'GET /user-info?userid=nobody HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(100);
    while (!socket.destroyed) {
      if (socket.writableLength === 0) socket.write(requests);
      await sleep(1);
    }
    await closed;
    expect((await ask(stalled.adaUrl)).status).to.equal(200);
    expect(await stalled.stop()).to.equal(true);
  }).timeout(testTimeoutMs);

  it('that read slowly but continuously get every response', async () => {
    const patient = await startTestServer({ listener: { headersTimeoutMs: 300 } });
    const socket = (await openSocket(patient.url)).setEncoding('latin1');
    const count = 2000;
    socket.write('GET /user-info?userid=nobody HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(count));
    let heard = '';
    socket.on('data', (part: string) => {
      heard += part;
      socket.pause();
      setTimeout(() => socket.resume(), 20);
    });
    while ((heard.match(/HTTP\/1\.1 404/g) ?? []).length < count) await sleep(20);
    socket.destroy();
    await patient.stop();
  }).timeout(testTimeoutMs);
});
