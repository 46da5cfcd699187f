// Tests that no response exhausts the memory of `user-info conform`, and that the run ends with a report that names the error.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { builtProgram } from '../../tests/built-program.ts';

const preload = fileURLToPath(new URL('../../tests/report-peak-memory.mjs', import.meta.url));

function respond(body: string | Buffer, headers = ''): Buffer {
  const length = `Content-Length: ${Buffer.byteLength(body)}\r\n`;
  const head = `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n${length}${headers}\r\n`;
  return Buffer.concat([Buffer.from(head), Buffer.from(body)]);
}

const list = (length: number, write: (index: number) => string) =>
  Array.from({ length }, (_, index) => write(index)).join();

/** Serves the same bytes for every request while `use` runs. */
async function withAnswer<Result>(bytes: Buffer, use: (url: string) => Promise<Result>): Promise<Result> {
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    socket.once('data', () => socket.end(bytes));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    return await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}/user-info`);
  } finally {
    for (const socket of sockets) socket.destroy();
    server.close();
  }
}

async function conform(url: string, ...flags: string[]) {
  const args = ['--import', preload, builtProgram, 'conform', url, '--auth', 'none', '--known-user', 'ada', ...flags];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const heard = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      heard[name] += text;
    });
  }
  const [exitCode] = (await once(child, 'close')) as [number | null];
  const peakMiB = Number(/peak memory: (\d+) MiB/.exec(heard.stderr)?.[1]);
  return { exitCode, peakMiB, ...heard };
}

describe('user-info conform against an endpoint whose responses exhaust resources', function () {
  this.timeout(180_000);
  const cases: Readonly<Record<string, { answer: () => Buffer; finding: RegExp }>> = {
    'a million headers': {
      answer: () => Buffer.from(`HTTP/1.1 200 OK\r\n${'abc: d\r\n'.repeat(1_000_000)}\r\n`),
      finding: /headers of more than 65,536 bytes/,
    },
    'a body of a million keys': {
      answer: () => respond(`{"groups":[],"authorizations":{},${list(1_000_000, (index) => `"key-${index}":1`)}}`),
      finding: /a body of more than 4,194,304 bytes/,
    },
    '400,000 levels': {
      answer: () => respond('['.repeat(400_000) + ']'.repeat(400_000)),
      finding: /deeper\s+than\s+512\s+levels/,
    },
    '60,000 attributes': {
      answer: () => respond(`{"groups":[],"authorizations":{${list(60_000, (index) => `"key-${index}":["v"]`)}}}`),
      finding: /more\s+than\s+100,000\s+commas/,
    },
    'a compressed body that decodes to 300 MB': {
      answer: () =>
        respond(
          Buffer.concat(new Array(100).fill(gzipSync(Buffer.alloc(3 * 1024 * 1024, ' ')))),
          'Content-Encoding: gzip\r\n',
        ),
      finding: /a body of more than 4,194,304 bytes/,
    },
    'a content type with 5,000 spaces': {
      answer: () =>
        Buffer.from(
          respond('{}')
            .toString()
            .replace('application/json', `text/html${' '.repeat(5000)}x`),
        ),
      finding: /known-user-schema/,
    },
  };
  for (const [name, { answer, finding }] of Object.entries(cases)) {
    it(`writes a report with less than 300 MiB of memory: ${name}`, async () => {
      const { exitCode, stdout, stderr, peakMiB } = await withAnswer(answer(), (url) => conform(url));
      expect(exitCode, stderr).to.equal(1);
      expect(stdout).to.match(finding);
      expect(stdout).to.match(/ does not conform \(contract /);
      expect(peakMiB).to.be.lessThan(300);
    });
  }

  it('accepts 10,000 groups in 2 MB', async () => {
    const body = `{"groups":[${list(10_000, (index) => `{"name":"group-${index}-${'x'.repeat(180)}"}`)}],"authorizations":{}}`;
    const only = [
      'known-user-200',
      'known-user-json',
      'known-user-schema',
      'known-user-whole',
      'same-question-same-answer',
    ];
    const { exitCode, stdout } = await withAnswer(respond(body), (url) => conform(url, '--only', only.join(',')));
    expect(stdout).to.match(/ conforms \(contract [\d.]+; 5 passed/);
    expect(exitCode).to.equal(0);
  });
});
