// Tests of the --expect file: the same users from YAML, JSON and CSV, and errors that do not quote its content.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { readExpectedUsers } from './expected-file.ts';

const users = {
  'ada@example.test': {
    groups: [{ name: 'analysts' }, { name: 'Zürich, West' }],
    authorizations: { region: ['emea', 'apac'] },
  },
  'new@example.test': { groups: [], authorizations: {} },
};

const csv = `userid,group,attribute,value
ada@example.test,analysts,,
ada@example.test,"Zürich, West",region,emea
ada@example.test,analysts,region,apac
new@example.test,,,
`;

const yaml = `ada@example.test:
  groups: [{ name: analysts }, { name: "Zürich, West" }]
  authorizations: { region: [emea, apac] }
new@example.test: { groups: [], authorizations: {} }
`;

describe('the file of --expect', () => {
  let directory = '';
  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'user-info-expect-'));
  });
  after(() => rmSync(directory, { recursive: true }));

  function read(name: string, text: string | Buffer) {
    const faults: string[] = [];
    const file = join(directory, name);
    writeFileSync(file, text);
    return { users: readExpectedUsers(file, faults), faults: faults.map((fault) => fault.replace(file, name)) };
  }

  const forms: readonly (readonly [name: string, text: string])[] = [
    ['users.yaml', yaml],
    ['users.json', JSON.stringify(users)],
    ['users.csv', csv],
    ['marked.CSV', `\uFEFF${csv.replaceAll('\n', '\r\n')}`],
  ];
  for (const [name, text] of forms) {
    it(`is read: ${name}`, () => {
      expect(read(name, text)).to.deep.equal({ users, faults: [] });
    });
  }

  const faulty: readonly (readonly [name: string, text: string | Buffer, fault: RegExp])[] = [
    ['other-columns.csv', 'user,groups\nsecret,x\n', /first line of .* must be userid,group,attribute,value/],
    ['half.csv', `${csv}secret,,region,\n`, /half\.csv:\d+: only one of attribute and value is empty/],
    ['nobody.csv', `${csv},secret,,\n`, /nobody\.csv:\d+: the column userid is empty/],
    ['quote.csv', `${csv}"secret\n`, /quote\.csv:\d+ is not valid CSV/],
    ['short.csv', `${csv}secret\n`, /short\.csv:\d+ is not valid CSV/],
    ['head-alone.csv', 'userid,group,attribute,value\n', /contains no users/],
    ['empty.json', '{}', /contains no users/],
    ['latin-1.csv', Buffer.from(csv, 'latin1'), /is not valid UTF-8/],
    ['list.yaml', '- secret', /must be a map of userids/],
    ['twice.yaml', `${yaml}${yaml}`, /--expect: .*twice\.yaml:\d+:\d+/],
    [
      'bare-groups.json',
      '{"secret": {"groups": ["secret"], "authorizations": {}}}',
      /user 1: \/groups\/0 must be object/,
    ],
  ];
  for (const [name, text, fault] of faulty) {
    it(`is rejected with a message that quotes none of it: ${name}`, () => {
      const { users: found, faults } = read(name, text);
      expect(found).to.equal(undefined);
      expect(faults.join()).to.match(fault).and.not.to.include('secret');
    });
  }

  it('is reported as missing', () => {
    const faults: string[] = [];
    expect(readExpectedUsers(join(directory, 'none.yaml'), faults)).to.equal(undefined);
    expect(faults.join()).to.match(/none\.yaml cannot be read \(ENOENT\)/);
  });
});
