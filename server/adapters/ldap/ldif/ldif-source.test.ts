// Tests of the adapter `ldif`: the common adapter suite with a file, and which files the adapter refuses.
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import type { LdifSourceConfig } from '../../../../schemas/generated/loaded-server-config.ts';
import { scratchDirectory } from '../../../../tests/certificate-files.ts';
import { describeUserSource } from '../../user-source.suite.ts';
import { type AdapterLog, SourceError, type UserSource } from '../../user-source.ts';
import { groupOptions, suiteDirectory } from '../testing/suite-directory.ts';
import { createLdifSource } from './ldif-source.ts';

const log: AdapterLog = { info() {}, warn() {}, error() {} };

function ldifConfig(path: string, given: Partial<LdifSourceConfig> = {}): LdifSourceConfig {
  return {
    type: 'ldif',
    path,
    preset: 'openldap',
    user: { base: 'o=x', scope: 'sub', caseInsensitive: false, replacePresetEnabledFilter: false },
    groups: groupOptions({ strategy: 'memberOf' }),
    authorizations: [],
    maxShrinkPercent: 20,
    pollSeconds: 1,
    ...given,
  };
}

function writeLdif(text: string): string {
  const file = join(scratchDirectory(), 'directory.ldif');
  writeFileSync(file, text);
  return file;
}

describeUserSource('ldif', {
  async open(users) {
    const { ldif, mapping } = suiteDirectory(users, 'o=suite');
    const source = await createLdifSource(ldifConfig(writeLdif(ldif), mapping), { log });
    return { source, close: () => source.close() };
  },
});

const ada = 'dn: uid=ada,o=x\nobjectClass: inetOrgPerson\nuid: ada\nmail: ada@example.com\n';
const open = (text: string) => createLdifSource(ldifConfig(writeLdif(text)), { log, allowsNoGroups: true });

