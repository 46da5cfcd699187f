// Tests of the adapter `ldif`: the suite of all adapters over a file, and what files it refuses.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { scratchFolder } from '../../../tests/certificate-files.ts';
import { describeUserSource } from '../user-source.suite.ts';
import { type AdapterLog, SourceError } from '../user-source.ts';
import { createLdifSource } from './ldif-source.ts';
import { groupOptions, suiteDirectory } from './testing/suite-directory.ts';

const log: AdapterLog = { info() {}, warn() {}, error() {} };

function writeLdif(text: string): string {
  const file = join(scratchFolder(), 'directory.ldif');
  writeFileSync(file, text);
  return file;
}

describeUserSource('ldif', {
  async open(users) {
    const { ldif, mapping } = suiteDirectory(users, 'o=suite');
    const source = await createLdifSource({ type: 'ldif', path: writeLdif(ldif), ...mapping }, { log });
    return { source, close: () => source.close() };
  },
});

const ada = 'dn: uid=ada,o=x\nobjectClass: inetOrgPerson\nuid: ada\nmail: ada@example.com\n';
const open = (text: string) =>
  createLdifSource(
    {
      type: 'ldif',
      path: writeLdif(text),
      preset: 'openldap',
      user: { base: 'o=x', scope: 'sub', caseInsensitive: false },
      groups: groupOptions({ strategy: 'memberOf' }),
      authorizations: [],
    },
    { log },
  );

describe('ldif source', () => {
  const refused: Record<string, [text: string, message: RegExp]> = {
    'a change record': [`${ada.replace('objectClass', 'changetype: add\nobjectClass')}`, /line 2: this is a change/],
    'a value from a URL': [`${ada}jpegPhoto:< file:///etc/passwd\n`, /line 5: a value from a URL/],
    'values in ranges': [`${ada}memberOf;range=0-1499: cn=a,o=x\n`, /line 5: the values come in ranges/],
    'the output of a search that was cut off': [
      `${ada}\nsearch: 2\nresult: 4 Size limit exceeded\n`,
      /line 7: the search that made this file ended with an error/,
    ],
    'a line that is no attribute': [`${ada}what is this\n`, /line 5: this is no `name: value`/],
    'broken base64': [`${ada}cn:: QQ=\n`, /line 5: the value after `::` is not base64/],
    'an entry twice': [`${ada}\n${ada}`, /line 6: an entry of this name stands above/],
    'an entry without a name': ['cn: x\n', /line 1: an entry begins with `dn:`/],
    'a continuation of nothing': [' x\n', /line 1: a line begins with a space/],
    'another version': [`version: 2\n\n${ada}`, /line 1: only LDIF of version 1/],
    'a file that ends within a line': [
      `${ada}\n${ada.replace('dn: ', 'dn: cn=b+').trimEnd()}`,
      /the file ends within a line/,
    ],
    'no entries': ['version: 1\n', /the file has no entries/],
    'a file in Latin-1': ['dn: cn=\u00e9,o=x\n', /is refused: the file is not UTF-8/],
  };
  for (const [title, [text, message]] of Object.entries(refused)) {
    it(`refuses ${title}`, async () => {
      const file = writeLdif(text);
      if (title.endsWith('Latin-1')) writeFileSync(file, Buffer.from(text, 'latin1'));
      const opened = createLdifSource(
        {
          type: 'ldif',
          path: file,
          preset: 'openldap',
          user: { base: 'o=x', scope: 'sub', caseInsensitive: false },
          groups: groupOptions({ strategy: 'none' }),
          authorizations: [],
        },
        { log },
      );
      const error = await opened.then(
        () => null,
        (reason: unknown) => reason,
      );
      expect(error).to.be.instanceOf(SourceError).with.property('message').that.matches(message);
      expect((error as SourceError).message).not.to.contain('ada');
    });
  }

  it('reads what ldapsearch prints: comments, folded lines, references and the result', async () => {
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
      {
        type: 'ldif',
        path: writeLdif(text),
        preset: 'openldap',
        user: { base: 'o=x', scope: 'sub', caseInsensitive: false },
        groups: groupOptions({ strategy: 'memberOf', exclude: '^tmp-' }),
        authorizations: [{ ...department, encoding: 'text', required: false }],
      },
      { log },
    );
    const explained = await source.explainUser?.('ada@example.com', new AbortController().signal);
    expect(explained?.dropped).to.deep.equal([
      { found: 'cn=tmp-1,o=x', rule: 'groups.exclude' },
      { found: 'department: x', rule: 'authorizations.pattern' },
    ]);
    expect(explained?.authorizations.map(({ value }) => value)).to.deep.equal(['7']);
  });

  it('takes line ends of Windows', async () => {
    const source = await open(ada.replaceAll('\n', '\r\n'));
    expect(await source.findUser('ada@example.com', new AbortController().signal)).to.not.equal(null);
  });

  it('tells each option that is wrong', async () => {
    const opened = createLdifSource(
      {
        type: 'ldif',
        path: writeLdif(ada),
        preset: 'openldap',
        user: { base: 'nonsense', scope: 'sub', filter: '(mail=x)', caseInsensitive: false },
        groups: groupOptions({ include: '(' }),
        authorizations: [],
      },
      { log },
    );
    const error = await opened.catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(SourceError);
    for (const option of ['source.user.base', 'source.user.filter', 'source.groups ', 'source.groups.include']) {
      expect((error as SourceError).message).to.contain(option);
    }
  });
});
