// Tests of the audit trail: its records, and a trail that cannot be written.

import { createHash } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { expect } from 'chai';
import type { AuditEntry } from '../../schemas/generated/audit-entry.ts';
import { readSchema } from '../../schemas/read-schema.ts';
import { describeSchemaErrors } from '../../schemas/validators.ts';
import { ask, askOrRefused, basicHeader, sendRaw } from '../../tests/ask-server.ts';
import { scratchDirectory } from '../../tests/certificate-files.ts';
import { createReloadableServers, eventually, expectReloaded } from '../../tests/reloadable-server.ts';

const ajv = new Ajv2020({ strict: true, allowUnionTypes: true });
addFormats.default(ajv);
const validateAuditEntry = ajv.compile<AuditEntry>(readSchema('audit-entry.schema.json'));

const hashKey = 'canary-hash-key';
const hashOf = (userid: string) =>
  createHash('sha256')
    .update(hashKey + userid)
    .digest('hex')
    .slice(0, 32);

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

describe('the audit trail', () => {
  const servers = createReloadableServers();
  let file: string;

  beforeEach(() => {
    file = join(scratchDirectory(), 'audit.jsonl');
  });
  afterEach(() => servers.stopAll());

  const basic = {
    mode: 'basic',
    basic: { credentials: [{ username: 'api', password: `\${file:password}` }] },
  };
  const secrets = { password: 'canary-password', key: hashKey };
  const headers = { authorization: basicHeader('api', secrets.password) };

  it('contains a line for each request, with the client, the user and the decision', async () => {
    const server = await servers.start(
      { authentication: basic, audit: { file, useridHashKey: `\${file:key}` } },
      secrets,
    );
    const answered = await ask(`${server.url}?userid=ada`, { headers });
    await ask(`${server.url}?userid=canary-eve`, { headers });
    await ask(`${server.url}?userid=ada`, { headers: { authorization: basicHeader('api', 'canary-wrong') } });
    await ask(`${server.url}?userid=`, { headers });
    await ask(`${server.url}?userid=ada`, { headers, method: 'POST' });
    await ask(`${server.url}/canary`, { headers });
    await sendRaw(server.url, 'canary\r\n\r\n');
    await server.stop();
    const entries = read(file);
    expect(
      entries.map(({ caller, userid = null, status, decision }) => [caller, userid, status, decision]),
    ).to.deep.equal([
      ['basic:api', hashOf('ada'), 200, 'answered'],
      ['basic:api', hashOf('canary-eve'), 404, 'user-unknown'],
      [null, null, 401, 'credentials-wrong'],
      ['basic:api', null, 400, 'userid-empty'],
      ['basic:api', null, 405, 'method-not-allowed'],
      [null, null, 404, 'path-unknown'],
      [null, null, 400, 'request-malformed'],
    ]);
    expect(entries[0]).to.include({ address: '127.0.0.1', method: 'GET', requestId: answered.headers['x-request-id'] });
    expect(entries[0]?.time).to.match(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(readFileSync(file, 'utf8')).not.to.match(/canary/);
  });

  it('shows user ids when that is configured', async () => {
    const server = await servers.start({ audit: { file, userid: 'shown' } });
    await ask(`${server.url}?userid=${encodeURIComponent('a"\n{}é'.replace('\n', ' '))}`);
    await server.stop();
    expect(read(file).map(({ userid }) => userid)).to.deep.equal(['a" {}é']);
  });

  it('contains the generation of the configuration and of the data', async () => {
    const csv = (path: string) => ({
      type: 'csv',
      path,
      columns: { userid: 'u', groups: [{ column: 'g' }] },
    });
    const server = await servers.start(
      { audit: { file }, source: csv('users.csv'), reload: { watch: false } },
      { 'users.csv': 'u,g\nada,one\n' },
    );
    await ask(`${server.url}?userid=ada`);
    server.put('users.csv', 'u,g\nada,two\n');
    await eventually(
      async () => (await ask(`${server.url}?userid=ada`)).body,
      (body) => body.includes('two'),
    );
    await expectReloaded(server);
    await ask(`${server.url}?userid=ada`);
    await ask(`${server.url}`);
    await server.stop();
    const states = read(file).map(({ generation, sourceGeneration = null }) => [generation, sourceGeneration]);
    expect(states[0]).to.deep.equal([1, 1]);
    // The reload has opened the source again, whose counter starts at 1.
    expect(states.slice(-3)).to.deep.equal([
      [1, 2],
      [2, 1],
      [2, null],
    ]);
  }).timeout(30_000);

  it('contains the requests that a shutdown cuts off at the deadline', async () => {
    const source = `export default () => ({ findUser: () => new Promise(() => {}), async check() {}, async close() {} });\n`;
    for (const whenUnwritable of ['serve', 'refuse']) {
      rmSync(file, { force: true });
      const server = await servers.start(
        {
          audit: { file, whenUnwritable },
          source: { type: 'module', path: 'source.mjs' },
          shutdown: { deadlineMs: 200 },
        },
        { 'source.mjs': source },
      );
      const cut = Array.from({ length: 10 }, () => askOrRefused(`${server.url}?userid=ada`));
      // By the time a later connection receives its response, all of these requests have arrived.
      await ask(`${server.url}?userid=`);
      expect(await server.stop()).to.equal(false);
      expect(new Set(await Promise.all(cut))).to.deep.equal(new Set(['ECONNRESET']));
      expect(read(file).map(({ status }) => status)).to.deep.equal([400, ...Array<number>(10).fill(0)]);
    }
  });
});
