// Differential tests of the CSV parser over generated files: it returns the same users and JSON bytes as csv-parse, and errors on the same lines.
// Encoded bytes are always JSON that satisfies the strict schema.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import { EncodedUserInfo } from '../../../schemas/encoded-user-info.ts';
import type { CsvSourceConfig } from '../../../schemas/generated/loaded-server-config.ts';
import { describeSchemaErrors, validateUserInfo } from '../../../schemas/validators.ts';
import { loadPacked } from './packed-engine.ts';
import { createPackedUsers } from './packed-users.ts';
import type { CsvLoadOutcome, CsvUsers } from './read-csv-file.ts';
import { csvConfig } from './testing/csv-config.ts';
import { loadWithCsvParse } from './testing/load-with-csv-parse.ts';

const runs = Number(process.env.CSV_DIFFERENTIAL_RUNS ?? 1500);
/** So small that rows, quotes, line ends and characters are cut at every position. */
const smallChunkBytes = 256;

const userids = [
  'ada',
  'Ada',
  'ADA',
  'zo\u00eb',
  'ZO\u00cb',
  '\u{1f600}',
  '__proto__',
  'constructor',
  ' ada',
  'a"b',
  "o'b",
  'a,b',
];
const names = [
  'g',
  'G',
  'sales, emea',
  'say "hi"',
  "it's",
  'a\\b',
  'x\ny',
  'x\r\ny',
  'x\ry',
  '\u{1f600}',
  '\u2028',
  ' pad ',
  '\u00a0n',
  '\u3000',
];
const attributes = ['dept', '10', '2', '__proto__', 'd\u00e9p"t'];
const words = ['', 'true', 'No', 'DISABLED', 'enabled', '1', 'maybe'];
/** Bytes that are inserted into a valid file to break it. */
const damage = [
  '"',
  "'",
  '""',
  ',',
  ';',
  '\n',
  '\r\n',
  '\r',
  '\n\n',
  '\r\n\r\n',
  '|',
  ' ',
  '\t',
  '\u001f',
  '\u0085',
  '\ufeff',
  'x',
  '\0',
  '"x',
  'x"',
  '"\n',
]
  .map((text) => Buffer.from(text))
  .concat([Buffer.from([0xff]), Buffer.from([0xc3]), Buffer.from([0xed, 0xa0, 0x80])]);

type Options = Partial<Omit<CsvSourceConfig, 'columns' | 'path' | 'type'>>;

const dialects = fc.record({
  delimiter: fc.constantFrom(',', ';', '\t', '|'),
  quote: fc.constantFrom('"', "'"),
  trim: fc.boolean(),
  duplicates: fc.constantFrom('error' as const, 'merge' as const),
  caseInsensitive: fc.boolean(),
  maxErrors: fc.constantFrom(1, 3, 50),
  header: fc.constantFrom(true, true, true, false),
});
const separators = fc.constantFrom(undefined, '|', '||', '; ', '\u00a7');

const shortList = (pool: readonly string[]) => fc.array(fc.constantFrom(...pool), { maxLength: 4 });
const wideRows = fc.array(
  fc.tuple(
    fc.constantFrom(...userids),
    shortList(names),
    shortList(names),
    shortList(names),
    fc.constantFrom(...words),
  ),
  { maxLength: 12 },
);
const longRows = fc.array(
  fc.tuple(
    fc.constantFrom(...userids),
    fc.constantFrom('', '', 'yes', 'no', 'what'),
    fc.constantFrom('', ...names),
    fc.constantFrom('', ...attributes),
    fc.constantFrom('', ...names),
  ),
  { maxLength: 20 },
);
interface Style {
  lineEnd: string;
  quotesAll: boolean;
  endsLine: boolean;
  byteOrderMark: boolean;
  emptyLines: boolean;
}
/** Position (modulo the length), inserted bytes, number of removed bytes. */
type Damage = readonly [number, Buffer, number];

const style: fc.Arbitrary<Style> = fc.record({
  lineEnd: fc.constantFrom('\n', '\r\n'),
  quotesAll: fc.boolean(),
  endsLine: fc.boolean(),
  byteOrderMark: fc.boolean(),
  emptyLines: fc.boolean(),
});
const damages: fc.Arbitrary<Damage[]> = fc.array(fc.tuple(fc.nat(), fc.constantFrom(...damage), fc.nat({ max: 2 })), {
  maxLength: 3,
});

function writeTable(rows: readonly (readonly string[])[], how: Style, options: Options): Buffer {
  const { delimiter = ',', quote = '"' } = options;
  const needsQuotes = (field: string) => [delimiter, quote, '\r', '\n'].some((text) => field.includes(text));
  const toField = (field: string) =>
    how.quotesAll || needsQuotes(field) ? quote + field.replaceAll(quote, quote + quote) + quote : field;
  const lines = rows.map((row) => row.map(toField).join(delimiter));
  const text = lines.join(how.emptyLines ? how.lineEnd + how.lineEnd : how.lineEnd) + (how.endsLine ? how.lineEnd : '');
  return Buffer.from((how.byteOrderMark ? '\ufeff' : '') + text);
}

