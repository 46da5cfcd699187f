// Tests of the store: a kill at any moment leaves a consistent state, and only one process at a time can use the store. No file of another program is
// changed.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import sqlite from 'node-sqlite3-wasm';
import { scratchDirectory } from '../../tests/certificate-files.ts';
import { createRunStore } from '../sync/run-store.ts';
import { DatabaseError } from './database-error.ts';
import { migrations } from './migrations.ts';
import { openDatabase, toTextBytes } from './open-database.ts';

const writer = join(import.meta.dirname, 'testing/endless-writer.ts');

function failureOf(action: () => unknown): DatabaseError {
  try {
    action();
  } catch (error) {
    if (error instanceof DatabaseError) return error;
    throw error;
  }
  throw new Error('it did not fail');
}

/** Runs SQL on a file, as another program would. */
function runStatements(file: string, text: string): void {
  const database = new sqlite.Database(file);
  try {
    // The library can open a file in WAL mode only with an exclusive lock.
    database.exec('PRAGMA locking_mode = EXCLUSIVE');
    database.exec(text);
  } finally {
    database.close();
  }
}

describe('the database of the simulator', () => {
  let file: string;
  beforeEach(() => {
    file = join(scratchDirectory(), 'simulator.db');
  });

  it('keeps written data, and leaves only its file when it is closed', () => {
    const first = openDatabase(file);
    first.run('INSERT INTO custom_permissions VALUES (?)', ['ÄÖ “x”']);
    first.close();
    expect(['.owner', '.lock', '-wal', '-journal'].filter((end) => existsSync(file + end))).to.deep.equal([]);
    const second = openDatabase(file);
    expect(second.all('SELECT name FROM custom_permissions')).to.deep.equal([{ name: 'ÄÖ “x”' }]);
    second.close();
  });

  it('is consistent after each of four kills during writes', async () => {
    let rows = 0;
    for (let round = 0; round < 4; round++) {
      const child = spawn(process.execPath, ['--import', 'tsx', writer, file], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      await once(child.stdout, 'data');
      // Kills the writer without waiting, so that the next transaction is half written.
      child.kill('SIGKILL');
      await once(child, 'exit');
      const database = openDatabase(file);
      const { n = 0 } = database.find<{ n: number }>('SELECT count(*) AS n FROM custom_permissions') ?? {};
      expect(n % 500, 'only whole transactions').to.equal(0);
      expect(n, 'what was reported as written is there').to.be.greaterThan(rows);
      expect(database.find('PRAGMA integrity_check')).to.deep.equal({ integrity_check: 'ok' });
      database.close();
      rows = n;
    }
  });

  it('is open in only one process at a time', () => {
    const database = openDatabase(file);
    const failure = failureOf(() => openDatabase(file));
    expect(failure.kind).to.equal('in-use');
    expect(failure.message).to.include(`in use by the process ${process.pid}`);
    database.close();
    openDatabase(file).close();
  });

  it('stays locked by a process on another machine, whose state is unknown', () => {
    writeFileSync(`${file}.owner`, JSON.stringify({ host: 'elsewhere', pid: 1, began: null }));
    expect(failureOf(() => openDatabase(file)).message).to.include(`delete ${file}.owner`);
  });

  it('is unlocked when an earlier process with the same number has ended', () => {
    writeFileSync(`${file}.owner`, JSON.stringify({ host: hostname(), pid: process.pid, began: 'long ago' }));
    mkdirSync(`${file}.lock`);
    openDatabase(file).close();
  });

  it('does not change the file of another program', () => {
    runStatements(file, 'CREATE TABLE theirs (a)');
    const bytes = readFileSync(file);
    expect(failureOf(() => openDatabase(file)).message).to.include('of another program');
    expect(readFileSync(file).equals(bytes)).to.equal(true);
    expect(existsSync(`${file}.owner`)).to.equal(false);
  });

  it('rejects a file that is not SQLite, a newer file, and a missing directory', () => {
    writeFileSync(file, 'userid,groups\n'.repeat(100));
    expect(failureOf(() => openDatabase(file)).kind).to.equal('unusable');
    const newer = `${file}.newer`;
    openDatabase(newer).close();
    runStatements(newer, 'PRAGMA user_version = 999');
    expect(failureOf(() => openDatabase(newer)).message).to.include('newer version of user-info');
    expect(failureOf(() => openDatabase(join(file, 'below', 'x.db'))).message).to.match(/\(ENO\w+\)/);
  });

  it('upgrades a file from an earlier version, including the records of its runs', () => {
    const state = (group: string) => JSON.stringify({ groups: [{ name: group }], authorizations: {} });
    const version = migrations.findIndex((step) => step.includes('CREATE TABLE user_states'));
    const rows = [
      `('ada', 'user', NULL, '${state('staff')}')`,
      `('bob', 'user', '${state('staff')}', '${state('crew')}')`,
      `('eve', 'user', '${state('crew')}', NULL)`,
      "('zoe', 'timeout', NULL, NULL)",
    ];
    const text = [
      ...migrations.slice(0, version),
      ...['done', 'judged', 'asking'].map(
        (phase, index) =>
          `INSERT INTO runs VALUES (${index + 1}, 'okta', 'qa', 'all', 'store', '', 0, '${phase}', '', '', '{}', '{}', NULL)`,
      ),
      `WITH rows (userid, outcome, before, after) AS (VALUES ${rows.join()})
       INSERT INTO run_users SELECT 1, userid, outcome, 200, before, after, NULL FROM rows`,
      // The application id, as in open-database.ts.
      `PRAGMA application_id = ${0x75697369}; PRAGMA user_version = ${version}`,
    ].join(';');
    runStatements(file, text);
    const database = openDatabase(file);
    expect(createRunStore(database).page(1, '', 9)).to.deep.equal([
      { userid: 'ada', outcome: 'user', status: 200, detail: null, before: null, after: state('staff') },
      { userid: 'bob', outcome: 'user', status: 200, detail: null, before: state('staff'), after: state('crew') },
      { userid: 'eve', outcome: 'user', status: 200, detail: null, before: state('crew'), after: null },
      { userid: 'zoe', outcome: 'timeout', status: 200, detail: null, before: null, after: null },
    ]);
    expect(database.all('SELECT * FROM user_states'), 'each once').to.have.lengthOf(2);
    expect(
      database.all<{ phase: string }>('SELECT phase FROM runs ORDER BY id').map(({ phase }) => phase),
      'phases',
    ).to.deep.equal(['done', 'evaluated', 'requesting']);
    database.close();
  });

  it('rolls back only the inner transaction when its failure is caught, and both transactions otherwise', () => {
    const database = openDatabase(null);
    const add = (name: string) => database.run('INSERT INTO custom_permissions VALUES (?)', [name]);
    const names = () => database.all<{ name: string }>('SELECT name FROM custom_permissions').map(({ name }) => name);
    const fail = () => {
      throw new Error('on purpose');
    };
    database.transaction(() => {
      add('outer');
      expect(() =>
        database.transaction(() => {
          add('inner');
          fail();
        }),
      ).to.throw('on purpose');
    });
    expect(names()).to.deep.equal(['outer']);
    expect(() =>
      database.transaction(() => {
        add('second');
        database.transaction(fail);
      }),
    ).to.throw('on purpose');
    expect(names()).to.deep.equal(['outer']);
    database.close();
  });

  it('reports each failure of a statement separately, and executes it again once the cause is removed', () => {
    const database = openDatabase(null);
    const add = () => database.run('INSERT INTO custom_permissions VALUES (?)', ['twice']);
    add();
    for (const time of ['second', 'third']) expect(add, time).to.throw('UNIQUE constraint failed');
    database.run('DELETE FROM custom_permissions');
    expect(add).not.to.throw();
    database.close();
  });

  it('stores text that is given as bytes unchanged, and rejects a NUL and half a surrogate pair', () => {
    const database = openDatabase(null);
    const text = 'Zoë, 東京 and 🦉 '.repeat(100);
    database.run('INSERT INTO custom_permissions VALUES (CAST(? AS TEXT))', [toTextBytes(text)]);
    expect(database.all('SELECT name FROM custom_permissions WHERE name = ?', [text])).to.deep.equal([{ name: text }]);
    for (const lossy of ['a\0b', '\ud83e']) expect(failureOf(() => toTextBytes(lossy)).kind).to.equal('unkeepable');
    database.close();
  });
}).timeout(60_000);
