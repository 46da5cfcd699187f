// Tests the hook for OpenTelemetry: the server with the hook, a listening collector, and the spans that arrive.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect } from 'chai';
import { ask } from '../ask-server.ts';
import '../built-program.ts';
import { scratchDirectory } from '../certificate-files.ts';
import { readMarkedBlocks } from '../marked-blocks.ts';

const projectRoot = join(import.meta.dirname, '../..');
const testTimeoutMs = 60_000;

type Attributes = Record<string, unknown>;
interface Pair {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}
interface Export {
  readonly resourceSpans: ReadonlyArray<{
    readonly resource: { readonly attributes: readonly Pair[] };
    readonly scopeSpans: ReadonlyArray<{
      readonly spans: ReadonlyArray<{
        readonly name: string;
        readonly kind: number;
        readonly attributes: readonly Pair[];
      }>;
    }>;
  }>;
}

const attributesOf = (pairs: readonly Pair[]): Attributes =>
  Object.fromEntries(pairs.map(({ key, value }) => [key, Object.values(value)[0]]));

/** Starts a replacement for OpenTelemetry's collector, which accepts JSON and acknowledges it. */
async function startCollector(): Promise<{ url: string; received: string[]; close(): void }> {
  const received: string[] = [];
  const collector = createServer(async (request, response) => {
    let body = '';
    for await (const part of request.setEncoding('utf8')) body += part;
    received.push(body);
    response.setHeader('Content-Type', 'application/json').end('{}');
  }).listen(0, '127.0.0.1');
  await once(collector, 'listening');
  const { port } = collector.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, received, close: () => collector.close() };
}

/** Starts the command with the hook. @returns the process, and the URLs in its log. */
async function startTraced(
  collectorUrl: string,
): Promise<{ child: ChildProcess; url: string; administrationUrl: string }> {
  const cwd = scratchDirectory();
  writeFileSync(
    join(cwd, 'user-info.yaml'),
    [
      'listener: { host: 127.0.0.1, port: 0 }',
      'administration: { port: 0 }',
      'authentication: { mode: none }',
      'source: { type: static, users: { grace: { groups: [analysts], authorizations: {} } } }',
    ].join('\n'),
  );
  // A directory in which the reader has installed the packages.
  cpSync(join(projectRoot, 'examples/observability/opentelemetry.mjs'), join(cwd, 'opentelemetry.mjs'));
  mkdirSync(join(cwd, 'node_modules'));
  symlinkSync(join(projectRoot, 'node_modules/@opentelemetry'), join(cwd, 'node_modules/@opentelemetry'));
  symlinkSync(projectRoot, join(cwd, 'node_modules/user-info-kit'));
  const [guide = ''] = readMarkedBlocks('docs/guides/observe.md', 'tests/observability/opentelemetry.services.test.ts');
  const command = guide.replace('http://collector.example.com:4318', collectorUrl);
  const env = { ...process.env, OTEL_RESOURCE_ATTRIBUTES: 'team=identity' };
  const child = spawn('bash', ['-c', command], { cwd, env, stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const line of createInterface(child.stdout)) {
    const { msg, url, administrationUrl } = JSON.parse(line);
    if (msg === 'listening') {
      child.stdout.resume();
      return { child, url, administrationUrl };
    }
  }
  throw new Error('the server ended before it listened');
}

describe('the hook for OpenTelemetry', () => {
  it('sends a span without the userid for each request to the endpoint, by the HTTP conventions, and loses none at shutdown', async () => {
    const collector = await startCollector();
    const { child, url, administrationUrl } = await startTraced(collector.url);
    expect((await ask(`${url}?userid=grace`)).status).to.equal(200);
    expect((await ask(`${url}?userid=nobody-of-that-name`)).status).to.equal(404);
    expect((await ask(`${administrationUrl}/readyz`)).status).to.equal(200);
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).to.deep.equal([0, null]);
    collector.close();

    const exports = collector.received.map((body) => JSON.parse(body) as Export).flatMap((one) => one.resourceSpans);
    for (const { resource } of exports) {
      expect(attributesOf(resource.attributes)).to.include({ 'service.name': 'user-info', team: 'identity' });
    }
    const spans = exports.flatMap(({ scopeSpans }) => scopeSpans).flatMap((scope) => scope.spans);
    const serverKind = 2;
    expect(spans.map(({ name, kind }) => [name, kind])).to.deep.equal([
      ['GET', serverKind],
      ['GET', serverKind],
    ]);
    const [found, unknown] = spans.map(({ attributes }) => attributesOf(attributes));
    const expected = { 'http.request.method': 'GET', 'url.path': '/user-info', 'url.query': 'userid=REDACTED' };
    expect(found).to.include({ ...expected, 'http.response.status_code': 200 });
    expect(unknown).to.include({ ...expected, 'http.response.status_code': 404 });
    // The spans must not contain user names; no hexadecimal id can contain these.
    expect(collector.received.join('')).not.to.match(/grace|nobody-of-that-name/);
  }).timeout(testTimeoutMs);
});
