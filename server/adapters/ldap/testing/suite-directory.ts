// Converts the users of the adapter suite to LDIF entries, with the options that map them back.
import type { LdifSourceConfig } from '../../../../schemas/generated/loaded-server-config.ts';
import type { SuiteUser } from '../../user-source.suite.ts';

export interface SuiteDirectory {
  readonly ldif: string;
  readonly mapping: Pick<LdifSourceConfig, 'preset' | 'user' | 'groups' | 'authorizations'>;
}

/** Number of attributes named `suiteValue0`, `suiteValue1` and so on that the test servers' schema defines. */
const suiteAttributeCount = 40;

/** Lines of slapd.conf: attributes for arbitrary bytes, compared by bytes. */
export const suiteSchema: readonly string[] = [
  ...Array.from(
    { length: suiteAttributeCount },
    (_, index) =>
      `attributetype ( 1.3.6.1.4.1.99999.1.${index + 1} NAME 'suiteValue${index}' EQUALITY octetStringMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.40 )`,
  ),
  `objectclass ( 1.3.6.1.4.1.99999.2.1 NAME 'suiteUser' SUP top AUXILIARY MAY ( ${Array.from({ length: suiteAttributeCount }, (_, index) => `suiteValue${index}`).join(' $ ')} ) )`,
];

/** Entries below `base`, which is created as well. Attribute names of users are arbitrary text, so each gets an LDAP attribute. */
export function suiteDirectory(users: readonly SuiteUser[], base: string): SuiteDirectory {
  const names = [...new Set(users.flatMap(({ authorizations }) => Object.keys(authorizations)))];
  if (names.length > suiteAttributeCount) throw new Error(`the test schema has ${suiteAttributeCount} attributes`);
  const attributeOf = new Map(names.map((name, index) => [name, `suiteValue${index}`]));
  const dnOf = ({ userid }: SuiteUser) => `uid=${escapeDnValue(userid)},ou=people,${base}`;
  const records = [
    record(base, [
      ['objectClass', 'organization'],
      ['o', /^o=([^,]+)/.exec(base)?.[1] ?? ''],
    ]),
    ...['people', 'groups'].map((ou) =>
      record(`ou=${ou},${base}`, [
        ['objectClass', 'organizationalUnit'],
        ['ou', ou],
      ]),
    ),
    ...users.map((user) =>
      record(dnOf(user), [
        ['objectClass', 'inetOrgPerson'],
        ['objectClass', 'suiteUser'],
        ['uid', user.userid],
        ['cn', 'a user'],
        ['sn', 'user'],
        ['employeeType', user.disabled ? 'former' : 'staff'],
        ...Object.entries(user.authorizations).flatMap(([name, values]) =>
          values.map((value): [string, string] => [attributeOf.get(name) ?? '', value]),
        ),
      ]),
    ),
    ...[...new Set(users.flatMap(({ groups }) => groups))].map((group) =>
      record(`cn=${escapeDnValue(group)},ou=groups,${base}`, [
        ['objectClass', 'groupOfNames'],
        ['cn', group],
        ...users.filter(({ groups }) => groups.includes(group)).map((user): [string, string] => ['member', dnOf(user)]),
      ]),
    ),
  ];
  const mapping: SuiteDirectory['mapping'] = {
    preset: 'openldap',
    user: {
      base: `ou=people,${base}`,
      scope: 'sub',
      attributes: ['uid'],
      enabledFilter: '(!(employeeType=former))',
      replacePresetEnabledFilter: false,
      caseInsensitive: false,
    },
    groups: groupOptions({ base: `ou=groups,${base}` }),
    authorizations: [...attributeOf].map(([name, attribute]) => ({
      name,
      attribute,
      encoding: 'text',
      required: false,
    })),
  };
  return { ldif: `${records.join('\n')}\n`, mapping };
}

/** Returns the section `groups` as loaded, with the defaults of the schema. */
export function groupOptions(given: Partial<LdifSourceConfig['groups']> = {}): LdifSourceConfig['groups'] {
  return { scope: 'sub', bases: [], rename: [], case: 'keep', maxDepth: 16, maxGroups: 10_000, ...given };
}

/** Returns an LDIF record with every value in base64, which can represent all bytes. */
function record(dn: string, attributes: readonly (readonly [string, string])[]): string {
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  return [`dn:: ${base64(dn)}`, ...attributes.map(([name, value]) => `${name}:: ${base64(value)}`), ''].join('\n');
}

/** Escapes every character except letters and digits as bytes. */
export function escapeDnValue(text: string): string {
  return text.replace(/[^A-Za-z0-9]/gu, (character) => Buffer.from(character).toString('hex').replace(/../g, '\\$&'));
}
