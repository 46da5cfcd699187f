// Tests that `user-info conform` does not print its password in any encoding, even if the endpoint repeats the password in everything that it sends.
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { reportFormats } from '../../conformance/report/report-formats.ts';
import { runCli } from '../../tests/run-cli.ts';

const password = 'canary/Grüße+"7';
const bytes = Buffer.from(password);
const hex = bytes.toString('hex');

/** The password in all forms that an endpoint can send. Each form is searched for in the whole output of the process, in any letter case. */
const forms: Readonly<Record<string, string>> = {
  plain: password,
  json: JSON.stringify(password).slice(1, -1),
  escaped: [...password].map((letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`).join(''),
  percent: encodeURIComponent(password),
  percentOfAll: hex.replace(/../g, '%$&'),
  hex,
  base64: bytes.toString('base64'),
  base64url: bytes.toString('base64url'),
  basic: Buffer.from(`canary-user:${password}`).toString('base64'),
  entities: [...password].map((letter) => `&#${letter.charCodeAt(0)};`).join(''),
  bytes: [...bytes].join(','),
};
/** ASCII forms can be part of a header. */
const inHeaders = Object.values(forms).filter((form) => /^[ -~]+$/.test(form));

/** Sends one form in each part of a response, and a different one with each request. */
async function startReflectingEndpoint(): Promise<Server> {
  let count = 0;
  const server = createServer((request, response) => {
    const form = inHeaders[count++ % inHeaders.length] ?? '';
    const all = Object.values(forms);
    response.writeHead(count % 3 === 0 ? 500 : 200, form.replace(/[^ -~]/g, ''), {
      'Content-Type': `application/json; charset="${form}"`,
      'WWW-Authenticate': `Basic realm="${form.replaceAll('"', '')}"`,
      ...{ Server: form, Location: `/${form}`, Allow: form, ETag: `"${form}"`, Link: `<${form}>`, Via: form },
      ...{ 'Set-Cookie': form, 'X-Powered-By': `${form}/1.0`, 'Retry-After': form, 'Cache-Control': form },
    });
    const userInfo = { groups: all.map((name) => ({ name })), authorizations: { [password]: all }, [form]: form };
    response.end(count % 2 === 0 ? JSON.stringify(userInfo) : `${all.join('\n')}\n${request.headers.authorization}`);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

describe('the output of user-info conform', function () {
  this.timeout(180_000);
  const directory = mkdtempSync(join(tmpdir(), 'user-info-secrets-'));
  let server: Server;
  before(async () => {
    server = await startReflectingEndpoint();
  });
  after(async () => {
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
    rmSync(directory, { recursive: true });
  });

  for (const showData of [false, true]) {
    it(`contains no form of the password, ${showData ? 'with' : 'without'} --show-data`, async () => {
      const files = reportFormats.map((format) => ({ format, file: join(directory, `${showData}.${format}`) }));
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/user-info`;
      const flags = ['--auth', 'basic', '--username', 'canary-user', '--password-env', 'CANARY', '--known-user', 'ada'];
      const reports = files.flatMap(({ format, file }) => ['--report', `${format}=${file}`]);
      const { stdout, stderr, exitCode } = await runCli(
        ['conform', url, ...flags, '--known-user', 'bob', ...reports, ...(showData ? ['--show-data'] : [])],
        { CANARY: password },
      );
      expect(exitCode, stderr).to.be.oneOf([1, 3]);
      const written: Record<string, string> = { stdout, stderr };
      for (const { format, file } of files) written[format] = readFileSync(file, 'utf8');
      // A report in the requested format was written and is not empty.
      for (const { format } of files) expect(written[format]?.length, format).to.be.greaterThan(500);
      const found = Object.entries(written).flatMap(([where, text]) =>
        Object.entries(forms)
          .filter(([, form]) => text.toLowerCase().includes(form.toLowerCase()))
          .map(([name]) => `${where}: ${name}`),
      );
      expect(found).to.deep.equal([]);
      // The text of the endpoint reached the report, and the report withheld it.
      if (showData) expect(written.json).to.include('withheld: it contains a secret of this run');
    });
  }
});