function applyDamage(bytes: Buffer, list: readonly Damage[]): Buffer {
  let damaged = bytes;
  for (const [place, inserted, removed] of list) {
    const at = place % (damaged.length + 1);
    damaged = Buffer.concat([damaged.subarray(0, at), inserted, damaged.subarray(at + removed)]);
  }
  return damaged;
}

/** Returns a comparable form of the result, with users as the bytes that would be sent. */
function describeOutcome(outcome: CsvLoadOutcome<CsvUsers>): unknown {
  if (outcome.kind !== 'loaded') return outcome;
  const { loaded, digest } = outcome;
  const asked = userids.flatMap((userid) => [userid, userid.trim(), userid.toLowerCase(), `${userid}x`, 'userid', '']);
  const answers = asked.map((userid) => {
    const found = loaded.find(userid);
    if (!(found instanceof EncodedUserInfo)) return [userid, JSON.stringify(found)];
    expect(validateUserInfo(found), describeSchemaErrors(validateUserInfo.errors)).to.equal(true);
    return [userid, found.json.toString('utf8')];
  });
  return { digest, size: loaded.size, answers };
}

describe('the CSV parser and csv-parse', () => {
  let directory: string;
  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'user-info-csv-'));
  });
  after(() => rmSync(directory, { recursive: true, force: true }));

  async function assertSame(bytes: Buffer, config: CsvSourceConfig): Promise<CsvLoadOutcome<CsvUsers>['kind']> {
    writeFileSync(config.path, bytes);
    const packed = loadPacked(config, 'utf-8', [], smallChunkBytes);
    const ours: CsvLoadOutcome<CsvUsers> =
      packed.kind === 'loaded'
        ? { ...packed, loaded: createPackedUsers(packed.loaded, config.caseInsensitive) }
        : packed;
    const theirs = await loadWithCsvParse(config, 'utf-8', []);
    expect(describeOutcome(ours)).to.deep.equal(describeOutcome(theirs));
    return ours.kind;
  }

  /** Asserts that both kinds of results are common; otherwise, the comparison would prove nothing. */
  function assertMixed(kinds: readonly string[]): void {
    for (const kind of ['loaded', 'refused']) {
      expect(kinds.filter((found) => found === kind).length, kind).to.be.greaterThan(kinds.length / 20);
    }
  }

  it('agree on generated wide tables, valid and damaged', async function () {
    this.timeout(120_000);
    const kinds: string[] = [];
    await fc.assert(
      fc.asyncProperty(
        dialects,
        separators,
        separators,
        wideRows,
        style,
        damages,
        async (options, groupSeparator, valueSeparator, rows, how, list) => {
          const withHeader = options.header ? ['userid', 'groups', '10', 'dept', 'off'] : null;
          const cells = rows.map(([userid, groups, first, second, word]) => [
            userid,
            groups.join(groupSeparator ?? '|'),
            first.join(valueSeparator ?? '|'),
            second.join('|'),
            word,
          ]);
          const column = (index: number) => withHeader?.[index] ?? `${index + 1}`;
          const config = csvConfig(
            join(directory, 'wide.csv'),
            {
              userid: column(0),
              groups: [{ column: column(1), ...(groupSeparator === undefined ? {} : { separator: groupSeparator }) }],
              authorizations: [
                { column: column(3), separator: '|' },
                { column: column(2), ...(valueSeparator === undefined ? {} : { separator: valueSeparator }) },
                { column: column(1), name: '__proto__' },
                { column: column(3), name: column(2) },
              ],
              disabled: column(4),
            },
            options,
          );
          const table = writeTable(withHeader === null ? cells : [withHeader, ...cells], how, options);
          kinds.push(await assertSame(applyDamage(table, list), config));
        },
      ),
      { numRuns: runs },
    );
    assertMixed(kinds);
  });

  it('agree on generated long tables, valid and damaged', async function () {
    this.timeout(120_000);
    const kinds: string[] = [];
    await fc.assert(
      fc.asyncProperty(dialects, longRows, style, damages, async (options, rows, how, list) => {
        const header = ['userid', 'off', 'group', 'attribute', 'value'];
        const column = (index: number) => (options.header ? (header[index] as string) : `${index + 1}`);
        const config = csvConfig(
          join(directory, 'long.csv'),
          {
            userid: column(0),
            disabled: column(1),
            group: column(2),
            attribute: column(3),
            value: column(4),
            rename: { dept: 'department', '10': '2' },
          },
          { ...options, layout: 'long' },
        );
        const table = writeTable(options.header ? [header, ...rows] : rows, how, options);
        kinds.push(await assertSame(applyDamage(table, list), config));
      }),
      { numRuns: runs },
    );
    assertMixed(kinds);
  });

  it('agree on random sequences of the special characters', async function () {
    this.timeout(120_000);
    const soup = fc.array(fc.constantFrom(...damage, ...['a', 'b', 'a,b', 'é'].map((text) => Buffer.from(text))), {
      maxLength: 60,
    });
    await fc.assert(
      fc.asyncProperty(soup, dialects, async (pieces, options) => {
        const columns = { userid: '1', groups: [{ column: '1' }] };
        const config = csvConfig(join(directory, 'soup.csv'), columns, { ...options, header: false });
        await assertSame(Buffer.concat(pieces), config);
      }),
      { numRuns: runs },
    );
  });
});
