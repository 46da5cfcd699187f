// Tests of what spreadsheets and broken copies do to a file: Excel's first line `sep=`, and an end within a character.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { CsvSourceConfig } from '../../../schemas/generated/loaded-server-config.ts';
import { type AdapterLog, SourceError } from '../user-source.ts';
import { createCsvSource } from './csv-source.ts';
import { csvConfig } from './testing/csv-config.ts';

const columns = { groups: [{ column: 'groups', separator: '|' }], authorizations: [] };
const log: AdapterLog = { info: () => undefined, warn: () => undefined, error: () => undefined };

describe('CSV files from spreadsheets', () => {
  let directory: string;
  let path: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'user-info-csv-'));
    path = join(directory, 'users.csv');
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  async function groupsOf(content: string | Buffer, options: Partial<CsvSourceConfig> = {}): Promise<unknown> {
    writeFileSync(path, content);
    const source = await createCsvSource(csvConfig(path, columns, options), { log });
    try {
      const user = await source.findUser('ada', AbortSignal.timeout(5000));
      const origins = await source.explainUser?.('ada', AbortSignal.timeout(5000));
      return [user?.groups.map(({ name }) => name), origins?.groups[0]?.origin];
    } finally {
      await source.close();
    }
  }

  async function failureOf(content: string | Buffer, options: Partial<CsvSourceConfig> = {}): Promise<string> {
    const outcome = await groupsOf(content, options).catch((error: unknown) => error);
    if (!(outcome instanceof SourceError)) throw new Error(`no SourceError: ${JSON.stringify(outcome)} ${outcome}`);
    return outcome.message;
  }

  const rows = 'userid;groups\r\nada;a|b\r\n';
  const semicolon = { delimiter: ';' };

  for (const [title, first] of [
    ['sep=;', 'sep=;\r\n'],
    ['SEP=; and LF', 'SEP=;\n'],
    ['"sep=;" in quotes', '"sep=;"\r\n'],
    ['sep=; after a byte order mark', '\ufeffsep=;\r\n'],
  ]) {
    it(`skips ${title}, and counts it as a line`, async () => {
      expect(await groupsOf(first + rows, semicolon)).to.deep.equal([['a', 'b'], 'users.csv:3, column groups']);
    });
  }

  it(`skips sep= in UTF-16, in a large file, and with tabs`, async () => {
    const utf16 = Buffer.from(`\ufeffsep=;\r\n${rows}`, 'utf16le');
    expect(await groupsOf(utf16, { ...semicolon, encoding: 'utf-16le' })).to.have.deep.property('0', ['a', 'b']);
    const many = Array.from({ length: 60_000 }, (_, index) => `user${index};g\r\n`).join('');
    expect(await groupsOf(`sep=;\r\n${rows}${many}`, semicolon)).to.have.deep.property('0', ['a', 'b']);
    const tabs = `sep=\t\n${rows.replaceAll(';', '\t')}`;
    expect(await groupsOf(tabs, { delimiter: '\t' })).to.have.deep.property('0', ['a', 'b']);
  });

  it(`rejects a sep= other than the delimiter, and names the option to set`, async () => {
    const message = await failureOf(`sep=;\r\n${rows}`);
    expect(message).to.include('line 1: the file declares `sep=;`').and.include('set `delimiter: ";"`');
    expect(message).not.to.include('line 2');
    expect(await failureOf(`sep=\t\n${rows}`, semicolon)).to.include('set `delimiter: "\\t"`');
  });

  it(`does not skip a column named sep=, and rejects a file with only this line`, async () => {
    const column = 'sep=;groups;userid\r\nx;a|b;ada\r\n';
    expect(await groupsOf(column, semicolon)).to.have.deep.property('0', ['a', 'b']);
    for (const content of ['sep=;', 'sep=;\r\n']) expect(await failureOf(content, semicolon)).to.include('empty');
  });

  it(`reports the line and byte where a file is truncated inside a character`, async () => {
    const text = 'userid,groups\nada,Zürich\nbob,東';
    for (const cut of [1, 2]) {
      const message = await failureOf(Buffer.from(text).subarray(0, -cut));
      expect(message).to.include('line 3: the file ends inside a utf-8 character, at byte 30: it was truncated');
    }
    const emoji = Buffer.from(`${text}\nx,😀`);
    expect(await failureOf(emoji.subarray(0, -1))).to.include('line 4: the file ends inside a utf-8');
  });

  it(`reports other invalid bytes as invalid`, async () => {
    const invalid = Buffer.concat([Buffer.from('userid,groups\nada,a'), Buffer.from([0xff])]);
    expect(await failureOf(invalid)).to.include('line 2: bytes that are not valid utf-8');
    const early = Buffer.from('userid,groups\nad\xe4,a\nbob,a', 'latin1');
    expect(await failureOf(early)).to.include('line 2: bytes that are not valid utf-8');
  });

  it(`reports where a file in another encoding is truncated`, async () => {
    const utf16 = Buffer.from('userid,groups\nada,a\nbob,b', 'utf16le').subarray(0, -1);
    const message = await failureOf(utf16, { encoding: 'utf-16le' });
    expect(message).to.include('line 3: the file ends inside a utf-16le character, at byte 49');
  });
});
