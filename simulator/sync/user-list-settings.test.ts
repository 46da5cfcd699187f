// Tests of settings of the user list: incompatible options, paths, and the account for an LDAP directory.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { scratchDirectory } from '../../tests/certificate-files.ts';
import { loadIamSettings, resolveSettingsFiles } from './iam-settings.ts';
import { SyncError } from './sync-error.ts';
import { readDirectoryAccount } from './user-list-settings.ts';

const url = 'ldaps://ldap.example.com/dc=example,dc=com?uid?sub?(mail=*@example.com)';
const load = (userList: object) =>
  loadIamSettings({ externalUserInfo: { uri: 'http://127.0.0.1:1/user-info' }, userList }).userList;

describe('the user list in the settings', () => {
  const wrong: Readonly<Record<string, readonly [userList: object, words: string]>> = {
    nothing: [{}, 'userList requires either file or url.'],
    'a file and a directory': [{ file: 'a.csv', url }, 'userList requires either file or url.'],
    'another scheme': [{ url: 'https://ldap.example.com/dc=x' }, 'userList.url must be ldaps://host/base'],
    'a directory without a base': [{ url: 'ldaps://ldap.example.com' }, 'userList.url must be ldaps://host/base'],
    'a password in the URL': [{ url: 'ldaps://reader:secret@ldap.example.com/dc=x' }, 'without a user name'],
    'an account without a password': [{ url, bindDn: 'cn=x' }, 'userList.bindDn requires either bindPasswordEnv or'],
    'two passwords': [{ url, bindDn: 'cn=x', bindPasswordEnv: 'A', bindPasswordFile: 'b' }, 'requires either'],
    'a password without an account': [{ url, bindPasswordEnv: 'A' }, 'userList.bindDn must be set'],
    'a password over plain LDAP': [
      { url: url.replace('ldaps:', 'ldap:'), bindDn: 'cn=x', bindPasswordEnv: 'A' },
      'userList.url must begin with ldaps://',
    ],
    'an account for a file': [{ file: 'a.csv', bindDn: 'cn=x' }, 'userList.bindDn requires a url.'],
    'a password in clear text': [{ url, bindDn: 'cn=x', bindPassword: 'secret' }, 'bindPassword: unknown option'],
  };
  for (const [title, [userList, words]] of Object.entries(wrong)) {
    it(`is rejected with ${title}`, () => {
      expect(() => load(userList)).to.throw(SyncError, words);
    });
  }

  it('has paths relative to the directory of the settings', () => {
    const userList = { file: 'users.csv', bindPasswordFile: 'password', caFile: '/etc/ca.pem' };
    expect(resolveSettingsFiles({ userList }, '/qa').userList).to.deep.equal({
      ...{ file: '/qa/users.csv', bindPasswordFile: '/qa/password', caFile: '/etc/ca.pem' },
    });
  });

  it('has the account of an LDAP directory, with a password from a file or variable, and reports unreadable ones', () => {
    const password = join(scratchDirectory(), 'password');
    writeFileSync(password, 'of the file\n');
    const account = (given: object) => readDirectoryAccount({ useridColumn: 'uid', ignoreColumns: [], url, ...given });
    expect(account({})).to.deep.equal({ bindDn: null, password: null, ca: null });
    expect(account({ bindDn: 'cn=x', bindPasswordFile: password, caFile: password })).to.deep.equal({
      ...{ bindDn: 'cn=x', password: 'of the file', ca: 'of the file\n' },
    });
    process.env.USER_LIST_TEST_PASSWORD = 'of the variable';
    expect(account({ bindDn: 'cn=x', bindPasswordEnv: 'USER_LIST_TEST_PASSWORD' }).password).to.equal(
      'of the variable',
    );
    delete process.env.USER_LIST_TEST_PASSWORD;
    expect(() => account({ bindDn: 'cn=x', bindPasswordEnv: 'USER_LIST_TEST_PASSWORD', caFile: '/nowhere' })).to.throw(
      SyncError,
      'The environment variable USER_LIST_TEST_PASSWORD is not set.\nuserList.caFile: /nowhere cannot be read (ENOENT).',
    );
  });
});
