// Tests that the curl lines of evidence repeat the kit's requests. They run all checks, run every line in a shell, and compare the bytes.
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { createCheckContext } from '../check-context.ts';
import { catalogue } from '../checks/catalogue.ts';
import { checkOptions } from '../conformance-options.ts';
import { listRequests } from '../list-requests.ts';
import { runChecks } from '../run-checks.ts';
import { selectChecks } from '../select-checks.ts';
import { canaries, completeOptions, login, startFixture } from '../testing/fixture.ts';

/** Returns the requests in the bytes of one connection. */
function splitRequests(bytes: string): string[] {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return [];
  const bodyLength = Number(/\r\ncontent-length: *(\d+)/i.exec(bytes.slice(0, end))?.[1] ?? 0);
  const length = end + 4 + bodyLength;
  return [bytes.slice(0, length), ...splitRequests(bytes.slice(length))];
}

/** Headers with which each program identifies itself and its connection. */
const ownHeaders = /^(?:user-agent|accept-encoding|connection):/i;
/** Headers that curl sends first, whatever the order of its arguments. */
const firstHeaders = /^(?:host|authorization|accept|content-length):/i;

/** Returns a request without the permitted differences: the order of usual headers, and unnecessary escapes in a query. */
function normalize(request: string): string {
  const [head = '', body = ''] = request.split(/\r\n\r\n(.*)/s);
  const [line = '', ...headers] = head.split('\r\n').filter((header) => !ownHeaders.test(header));
  const [path = '', query] = line.split(/\?(.*)/s);
  const escaped = query
    ?.replace(/%[0-9a-f]{2}/gi, (each) => each.toUpperCase())
    .replace(/[!'()*@]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
  const usual = headers.filter((header) => firstHeaders.test(header)).map((header) => header.toLowerCase());
  const others = headers.filter((header) => !firstHeaders.test(header));
  return [query === undefined ? path : `${path}?${escaped}`, ...usual.sort(), ...others, '', body].join('\n');
}

/** Forwards everything to `port`, and records the client's bytes. */
async function startRecorder(port: number) {
  const connections: Buffer[][] = [];
  const sockets = new Set<net.Socket>();
  const server = net.createServer((client) => {
    const received: Buffer[] = [];
    connections.push(received);
    const upstream = net.connect(port, '127.0.0.1');
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from);
      from.on('error', () => to.destroy()).on('close', () => to.destroy());
      from.pipe(to);
    }
    client.on('data', (chunk: Buffer) => received.push(chunk));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    /** Returns the normalized requests since the last call, each once. */
    take(): Set<string> {
      const requests = connections
        .splice(0)
        .flatMap((chunks) => splitRequests(Buffer.concat(chunks).toString('latin1')));
      return new Set(requests.map(normalize));
    },
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

/** Runs every check except those of an outage, and then every recorded line; returns the results of both. */
async function runAndRepeat(showData: boolean) {
  const endpoint = await startFixture({ auth: 'basic' });
  const { port, pathname } = new URL(endpoint.url);
  const recorder = await startRecorder(Number(port));
  const given = await completeOptions(`http://127.0.0.1:${recorder.port}${pathname}`, 'basic');
  const options = { ...given, showData, skip: ['data-source-failure'] };
  const context = createCheckContext(checkOptions(options));
  await runChecks(selectChecks(catalogue, options), context);
  const sent = recorder.take();
  const lines = new Set(context.transcript.requests.map(({ request }) => request));

  const [first = '', second = '', third = ''] = given.knownUsers ?? [];
  const { unknownUser = '' } = given;
  const users = { KNOWN_USER: first, SECOND_KNOWN_USER: second, KNOWN_USER_3: third, UNKNOWN_USER: unknownUser };
  const env = {
    ...{ PATH: process.env.PATH, LANG: 'C.UTF-8', USERNAME: login.username, PASSWORD: login.password },
    BASIC: Buffer.from(`${login.username}:${login.password}`).toString('base64'),
    ...users,
    ...Object.fromEntries(Object.entries(users).map(([name, user]) => [`${name}_ENCODED`, encodeURIComponent(user)])),
  };
  for (const line of lines) {
    // 18 and 52: the response to HEAD or to a request that is not HTTP is empty, or its length differs from what curl expects.
    await promisify(execFile)('sh', ['-c', `${line} --silent --max-time 5`], { env }).catch((error) => {
      if (![18, 52].includes(error.code)) throw error;
    });
  }
  const repeated = recorder.take();
  recorder.close();
  await endpoint.close();
  return { sent, repeated, lines };
}

describe('the curl lines of evidence', () => {
  for (const showData of [true, false]) {
    it(`repeat every request of a run, and send nothing else: ${showData ? 'with' : 'without'} --show-data`, async () => {
      const { sent, repeated, lines } = await runAndRepeat(showData);
      expect(sent.size).to.be.greaterThan(100);
      expect([...sent].filter((request) => !repeated.has(request))).to.deep.equal([]);
      expect([...repeated].filter((request) => !sent.has(request))).to.deep.equal([]);
      const shown = canaries.filter((canary) => [...lines].some((line) => line.includes(canary)));
      expect(showData ? [] : shown).to.deep.equal([]);
    }).timeout(120_000);
  }

  it('contain a random unknown user, whom only the kit knows', async () => {
    const { requests } = await listRequests({ url: 'http://127.0.0.1:1/', auth: 'none', knownUsers: ['ada'] });
    const lines = requests.map(({ request }) => request).join('\n');
    expect(lines)
      .to.match(/"userid=nobody-[0-9a-f]{24}"/)
      .and.not.to.include('UNKNOWN_USER');
  }).timeout(60_000);
});
