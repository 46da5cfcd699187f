// Tests of the --users file: what is read from CSV and LDIF, and that errors for ambiguous content name the line.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { toUserInfo } from '../../simulator/sync/access.ts';
import { scratchDirectory } from '../../tests/certificate-files.ts';
import { CommandFailure } from '../exit-codes.ts';
import { readUserList } from './user-list-file.ts';

describe('the file of --users', () => {
  function read(name: string, text: string | Buffer, useridColumn = 'userid', ignoreColumns: readonly string[] = []) {
    const file = join(scratchDirectory(), name);
    writeFileSync(file, text);
    return readUserList(file, { useridColumn, ignoreColumns });
  }
  const readAccess = (text: string) =>
    read('users.csv', text).users.map(({ userid, access }) => [userid, access && toUserInfo(access)]);

  it('contains only users when it has no groups and attributes', () => {
    const { name, users } = read(
      'users.csv',
      '\ufeffuserid,name,email,shoe\nada,"Lovelace, Ada",a@x,39\nbob,,,\n',
      'userid',
      ['shoe'],
    );
    expect(name).to.equal('users.csv');
    expect(users).to.deep.equal([
      { userid: 'ada', name: 'Lovelace, Ada', email: 'a@x', access: null },
      { userid: 'bob', name: null, email: null, access: null },
    ]);
  });

  it('merges the rows of a user, each group and value once', () => {
    const header = 'userid,group,attribute,value';
    const rows = ['ada,staff,,', 'ada,staff,region,emea', 'bob,,,', 'ada,,region,apac', 'ada,,__proto__,x'];
    const access = readAccess(`${[header, ...rows].join('\n')}\n`);
    expect(access[0]).to.deep.equal([
      'ada',
      {
        groups: [{ name: 'staff' }],
        authorizations: Object.fromEntries([
          ['__proto__', ['x']],
          ['region', ['apac', 'emea']],
        ]),
      },
    ]);
    expect(access[1]).to.deep.equal(['bob', { groups: [], authorizations: {} }]);
  });

  it('reads people from LDIF, and skips entries without the attribute', () => {
    const text = 'dn: uid=ada,dc=x\nuid: ada\ncn:: w4RkYQ==\nmail: a@x\n\ndn: ou=people,dc=x\nou: people\n\n';
    expect(read('users.ldif', text, 'uid').users).to.deep.equal([
      { userid: 'ada', name: 'Äda', email: 'a@x', access: null },
    ]);
  });

  it('has a different hash when the content or the column differs', () => {
    const text = 'userid,login\na,b\n';
    const hashes = [
      read('x.csv', text, 'userid', ['login']),
      read('y.csv', text, 'userid', ['login']),
      read('x.csv', text, 'login', ['userid']),
      read('x.csv', `${text}c,d\n`, 'userid', ['login']),
    ];
    expect(new Set(hashes.map(({ hash }) => hash)).size).to.equal(3);
  });

  const refused: Readonly<Record<string, readonly [text: string, words: string]>> = {
    'another column': ['user,name\nada,Ada\n', 'users.csv:1: there is no column userid; did you mean "user"?'],
    'no header': ['ada,Ada\nbob,Bob\n', 'users.csv:1: there is no column userid. The first line must be the header.'],
    semicolons: [
      'userid;group\nada;staff\n',
      'users.csv:1: the columns are separated by semicolons. Separate them with commas.',
    ],
    tabs: ['userid\tgroup\nada\tstaff\n', 'users.csv:1: the columns are separated by tabs. Separate them with commas.'],
    'a misspelt column': [
      'userid,grop\nada,staff\n',
      'users.csv:1: unknown column "grop"; did you mean "group"? Known columns: userid, name, email, group, attribute, value. ' +
        'Rename the column, or ignore it with --ignore-columns.',
    ],
    'a column in another case': ['userid,Group\nada,staff\n', 'unknown column "Group"; did you mean "group"?'],
    'a column with a space': ['userid, group\nada,staff\n', 'unknown column " group"; did you mean "group"?'],
    'an unknown column': ['userid,shoe\nada,39\n', 'unknown column "shoe". Known columns: userid'],
    'a column twice': ['userid,group,group\nada,a,b\n', 'users.csv:1: the column group occurs twice. Remove one.'],
    'a column attribute alone': [
      'userid,attribute\nada,region\n',
      'users.csv:1: there is a column attribute, but no column value. Add value, or remove attribute.',
    ],
    'a user twice': ['userid\nada\nada\n', 'users.csv:3 repeats a user from an earlier line'],
    'no user name': ['userid,group\n,staff\n', 'users.csv:2 has no value in the column userid'],
    'an attribute without a value': ['userid,attribute,value\nada,region,\n', 'users.csv:2 has an attribute without'],
    'an open quote': ['userid\n"ada\n', 'is not valid CSV (CSV_QUOTE_NOT_CLOSED)'],
    'nothing at all': ['', 'there is no column userid'],
    'a header alone': ['userid,name\n', 'contains no user'],
  };
  for (const [title, [text, words]] of Object.entries(refused)) {
    it(`is rejected for ${title}, without quoting its contents`, () => {
      expect(() => read('users.csv', text))
        .to.throw(CommandFailure, words)
        .with.property('message')
        .that.does.not.match(/\bada\b/);
    });
  }

  it('is rejected when it does not exist, or is not LDIF', () => {
    const options = { useridColumn: 'userid', ignoreColumns: [] };
    expect(() => readUserList('/nowhere/users.csv', options)).to.throw(CommandFailure, '(ENOENT)');
    expect(() => read('users.ldif', 'ada\n', 'uid')).to.throw(CommandFailure, 'is not valid LDIF');
    const nobody = 'dn: uid=ada,dc=x\nuid: ada\n\n';
    expect(() => read('users.ldif', nobody, 'mial')).to.throw(CommandFailure, 'has no entry with the attribute mial');
  });

  it('is rejected for ambiguous names: Latin-1, invalid UTF-8, two names for one entry', () => {
    const latin1 = Buffer.from('userid\njosé\n', 'latin1');
    for (const name of ['users.csv', 'users.ldif']) {
      expect(() => read(name, latin1)).to.throw(CommandFailure, `${name} is not UTF-8`);
    }
    const bytes = `dn: cn=ada,dc=x\nuid:: ${Buffer.from([0xff]).toString('base64')}\n\n`;
    expect(() => read('users.ldif', bytes, 'uid')).to.throw(CommandFailure, 'an entry whose uid is not text');
    const two = 'dn: cn=ada,dc=x\nmail: ada@x\nmail: lovelace@x\n\n';
    expect(() => read('users.ldif', two, 'mail')).to.throw(CommandFailure, 'several values of mail');
  });
});
