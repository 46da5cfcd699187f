// Tests of the CSV source over time: what a first load rejects, and what a reload replaces.
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import type { CsvSourceConfig } from '../../../schemas/generated/loaded-server-config.ts';
import { type AdapterLog, SourceError, type UserSource } from '../user-source.ts';
import { createCsvSource } from './csv-source.ts';
import { csvConfig } from './testing/csv-config.ts';

const signal = new AbortController().signal;
const columns = { groups: [{ column: 'groups', separator: '|' }], authorizations: [{ column: 'dept' }] };

function users(count: number, group: string): string {
  const rows = Array.from({ length: count }, (_, index) => `user${index},${group}|all,finance\n`);
  return `userid,groups,dept\n${rows.join('')}`;
}

/** Waits until the condition is true; after the time limit, fails with the last observation. */
async function eventually<T>(look: () => T | Promise<T>, holds: (seen: T) => boolean): Promise<T> {
  for (const start = Date.now(); ; await delay(20)) {
    const seen = await look();
    if (holds(seen)) return seen;
    if (Date.now() - start > 8000) expect.fail(`still ${JSON.stringify(seen)}`);
  }
}

describe('the CSV source', () => {
  let directory: string;
  let path: string;
  let logged: string[];
  const open: UserSource[] = [];
  const log: AdapterLog = {
    info: (details, message) => logged.push(`info ${message} ${JSON.stringify(details)}`),
    warn: (details, message) => logged.push(`warn ${message} ${JSON.stringify(details)}`),
    error: (details, message) => logged.push(`error ${message} ${JSON.stringify(details)}`),
  };

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'user-info-csv-'));
    path = join(directory, 'users.csv');
    logged = [];
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((source) => source.close()));
    rmSync(directory, { recursive: true, force: true });
  });

  async function start(config: CsvSourceConfig = csvConfig(path, columns)): Promise<UserSource> {
    const source = await createCsvSource(config, { log });
    open.push(source);
    return source;
  }

  const groupOf = async (source: UserSource, userid = 'user0') =>
    (await source.findUser(userid, signal))?.groups[0]?.name;
  const staleReasonOf = (source: UserSource) => source.status?.().staleReason ?? null;
  const generationOf = (source: UserSource) => source.status?.().generation;

  async function failureOf(config: CsvSourceConfig): Promise<SourceError> {
    const outcome = await start(config).catch((error: unknown) => error);
    expect(outcome).to.be.instanceOf(SourceError);
    return outcome as SourceError;
  }

  describe('at start', () => {
    it('reports a missing file as unavailable', async () => {
      expect(await failureOf(csvConfig(path, columns))).to.include({
        kind: 'unavailable',
        message: `${path} cannot be read (ENOENT).`,
      });
    });

    it('rejects an unknown encoding', async () => {
      writeFileSync(path, users(1, 'a'));
      const { message } = await failureOf(csvConfig(path, columns, { encoding: 'utf-9' }));
      expect(message).to.contain('source.encoding is unknown. Use a WHATWG name');
    });

    it('rejects options that contradict each other', async () => {
      writeFileSync(path, users(1, 'a'));
      const { message } = await failureOf(
        csvConfig(path, { ...columns, group: 'g', attribute: 'a' }, { layout: 'long', quote: ',' }),
      );
      expect(message).to.contain('source.quote must differ from source.delimiter');
      expect(message).to.contain('source.columns.groups applies to layout wide only');
      expect(message).to.contain('source.columns.attribute needs source.columns.value');
    });

    const faulty: Record<string, [text: string | Buffer, faults: string[]]> = {
      'an empty file': ['', ['line 1: the file is empty']],
      'a file of empty lines': ['\n\r\n', ['line 1: the file is empty']],
      'a header without users': ['userid,groups,dept\n', ['line 1: the file has no users']],
      'a missing column': [
        'userid,group,dept\nada,a,b\n',
        ['line 1: there is no column "groups"; did you mean "group"? The columns are "userid", "group", "dept"'],
      ],
      'a repeated column': ['userid,groups,dept,dept\nada,a,b,c\n', ['line 1: the column "dept" occurs 2 times']],
      'rows of the wrong length': [
        'userid,groups,dept\nada,a\n\ngrace,"a\nb",c\nalan,a,b,c\nbob\n',
        ['line 2: 2 fields where', 'line 6: 4 fields where', 'line 7: 1 field where'],
      ],
      'quotes in the wrong places': [
        'userid,groups,dept\nada,5" tube,b\ngrace,"a"b,c\nalan,a,b\nbob,"a,b\n',
        [
          'line 2: a quote inside a field',
          'line 3: text after the closing quote',
          'line 5: a quoted field begins here and is never',
        ],
      ],
      'invalid userids': [
        'userid,groups,dept\n,a,b\n"a\tb",a,b\n',
        ['line 2: the userid is empty', 'line 3: a control character in the userid'],
      ],
      'a repeated user': ['userid,groups,dept\nada,a,b\nada,c,d\n', ['line 3: the same userid as in line 2']],
      'a lone carriage return': [
        'userid,groups,dept\nada,a\r,b\nbob,a\n',
        ['line 2: a carriage return', 'line 3: 2 fields'],
      ],
      'bytes that are not UTF-8': [
        Buffer.from('userid,groups,dept\nada,\xe9,b\nbob,a,b\nzo\xeb,a,b\n', 'latin1'),
        ['line 2: bytes that are not valid utf-8', 'line 4: bytes that are not valid utf-8'],
      ],
      'a NUL character': ['userid,groups,dept\nada,a,b\0\n', ['line 2: a NUL character']],
    };
    for (const [title, [text, faults]] of Object.entries(faulty)) {
      it(`rejects ${title}, and reports each error with its line`, async () => {
        writeFileSync(path, text);
        const { kind, message } = await failureOf(csvConfig(path, columns));
        expect(kind).to.equal('bad-answer');
        const [, ...lines] = message.split('\n');
        expect(lines.length, message).to.equal(faults.length);
        for (const [index, fault] of faults.entries())
          expect(lines[index]).to.satisfy((line: string) => line.startsWith(fault));
      });
    }

    it('ends the report after maxErrors errors, with a note', async () => {
      writeFileSync(path, `userid,groups,dept\n${'x\n'.repeat(100)}`);
      const { message } = await failureOf(csvConfig(path, columns, { maxErrors: 3 }));
      expect(message.match(/^line /gm)).to.have.length(3);
      expect(message).to.contain('the report ends here');
    });

    it('does not include users, groups or values in the report', async () => {
      writeFileSync(path, 'userid,groups,dept\nsecret-user,"secret-group"x,secret-value\nsecret-user,secret-group\n');
      expect((await failureOf(csvConfig(path, columns))).message).to.not.contain('secret-');
    });
  });

  const texts: Record<string, Buffer> = {
    'windows-1252': Buffer.from([...Buffer.from('userid,groups,dept\nada,'), 0x80, 0xe9, ...Buffer.from(',b\n')]),
    'utf-16le': Buffer.from('\ufeffuserid,groups,dept\nada,\u20ac\u00e9,b\n', 'utf16le'),
    'utf-8': Buffer.from('\ufeffuserid,groups,dept\nada,\u20ac\u00e9,b\n'),
  };
  for (const [encoding, bytes] of Object.entries(texts)) {
    it(`reads ${encoding}`, async () => {
      writeFileSync(path, bytes);
      expect(await groupOf(await start(csvConfig(path, columns, { encoding })), 'ada')).to.equal('\u20ac\u00e9');
    });
  }

  it('reports the line of bytes that are invalid in the encoding', async () => {
    writeFileSync(path, Buffer.from([...Buffer.from('userid,groups,dept\nada,a,b\nbob,'), 0x81, 0x20, 0x0a]));
    const { message } = await failureOf(csvConfig(path, columns, { encoding: 'shift_jis' }));
    expect(message).to.contain('line 3: bytes that are not valid shift_jis');
  });

  it('looks up users in memory, without a promise', async () => {
    writeFileSync(path, users(2, 'analysts'));
    const source = await start();
    expect(source.answersFromMemory).to.equal(true);
    expect(source.findUserInMemory?.('user1', null)).to.deep.equal(await source.findUser('user1', signal));
    expect(source.findUserInMemory?.('bob', null)).to.equal(null);
  });

  it('finds userids in any letter case with caseInsensitive', async () => {
    writeFileSync(path, 'userid,groups,dept\nADA,a,b\nZO\u00cb,c,d\n');
    const source = await start(csvConfig(path, columns, { caseInsensitive: true }));
    expect(await groupOf(source, 'ada')).to.equal('a');
    expect(await groupOf(source, 'Zo\u00eb')).to.equal('c');
  });

  describe('when the file changes', () => {
    it(`loads a file that was replaced`, async () => {
      writeFileSync(path, users(10, 'old'));
      const source = await start(csvConfig(path, columns));
      expect(await groupOf(source)).to.equal('old');
      writeFileSync(`${path}.new`, users(11, 'new'));
      renameSync(`${path}.new`, path);
      await eventually(
        () => groupOf(source),
        (group) => group === 'new',
      );
      expect(source.status?.()).to.include({ users: 11, generation: 2, staleReason: null });
    });

    it('loads a file that was written in place', async () => {
      writeFileSync(path, users(10, 'old'));
      const source = await start();
      writeFileSync(path, users(10, 'new'));
      await eventually(
        () => groupOf(source),
        (group) => group === 'new',
      );
    });

    it('loads a ConfigMap whose symlink is swapped', async () => {
      // As the kubelet does: users.csv → ..data/users.csv, ..data → a timestamped directory. A rename replaces the symlink.
      const version = (name: string, text: string) => {
        mkdirSync(join(directory, name));
        writeFileSync(join(directory, name, 'users.csv'), text);
      };
      version('..2026_01', users(10, 'old'));
      symlinkSync('..2026_01', join(directory, '..data'));
      symlinkSync(join('..data', 'users.csv'), path);
      const source = await start();
      expect(await groupOf(source)).to.equal('old');
      version('..2026_02', users(10, 'new'));
      symlinkSync('..2026_02', join(directory, '..data_tmp'));
      renameSync(join(directory, '..data_tmp'), join(directory, '..data'));
      rmSync(join(directory, '..2026_01'), { recursive: true });
      await eventually(
        () => groupOf(source),
        (group) => group === 'new',
      );
    });

    it('loads a file at the next poll when no watch event reports its change', async () => {
      // The file is elsewhere, behind a symlink: nothing happens in the watched directory.
      const elsewhere = mkdtempSync(join(tmpdir(), 'user-info-csv-'));
      writeFileSync(join(elsewhere, 'real.csv'), users(10, 'old'));
      symlinkSync(join(elsewhere, 'real.csv'), path);
      const source = await start(csvConfig(path, columns, { pollSeconds: 1 }));
      writeFileSync(join(elsewhere, 'real.csv'), users(10, 'new'));
      await eventually(
        () => groupOf(source),
        (group) => group === 'new',
      );
      rmSync(elsewhere, { recursive: true });
    });

    it('continues to poll when the directory is replaced', async () => {
      const inner = join(directory, 'inner');
      mkdirSync(inner);
      writeFileSync(join(inner, 'users.csv'), users(10, 'old'));
      const source = await start(csvConfig(join(inner, 'users.csv'), columns, { pollSeconds: 1 }));
      renameSync(inner, join(directory, 'away'));
      mkdirSync(inner);
      writeFileSync(join(inner, 'users.csv'), users(10, 'new'));
      await eventually(
        () => groupOf(source),
        (group) => group === 'new',
      );
    });

    function replaceByDirectory(): void {
      unlinkSync(path);
      mkdirSync(path);
    }
    function replaceByLoop(): void {
      unlinkSync(path);
      symlinkSync(path, path);
    }
    const refused: Record<string, [write: () => void, reason: RegExp]> = {
      'an empty file': [() => writeFileSync(path, ''), /the file is empty/],
      'an invalid file': [() => writeFileSync(path, `${users(10, 'new')}"`), /line 12: a quoted field begins here/],
      'a header without users': [() => writeFileSync(path, 'userid,groups,dept\n'), /has no users/],
      'a missing file': [() => unlinkSync(path), /cannot be read \(ENOENT\)/],
      'a file with too few users': [
        () => writeFileSync(path, users(7, 'new')),
        /maxShrinkPercent \(20\): 7 users, compared with 10/,
      ],
      'a symlink to itself': [replaceByLoop, /cannot be read \(ELOOP\)/],
      'a directory in its place': [replaceByDirectory, /cannot be read \(EISDIR\)/],
    };
    for (const [title, [write, reason]] of Object.entries(refused)) {
      it(`keeps serving the last valid data instead of ${title}, and recovers`, async () => {
        writeFileSync(path, users(10, 'old'));
        const source = await start(csvConfig(path, columns, { pollSeconds: 1 }));
        write();
        expect(
          await eventually(
            () => staleReasonOf(source),
            (found) => found !== null,
          ),
        ).to.match(reason);
        expect(await groupOf(source)).to.equal('old');
        expect(source.status?.()).to.include({ users: 10, generation: 1 });
        await source.check();
        // At least one more poll has the same result, which is reported only once.
        await delay(1200);
        expect(logged.filter((entry) => entry.startsWith('error'))).to.have.length(1);
        rmSync(path, { recursive: true, force: true });
        writeFileSync(path, users(10, 'new'));
        await eventually(
          () => groupOf(source),
          (group) => group === 'new',
        );
        expect(source.status?.()).to.include({ generation: 2, staleReason: null });
      });
    }

    it('recovers when the previous content of a rejected file is restored', async () => {
      writeFileSync(path, users(10, 'old'));
      const source = await start();
      writeFileSync(path, '');
      await eventually(
        () => staleReasonOf(source),
        (reason) => reason !== null,
      );
      writeFileSync(path, users(10, 'old'));
      await eventually(
        () => staleReasonOf(source),
        (reason) => reason === null,
      );
      expect(generationOf(source)).to.equal(1);
    });

    it('waits until a file is written completely', async () => {
      writeFileSync(path, users(10, 'old'));
      const source = await start();
      const text = users(20, 'new');
      writeFileSync(path, text.slice(0, 200));
      await delay(400);
      expect(await groupOf(source)).to.equal('old');
      appendFileSync(path, text.slice(200));
      await eventually(
        () => groupOf(source),
        (group) => group === 'new',
      );
      expect(source.status?.()).to.include({ users: 20, staleReason: null });
    });

    it('does not reload a file that was written with the same bytes', async () => {
      writeFileSync(path, users(10, 'old'));
      const source = await start(csvConfig(path, columns, { pollSeconds: 1 }));
      writeFileSync(path, users(10, 'old'));
      await delay(1500);
      expect(generationOf(source)).to.equal(1);
      expect(logged).to.have.length(1);
    });

    it('does not miss a change during a reload', async () => {
      writeFileSync(path, users(10, 'old'));
      const source = await start();
      for (let round = 0; round < 30; round++) {
        writeFileSync(path, users(10, `round${round}`));
        await delay(round % 7 === 0 ? 200 : 15);
      }
      await eventually(
        () => groupOf(source),
        (group) => group === 'round29',
      );
    });

    it('accepts any number of users with maxShrinkPercent 100', async () => {
      writeFileSync(path, users(10, 'old'));
      const source = await start(csvConfig(path, columns, { maxShrinkPercent: 100 }));
      writeFileSync(path, users(1, 'new'));
      await eventually(
        () => groupOf(source),
        (group) => group === 'new',
      );
    });

    it('does not load changes after it was closed', async () => {
      writeFileSync(path, users(10, 'old'));
      const source = await start();
      await source.close();
      writeFileSync(path, users(10, 'new'));
      await delay(500);
      expect(await groupOf(source)).to.equal('old');
    });
  });
});
