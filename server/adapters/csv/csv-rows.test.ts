// Tests of both readers with the rows of RFC 4180 and the acid tests of csv-spectrum.
import { promisify } from 'node:util';
import { AssertionError, expect } from 'chai';
import readSpectrum from 'csv-spectrum';
import { createFaultList, csvRules } from './csv-faults.ts';
import { CsvScanner, scanned } from './csv-scanner.ts';
import { FieldReader } from './field-reader.ts';
import { readRowsWithCsvParse } from './testing/csv-parse-rows.ts';

type Row = readonly [line: number, ...fields: string[]];

const cases: Record<string, [text: string, ...rows: Row[]]> = {
  'RFC 4180, 2.1: one record per line, terminated by CRLF': [
    'aaa,bbb\r\nzzz,yyy\r\n',
    [1, 'aaa', 'bbb'],
    [2, 'zzz', 'yyy'],
  ],
  'RFC 4180, 2.2: no line break at the end': ['aaa,bbb\r\nzzz,yyy', [1, 'aaa', 'bbb'], [2, 'zzz', 'yyy']],
  'RFC 4180, 2.4: spaces are part of a field': [' a , b\n', [1, ' a ', ' b']],
  'RFC 4180, 2.5: fields may be quoted': ['"aaa","bbb"\r\nzzz,"yyy"', [1, 'aaa', 'bbb'], [2, 'zzz', 'yyy']],
  'RFC 4180, 2.6: line breaks and commas in quotes': ['"b\r\nb,b",c\r\nz,y', [1, 'b\r\nb,b', 'c'], [3, 'z', 'y']],
  'RFC 4180, 2.7: a doubled quote stands for one': ['"b""bb","""","a"""\n', [1, 'b"bb', '"', 'a"']],
  'empty fields': [',,\n"",,""\n', [1, '', '', ''], [2, '', '', '']],
  'empty lines': ['\n\r\na\n\n\nb\n\n', [3, 'a'], [6, 'b']],
  'a quoted empty field is a row': ['""\n""', [1, ''], [2, '']],
  'a delimiter at the end': ['a,', [1, 'a', '']],
  'both line ends in one file': ['a\nb\r\nc', [1, 'a'], [2, 'b'], [3, 'c']],
  'a lone CR in quotes': ['"a\rb",c\n', [1, 'a\rb', 'c']],
  'JSON in a field': ['1,"{""type"": ""Point"", ""at"": [1, 2]}"\n', [1, '1', '{"type": "Point", "at": [1, 2]}']],
  'letters outside ASCII': ['\u02a4,\u{1f600}\n"\u00e9,"\n', [1, '\u02a4', '\u{1f600}'], [2, '\u00e9,']],
  'one value': ['a', [1, 'a']],
};

function readWithScanner(text: string, chunkBytes: number): Row[] {
  const bytes = Buffer.from(text);
  const quote = 0x22;
  const scanner = new CsvScanner(0x2c, quote);
  const field = new FieldReader(scanner, quote, false);
  const rows: Row[] = [];
  for (let to = Math.min(chunkBytes, bytes.length); ; to = Math.min(to + chunkBytes, bytes.length)) {
    const isLast = to === bytes.length;
    for (;;) {
      const outcome = scanner.scan(bytes, scanner.next, to, isLast);
      expect(outcome).to.not.equal(scanned.fault);
      if (outcome !== scanned.row) break;
      const fields = Array.from({ length: scanner.fieldCount }, (_, place) => {
        field.open(bytes, place);
        return field.text();
      });
      rows.push([scanner.rowLine, ...fields]);
    }
    if (isLast) return rows;
  }
}

async function readWithLibrary(text: string): Promise<Row[]> {
  const rows: Row[] = [];
  const faults = createFaultList(10);
  await readRowsWithCsvParse(Buffer.from(text), { delimiter: ',', quote: '"' }, faults, (fields, line) => {
    rows.push([line, ...fields]);
    return true;
  });
  expect(faults.faults).to.deep.equal([]);
  return rows;
}

describe('CSV rows', () => {
  for (const [title, [text, ...rows]] of Object.entries(cases)) {
    it(`${title}: read by the scanner, for any size of its chunks`, () => {
      for (const chunkBytes of [1, 2, 3, 5, 1000]) expect(readWithScanner(text, chunkBytes)).to.deep.equal(rows);
    });

    it(`${title}: read by csv-parse`, async () => {
      expect(await readWithLibrary(text)).to.deep.equal(rows);
    });
  }
});

describe('CSV rows from csv-spectrum', () => {
  /** It contains a quote in an unquoted field, which RFC 4180 does not allow: a lenient parser may lose a row. */
  const refused = 'location_coordinates';

  /** Returns rows as the authors specify them: by the names in the first row. */
  function recordsOf([header = [1], ...rows]: readonly Row[]): unknown {
    const [, ...names] = header;
    return rows.map(([, ...fields]) => Object.fromEntries(names.map((name, place) => [name, fields[place]])));
  }

  it('are read as its authors specify', async () => {
    const samples = (await promisify(readSpectrum)()).filter(({ name }) => name !== refused);
    expect(samples).to.have.length.above(10);
    for (const { name, csv, json } of samples) {
      const expected: unknown = JSON.parse(json.toString());
      const text = csv.toString();
      for (const chunkBytes of [1, 7, 1000]) {
        expect(recordsOf(readWithScanner(text, chunkBytes)), name).to.deep.equal(expected);
      }
      expect(recordsOf(await readWithLibrary(text)), name).to.deep.equal(expected);
    }
  });

  it(`are rejected in ${refused}, with the line and the rule`, async () => {
    const sample = (await promisify(readSpectrum)()).find(({ name }) => name === refused);
    const text = sample?.csv.toString() ?? '';
    expect(() => readWithScanner(text, 1000)).to.throw(AssertionError);
    const faults = createFaultList(10);
    await readRowsWithCsvParse(Buffer.from(text), { delimiter: ',', quote: '"' }, faults, () => true);
    expect(faults.faults).to.deep.equal([{ line: 2, rule: csvRules.quoteInField }]);
  });
});
