// Tests of an audit trail that cannot be written: full disks simulated by /dev/full, short writes by a limit of the shell.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { expect } from 'chai';
import type { AuditEntry } from '../../schemas/generated/audit-entry.ts';
import { readSchema } from '../../schemas/read-schema.ts';
import { describeSchemaErrors } from '../../schemas/validators.ts';
import { ask, parseAnswer, sendRaw } from '../../tests/ask-server.ts';
import { builtProgram } from '../../tests/built-program.ts';
import { scratchDirectory } from '../../tests/certificate-files.ts';
import { createReloadableServers, eventually, expectReloaded } from '../../tests/reloadable-server.ts';

const ajv = new Ajv2020({ strict: true, allowUnionTypes: true });
addFormats.default(ajv);
const validateAuditEntry = ajv.compile<AuditEntry>(readSchema('audit-entry.schema.json'));

function read(file: string): AuditEntry[] {
  const text = readFileSync(file, 'utf8');
  expect(text, 'whole lines').to.match(/^(?:\{[^\n]+\}\n)*$/);
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => {
      const entry: unknown = JSON.parse(line);
      expect(validateAuditEntry(entry), describeSchemaErrors(validateAuditEntry.errors)).to.equal(true);
      return entry as AuditEntry;
    });
}

describe('an audit trail that cannot be written', () => {
  const servers = createReloadableServers();
  let file: string;

  beforeEach(() => {
    file = join(scratchDirectory(), 'audit.jsonl');
  });
  afterEach(() => servers.stopAll());

  async function startOnFullDisk(whenUnwritable: 'serve' | 'refuse') {
    // Every write to this device fails with ENOSPC.
    symlinkSync('/dev/full', file);
    const server = await servers.start({ audit: { file, whenUnwritable } });
    const statusOf = async () => (await ask(`${server.url}?userid=ada`)).status;
    expect(await statusOf()).to.equal(whenUnwritable === 'serve' ? 200 : 503);
    const { reasons } = await eventually(server.readiness, ({ status }) => status === 'degraded');
    expect(reasons).to.deep.equal([`The audit trail ${basename(file)} cannot be written (ENOSPC).`]);
    return { server, statusOf };
  }

  it('degrades readiness, and keeps its lines until it can be written', async () => {
    const { server, statusOf } = await startOnFullDisk('serve');
    expect(await statusOf()).to.equal(200);
    rmSync(file);
    await expectReloaded(server);
    await eventually(server.readiness, ({ status }) => status === 'ready');
    await server.stop();
    expect(read(file).map(({ generation }) => generation)).to.deep.equal([1, 1]);
  });

  for (const fsync of [false, true]) {
    it(`sends no response before its line is written${fsync ? ' and synchronized' : ''}: 50 concurrent first requests get 503`, async () => {
      symlinkSync('/dev/full', file);
      const server = await servers.start({ audit: { file, fsync, whenUnwritable: 'refuse' } });
      const malformed = Array.from({ length: 5 }, () => sendRaw(server.url, 'canary\r\n\r\n'));
      const targets = Array.from({ length: 50 }, (_, index) => (index % 5 === 4 ? '/below' : '?userid=ada'));
      const answers = await Promise.all(targets.map((target) => ask(server.url + target)));
      answers.push(...(await Promise.all(malformed)).map(parseAnswer));
      const codes = answers.map(({ status, body }) => `${status} ${JSON.parse(body).code}`);
      expect(new Set(codes)).to.deep.equal(new Set(['503 audit-unavailable']));
      const lines = await server.stopAndReadLog();
      expect(lines.filter(({ reason }) => reason === 'ENOSPC').map(({ msg }) => msg)).to.deep.equal([
        'the audit trail is not writable',
        'audit trail lines were lost',
      ]);
      expect(lines.find(({ msg }) => msg === 'audit trail lines were lost')).to.include({ total: 55 });
    });
  }

  it('counts and logs the lines that are lost at shutdown, even when responses do not wait for them', async () => {
    const { server, statusOf } = await startOnFullDisk('serve');
    expect(await statusOf()).to.equal(200);
    const lines = await server.stopAndReadLog();
    expect(lines.find(({ msg }) => msg === 'audit trail lines were lost')).to.include({
      file,
      reason: 'ENOSPC',
      lines: 2,
      total: 2,
    });
  });

  it('writes a truncated line again, and completely, to the new file once the old one is renamed', async () => {
    const server = await servers.start({ audit: { file, userid: 'shown' } });
    await server.stop();
    // The shell's limit is in units of 1,024 bytes: the fourth line crosses it.
    const config = { ...JSON.parse(readFileSync(server.configFile, 'utf8')), logging: { destination: 'stdout' } };
    server.put('limited.json', JSON.stringify(config));
    const command = `ulimit -f 1; exec "$0" "$@"`;
    const args = [process.execPath, builtProgram, 'serve', '--config', join(server.directory, 'limited.json')];
    const child = spawn('bash', ['-c', command, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.on('data', (part) => {
      output += part;
    });
    const [, url = '', administration = ''] = await eventually(
      () => /"url":"([^"]+)","administrationUrl":"([^"]+)"/.exec(output) ?? [],
      (found) => found.length > 0,
    );
    for (let asked = 0; asked < 8; asked++) await ask(`${url}?userid=user-${asked}`);
    await eventually(
      async () => (await ask(`${administration}/readyz`)).body,
      (body) => body.includes('EFBIG'),
    );
    renameSync(file, `${file}.1`);
    await ask(`${administration}/reload`, { method: 'POST' });
    await eventually(
      async () => JSON.parse((await ask(`${administration}/readyz`)).body).status,
      (status) => status === 'ready',
    );
    child.kill('SIGTERM');
    await once(child, 'exit');
    const old = readFileSync(`${file}.1`, 'utf8');
    expect(old).to.have.length(1024);
    const whole = old
      .slice(0, old.lastIndexOf('\n') + 1)
      .split('\n')
      .filter(Boolean);
    const userids = [...whole, ...readFileSync(file, 'utf8').split('\n').filter(Boolean)].map(
      (line) => JSON.parse(line).userid,
    );
    expect(userids).to.deep.equal(Array.from({ length: 8 }, (_, index) => `user-${index}`));
  }).timeout(120_000);

  it('causes requests to be rejected until it can be written, when that is configured', async () => {
    const { server, statusOf } = await startOnFullDisk('refuse');
    const refused = await ask(`${server.url}?userid=ada`);
    expect([refused.status, JSON.parse(refused.body).code]).to.deep.equal([503, 'audit-unavailable']);
    expect(refused.headers['retry-after']).to.equal('5');
    rmSync(file);
    await expectReloaded(server);
    await eventually(statusOf, (status) => status === 200);
    await server.stop();
    expect(new Set(read(file).map(({ decision }) => decision))).to.deep.equal(
      new Set(['answered', 'audit-unavailable']),
    );
  });

  it('prevents a server from starting', async () => {
    const gone = join(scratchDirectory(), 'gone', 'audit.jsonl');
    const error = await servers.start({ audit: { file: gone } }).catch((thrown: unknown) => thrown);
    expect(String(error)).to.match(
      /audit\.file: cannot write to \S+gone\/audit\.jsonl: there is no directory \S+gone\./,
    );
  });
});