describe('the LDIF source', () => {
  it('fails for an Active Directory account without userAccountControl, because it could be disabled', async () => {
    const user: LdifSourceConfig['user'] = {
      base: 'o=x',
      scope: 'sub',
      caseInsensitive: false,
      replacePresetEnabledFilter: false,
      attributes: ['mail'],
    };
    const groups = groupOptions({ strategy: 'none' });
    const findAda = async (flags: string, given: Partial<LdifSourceConfig['user']> = {}) => {
      const file = writeLdif(`dn: cn=ada,o=x\nobjectClass: user\nmail: ada@example.com\n${flags}`);
      const options = ldifConfig(file, { preset: 'active-directory', user: { ...user, ...given }, groups });
      const source = await createLdifSource(options, { log });
      return source.findUser('ada@example.com', new AbortController().signal).finally(() => source.close());
    };
    const outcome = await findAda('').catch((error: unknown) => error);
    expect(outcome).to.be.instanceOf(SourceError).with.property('kind', 'bad-answer');
    expect((outcome as SourceError).message).to.match(/has no readable userAccountControl/);
    expect(await findAda('userAccountControl: 546\n')).to.equal(null);
    expect(await findAda('userAccountControl: 512\n')).to.deep.equal({ groups: [], authorizations: {} });
    expect(await findAda('', { enabledFilter: '', replacePresetEnabledFilter: true })).to.deep.equal({
      groups: [],
      authorizations: {},
    });
  });

  const refused: Record<string, [text: string, message: RegExp]> = {
    'a change record': [`${ada.replace('objectClass', 'changetype: add\nobjectClass')}`, /line 2: this is a change/],
    'a value from a URL': [`${ada}jpegPhoto:< file:///etc/passwd\n`, /line 5: a value from a URL/],
    'values in ranges': [`${ada}memberOf;range=0-1499: cn=a,o=x\n`, /line 5: the values are in ranges/],
    'the output of a search that was cut off': [
      `${ada}\nsearch: 2\nresult: 4 Size limit exceeded\n`,
      /line 7: the search that produced this file failed/,
    ],
    'a line that is not an attribute': [
      `${ada}what is this\n`,
      /line 5: this line does not have the form `name: value`/,
    ],
    'invalid base64': [`${ada}cn:: QQ=\n`, /line 5: the value after `::` is not base64/],
    'two entries with the same name': [`${ada}\n${ada}`, /line 6: an entry with this name already exists above/],
    'an entry without dn': ['cn: x\n', /line 1: an entry must begin with `dn:`/],
    'a continuation line without a previous line': [' x\n', /line 1: a continuation line/],
    'another version of LDIF': [`version: 2\n\n${ada}`, /line 1: only LDIF version 1/],
    'a file that ends within a line': [
      `${ada}\n${ada.replace('dn: ', 'dn: cn=b+').trimEnd()}`,
      /the file ends within a line/,
    ],
    'a file without entries': ['version: 1\n', /the file has no entries/],
    'a file in Latin-1': ['dn: cn=\u00e9,o=x\n', /is rejected: the file is not UTF-8/],
  };
  for (const [title, [text, message]] of Object.entries(refused)) {
    it(`rejects ${title}`, async () => {
      const file = writeLdif(text);
      if (title.endsWith('Latin-1')) writeFileSync(file, Buffer.from(text, 'latin1'));
      const opened = createLdifSource(ldifConfig(file), { log });
      const error = await opened.then(
        () => null,
        (reason: unknown) => reason,
      );
      expect(error).to.be.instanceOf(SourceError).with.property('message').that.matches(message);
      expect((error as SourceError).message).not.to.match(/\bada\b/);
    });
  }

  it('reads the output of ldapsearch: comments, folded lines, references and the result', async () => {
    const source = await open(
      [
        '# extended LDIF\n#\n# base <o=x> with scope\n  subtree\n#\n',
        'dn: uid=ada,\n o=x\nobjectClass: inetOrgPerson\nmail: ada@exa\n mple.com\nmemberOf: cn=staff,o=x\n',
        '# search reference\nref: ldap://other.example.com/o=y\n',
        '# search result\nsearch: 2\nresult: 0 Success\n\n# numResponses: 2\n# numEntries: 1\n',
      ].join('\n'),
    );
    const found = await source.findUser('ada@example.com', new AbortController().signal);
    expect(found).to.deep.equal({ groups: [{ name: 'staff' }], authorizations: {} });
  });

  it('explains which groups and values are dropped, and by which rule', async () => {
    const text = `${ada}departmentNumber: 7\ndepartmentNumber: x\nmemberOf: cn=staff,o=x\nmemberOf: cn=tmp-1,o=x\n`;
    const department = { name: 'department', attribute: 'departmentNumber', pattern: '^[0-9]+$' } as const;
    const source = await createLdifSource(
      ldifConfig(writeLdif(text), {
        groups: groupOptions({ strategy: 'memberOf', exclude: '^tmp-' }),
        authorizations: [{ ...department, encoding: 'text', required: false }],
      }),
      { log },
    );
    const explained = await source.explainUser?.('ada@example.com', new AbortController().signal);
    expect(explained?.dropped).to.deep.equal([
      { found: 'cn=tmp-1,o=x', rule: 'groups.exclude' },
      { found: 'department: x', rule: 'authorizations.pattern' },
    ]);
    expect(explained?.authorizations.map(({ value }) => value)).to.deep.equal(['7']);
  });

  const absences: Record<string, [userid: string, absent: RegExp, outcome: string]> = {
    'does not exist': ['eve@example.com', /^no entry has this userid$/, '0 entries, 0 values'],
    'is spelled differently': ['ADA@example.com', /^an entry was found whose userid is spelled/, '1 entry, 1 value'],
    'is disabled': [
      'gone@example.com',
      /^the entry is disabled: .*user\.enabledFilter does not match it$/,
      '1 entry, 2 values',
    ],
  };
  for (const [title, [userid, absent, outcome]] of Object.entries(absences)) {
    it(`explains, with the search, that a user ${title}`, async () => {
      const gone = ada.replaceAll('ada', 'gone');
      const source = await open(`${ada}\n${gone}pwdAccountLockedTime: 20260101000000Z\n`);
      const explained = await source.explainUser?.(userid, new AbortController().signal);
      await source.close();
      expect(explained?.absent).to.match(absent);
      expect(explained?.asked).to.have.length(1);
      expect(explained?.asked?.[0]?.query).to.contain(`(mail=${userid})`);
      expect(explained?.asked?.[0]?.outcome).to.equal(outcome);
    });
  }

  it('rejects an export without memberships, and accepts an export with one', async () => {
    const outcome = await createLdifSource(ldifConfig(writeLdif(ada)), { log }).catch((error: unknown) => error);
    expect(outcome)
      .to.be.instanceOf(SourceError)
      .with.property('message')
      .that.matches(/is rejected: Every user would be served without groups: .* memberOf/);
    const source = await createLdifSource(ldifConfig(writeLdif(`${ada}memberOf: cn=a,o=x\n`)), { log });
    expect((await source.findUser('ada@example.com', new AbortController().signal))?.groups).to.deep.equal([
      { name: 'a' },
    ]);
    await source.close();
  });

  it('accepts Windows line endings', async () => {
    const source = await open(ada.replaceAll('\n', '\r\n'));
    expect(await source.findUser('ada@example.com', new AbortController().signal)).to.not.equal(null);
  });

  it('reports each invalid option', async () => {
    const opened = createLdifSource(
      ldifConfig(writeLdif(ada), {
        user: {
          base: 'nonsense',
          scope: 'sub',
          filter: '(mail=x)',
          caseInsensitive: false,
          replacePresetEnabledFilter: false,
        },
        groups: groupOptions({ include: '(' }),
      }),
      { log },
    );
    const error = await opened.catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(SourceError);
    for (const option of ['source.user.base', 'source.user.filter', 'source.groups ', 'source.groups.include']) {
      expect((error as SourceError).message).to.contain(option);
    }
  });

  describe('when the file changes', () => {
    const person = (name: string, group: string) =>
      `dn: uid=${name},o=x\nobjectClass: inetOrgPerson\nmail: ${name}@example.com\nmemberOf: cn=${group},o=x\n`;
    const people = (count: number, group: string) =>
      Array.from({ length: count }, (_, index) => person(`user${index}`, group)).join('\n');
    const units = Array.from({ length: 10 }, (_, index) => `dn: ou=${index},o=y\nobjectClass: organizationalUnit\n`);
    let file: string;
    let source: UserSource;

    beforeEach(async () => {
      file = writeLdif(`${people(10, 'old')}\n${units.join('\n')}`);
      source = await createLdifSource(ldifConfig(file), { log });
    });
    afterEach(() => source.close());

    const groupOf = async () => {
      const found = await source.findUser('user0@example.com', new AbortController().signal);
      return found?.groups[0]?.name;
    };
    const staleReason = async () => source.status?.().staleReason ?? null;

    /** Waits until the condition is true; the time limit only prevents hanging. */
    async function eventually<Seen>(look: () => Promise<Seen>, holds: (seen: Seen) => boolean): Promise<Seen> {
      for (const endMs = Date.now() + 10_000; ; await delay(20)) {
        const seen = await look();
        if (holds(seen)) return seen;
        if (Date.now() > endMs) expect.fail(`still ${JSON.stringify(seen)}`);
      }
    }

    it('loads a file that was replaced, and reports its number of users', async () => {
      expect(await groupOf()).to.equal('old');
      expect(source.status?.()).to.include({ users: 10, generation: 1, staleReason: null });
      writeFileSync(`${file}.new`, `${people(11, 'new')}\n${units.join('\n')}`);
      renameSync(`${file}.new`, file);
      await eventually(groupOf, (group) => group === 'new');
      expect(source.status?.()).to.include({ users: 11, generation: 2, staleReason: null });
    });

    const bad: Record<string, [text: string | null, reason: RegExp]> = {
      'an empty file': ['', /the file is invalid: the file has no entries/],
      'a file that ends within a line': [people(10, 'new').trimEnd(), /the file ends within a line/],
      'a file with fewer users': [
        `${people(7, 'new')}\n${units.join('\n')}\n${units.join('\n').replaceAll('ou=', 'ou=b')}`,
        /shrank by more than maxShrinkPercent \(20\): 7 users, compared with 10 in use/,
      ],
      'a file with as many users and fewer entries': [
        people(10, 'new'),
        /shrank by more than maxShrinkPercent \(20\): 10 entries, compared with 20 in use/,
      ],
      'a missing file': [null, /cannot be read \(ENOENT\)/],
    };
    for (const [title, [text, reason]] of Object.entries(bad)) {
      it(`keeps serving the last valid data instead of ${title}, reports the reason, and recovers`, async () => {
        if (text === null) rmSync(file);
        else writeFileSync(file, text);
        expect(await eventually(staleReason, (found) => found !== null)).to.match(reason);
        expect(await groupOf()).to.equal('old');
        expect(source.status?.()).to.include({ users: 10, generation: 1 });
        writeFileSync(file, `${people(10, 'new')}\n${units.join('\n')}`);
        await eventually(groupOf, (group) => group === 'new');
        expect(await staleReason()).to.equal(null);
      });
    }
  });
});
