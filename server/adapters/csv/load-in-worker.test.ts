// Tests of where a CSV file is read: a large one in a worker thread, a small one at once.
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { UserSource } from '../user-source.ts';
import { createCsvSource } from './csv-source.ts';
import { loadInWorker } from './load-in-worker.ts';
import { csvConfig } from './testing/csv-config.ts';

const columns = { groups: [{ column: 'groups', separator: '|' }] };
const log = { info() {}, warn() {}, error() {} };
const never = new AbortController().signal;

const userids = Array.from({ length: 20_000 }, (_, index) => `a.user.with.a.long.name.${index}@department.example.com`);
const largeFile = `userid,groups\n${userids.map((userid) => `${userid},all\n`).join('')}`;

describe('loading a CSV file', () => {
  let directory: string;
  let path: string;
  let threads = 0;
  let source: UserSource | null = null;
  const countThread = () => {
    threads++;
  };

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'user-info-csv-'));
    path = join(directory, 'users.csv');
    threads = 0;
    subscribe('worker_threads', countThread);
  });
  afterEach(async () => {
    unsubscribe('worker_threads', countThread);
    await source?.close();
    source = null;
    rmSync(directory, { recursive: true, force: true });
  });

  const open = () => createCsvSource(csvConfig(path, columns), { log });

  it('starts no thread for a small file', async () => {
    writeFileSync(path, 'userid,groups\nada,all\n');
    source = await open();
    expect(source.status?.().users).to.equal(1);
    expect(threads).to.equal(0);
  });

  it('starts a thread for a large file', async () => {
    writeFileSync(path, largeFile);
    source = await open();
    expect(source.status?.().users).to.equal(userids.length);
    expect(threads).to.be.greaterThan(0);
  });

  it('reports the line of an error in a large file', async () => {
    writeFileSync(path, largeFile);
    appendFileSync(path, 'ada,all,one too many\n');
    const outcome = await open().catch((error: unknown) => error);
    expect(outcome).to.have.property('kind', 'bad-answer');
    expect(outcome)
      .to.have.property('message')
      .that.includes(`line ${userids.length + 2}: `);
  });

  it('reports from the thread why the file cannot be read', async () => {
    const request = { config: csvConfig(path, columns), encoding: 'utf-8', knownDigests: [] };
    expect(await loadInWorker(request, never)).to.deep.equal({ kind: 'unreadable', code: 'ENOENT' });
  });
});
