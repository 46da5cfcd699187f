// Tests of the sql adapter on SQLite files that the real sqlite3 program writes: states of the file, types, damage, and time limits.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import type { SqlSourceConfig } from '../../../schemas/generated/loaded-server-config.ts';
import { ask } from '../../../tests/ask-server.ts';
import { scratchDirectory } from '../../../tests/certificate-files.ts';
import { startTestServer, type TestServer } from '../../../tests/test-server.ts';
import { createOpenedSources, failureOf, noAbort } from './testing/open-source.ts';

const schema = `CREATE TABLE users (login TEXT PRIMARY KEY); INSERT INTO users VALUES ('ada');
  CREATE TABLE memberships (login TEXT, name); INSERT INTO memberships VALUES ('ada', 'analysts');`;
const queries = {
  userQuery: 'SELECT login AS userid FROM users WHERE login = :userid',
  groupsQuery: 'SELECT name FROM memberships WHERE login = :userid',
};

describe('sql on SQLite', () => {
  const sources = createOpenedSources();
  let path: string;
  const write = (text: string, file = path) => execFileSync('sqlite3', [file, text], { stdio: 'pipe' });
  const open = (options: Partial<SqlSourceConfig> = {}) =>
    sources.open({ system: 'sqlite', path }, { ...queries, lockTimeoutMs: 200, ...options });
  const groupsOf = async (source: Awaited<ReturnType<typeof open>>) =>
    (await source.findUser('ada', noAbort))?.groups.map(({ name }) => name);

  beforeEach(() => {
    path = join(scratchDirectory(), 'users.db');
    write(schema);
  });
  afterEach(() => sources.closeAll());

  it('creates no file beside the database', async () => {
    const source = await open();
    expect(await groupsOf(source)).to.deep.equal(['analysts']);
    expect(readdirSync(dirname(path))).to.deep.equal(['users.db']);
  });

  it('sees each commit by another program immediately', async () => {
    const source = await open();
    for (let round = 0; round < 10; round++) {
      write(`UPDATE memberships SET name = 'round ${round}'`);
      expect(await groupsOf(source)).to.deep.equal([`round ${round}`]);
    }
  });

  it('follows a file that is replaced by renaming', async () => {
    const source = await open();
    expect(await groupsOf(source)).to.deep.equal(['analysts']);
    const next = join(dirname(path), 'next.db');
    write(schema.replace('analysts', 'renamed'), next);
    renameSync(next, path);
    expect(await groupsOf(source)).to.deep.equal(['renamed']);
  });

  it('never reads an uncommitted transaction, and reports the reason', async () => {
    const source = await open({ lockTimeoutMs: 50 });
    expect(await groupsOf(source)).to.deep.equal(['analysts']);
    const writer = spawn('sqlite3', [path], { stdio: ['pipe', 'pipe', 'inherit'] });
    // With a cache of one page the uncommitted rows are already in the file.
    writer.stdin.write(`PRAGMA cache_size = 1; PRAGMA cache_spill = 1; BEGIN IMMEDIATE;
      DELETE FROM memberships;
      WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
      INSERT INTO memberships SELECT 'ada', 'uncommitted ' || i FROM n; SELECT 'written';\n`);
    await once(writer.stdout, 'data');
    const failure = await failureOf(source.findUser('ada', noAbort));
    expect(failure.kind).to.equal('unavailable');
    expect(failure.message).to.include('is being written to');
    writer.stdin.end('ROLLBACK;\n');
    await once(writer, 'exit');
    expect(await groupsOf(source)).to.deep.equal(['analysts']);
  });

  it('waits for a writer within lockTimeoutMs', async () => {
    writeFileSync(`${path}-journal`, 'hot');
    const asked = (await open({ lockTimeoutMs: 3000 })).findUser('ada', noAbort);
    await delay(100);
    rmSync(`${path}-journal`);
    expect(await asked).to.not.equal(null);
  });

  for (const mode of ['truncate', 'persist']) {
    it(`is not delayed by the journal that stays in the mode ${mode}`, async () => {
      write(`PRAGMA journal_mode = ${mode}; UPDATE memberships SET name = 'kept'`);
      expect(existsSync(`${path}-journal`)).to.equal(true);
      expect(await groupsOf(await open())).to.deep.equal(['kept']);
    });
  }

  const unusable: Readonly<Record<string, readonly [damage: () => void, kind: string, words: string]>> = {
    'that is missing': [() => rmSync(path), 'unavailable', 'cannot be read (ENOENT)'],
    'that is empty': [() => truncateSync(path), 'unavailable', 'is empty'],
    'that is something else': [
      () => writeFileSync(path, 'login,groups\n'.repeat(50)),
      'bad-answer',
      'is not an SQLite file',
    ],
    'that was written half': [() => truncateSync(path, 5000), 'bad-answer', 'is damaged or incompletely written'],
    'whose middle is lost': [
      () => writeFileSync(path, readFileSync(path).fill(0, 4096, 8192)),
      'bad-answer',
      'is damaged or incompletely written',
    ],
    'in WAL mode': [() => write('PRAGMA journal_mode = WAL'), 'unavailable', 'is in WAL mode'],
  };
  for (const [title, [damage, kind, words]] of Object.entries(unusable)) {
    it(`rejects a file ${title}, and recovers when the file is valid`, async () => {
      const good = join(dirname(path), 'good.db');
      copyFileSync(path, good);
      const source = await open({ lockTimeoutMs: 30 });
      expect(await groupsOf(source)).to.deep.equal(['analysts']);
      damage();
      const failure = await failureOf(source.findUser('ada', noAbort));
      expect(failure.message).to.include(words);
      expect(failure.kind).to.equal(kind);
      expect(await failureOf(source.check())).to.include({ kind });
      copyFileSync(good, path);
      expect(await groupsOf(source)).to.deep.equal(['analysts']);
    });
  }

  it('terminates a query together with its thread after the time limit, and continues in a new thread', async () => {
    const endless = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE :userid = 'ada')
      SELECT max(i) AS name FROM n WHERE i < 0 HAVING max(i) IS NOT NULL`;
    const source = await open({ groupsQuery: endless, statementTimeoutMs: 1500 });
    expect(await failureOf(source.findUser('ada', noAbort))).to.include({ kind: 'too-slow' });
    expect(await source.findUser('nobody', noAbort)).to.equal(null);
  });

  describe('with a query that never ends for one user', () => {
    const endless = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE :userid = 'ada')
      SELECT max(i) AS name FROM n WHERE i < 0 HAVING max(i) IS NOT NULL`;
    const openServer = (options: object) =>
      startTestServer({
        source: {
          type: 'sql',
          connection: { system: 'sqlite', path },
          ...queries,
          groupsQuery: `${queries.groupsQuery} UNION ALL SELECT * FROM (${endless})`,
          ...options,
        },
      });
    const statusOf = async (server: TestServer, userid: string) => (await ask(`${server.url}?userid=${userid}`)).status;

    beforeEach(() =>
      write("INSERT INTO users VALUES ('bob'), ('eve'); INSERT INTO memberships VALUES ('bob', 'staff')"),
    );

    it('completes nine lookups of another user within the deadline, during and after that query, at the default limits', async function () {
      this.timeout(40_000);
      const server = await openServer({});
      expect(await statusOf(server, 'bob')).to.equal(200);
      const slow = statusOf(server, 'ada');
      await delay(1000);
      const others = await Promise.all(Array.from({ length: 9 }, () => statusOf(server, 'bob')));
      expect(others).to.deep.equal(Array.from({ length: 9 }, () => 200));
      expect(await slow).to.equal(504);
      for (let round = 0; round < 9; round++) expect(await statusOf(server, 'bob')).to.equal(200);
      await server.stop();
    });

    it('replaces the thread when the caller gives up before statementTimeoutMs', async () => {
      const source = await open({ groupsQuery: endless, statementTimeoutMs: 60_000 });
      expect(await source.findUser('bob', noAbort)).to.not.equal(null);
      const failure = await failureOf(source.findUser('ada', AbortSignal.timeout(100)));
      expect(failure).to.include({ kind: 'too-slow' });
      // Otherwise, this lookup would wait a minute for the query of `ada`.
      expect(await source.findUser('bob', noAbort)).to.not.equal(null);
    });

    it('does not run lookups that were cancelled while they waited', async () => {
      const source = await open({ groupsQuery: endless, statementTimeoutMs: 60_000 });
      expect(await source.findUser('bob', noAbort)).to.not.equal(null);
      // Each of these lookups, if run, would block the thread once more.
      const cancelled = Array.from({ length: 20 }, () => failureOf(source.findUser('ada', AbortSignal.timeout(100))));
      for (const failure of await Promise.all(cancelled)) expect(failure).to.include({ kind: 'too-slow' });
      expect(await source.findUser('bob', noAbort)).to.not.equal(null);
    });

    it('does not count the time in the queue as time of the query', async () => {
      const source = await open({ groupsQuery: endless, statementTimeoutMs: 1500 });
      expect(await source.findUser('bob', noAbort)).to.not.equal(null);
      const slow = failureOf(source.findUser('ada', noAbort));
      const waiting = source.findUser('bob', noAbort);
      expect((await slow).message).to.include('statementTimeoutMs (1500 ms)');
      expect(await waiting).to.not.equal(null);
    });
  });

  const exact: Readonly<Record<string, string>> = {
    '9007199254740992 + 1': '9007199254740993',
    '-7': '-7',
    "'a' || char(0) || 'b'": 'a\0b',
    "' kept '": ' kept ',
    '1 = 1': '1',
  };
  for (const [expression, text] of Object.entries(exact)) {
    it(`reads ${expression} as ${JSON.stringify(text)}`, async () => {
      write(`UPDATE memberships SET name = ${expression}`);
      expect(await groupsOf(await open())).to.deep.equal([text]);
    });
  }

  for (const [expression, words] of Object.entries({
    '0.5': 'floating-point numbers',
    "x'00'": 'is binary; return text',
    NULL: 'returned NULL',
    "CAST(x'66ff' AS TEXT)": 'damaged characters',
  })) {
    it(`rejects ${expression}`, async () => {
      write(`UPDATE memberships SET name = ${expression}`);
      const failure = await failureOf((await open()).findUser('ada', noAbort));
      expect(failure.kind).to.equal('bad-answer');
      expect(failure.message).to.include(words);
    });
  }

  it('reports a missing table at startup', async () => {
    const failure = await failureOf(
      (await open({ groupsQuery: 'SELECT name FROM nowhere WHERE login = :userid' })).check(),
    );
    expect(failure.message).to.include('no such table: nowhere');
  });

  it('rejects more rows than maxRows, and accepts exactly as many', async () => {
    write("INSERT INTO memberships VALUES ('ada', 'finance')");
    expect(await groupsOf(await open({ maxRows: 2 }))).to.have.lengthOf(2);
    expect((await failureOf((await open({ maxRows: 1 })).findUser('ada', noAbort))).message).to.include(
      'more than maxRows (1)',
    );
  });

  it('continues after a lookup that was cancelled while it waited', async () => {
    const controller = new AbortController();
    const source = await open();
    const asked = failureOf(source.findUser('ada', controller.signal));
    controller.abort();
    expect(await asked).to.include({ kind: 'too-slow' });
    expect(await groupsOf(source)).to.deep.equal(['analysts']);
  });
});
