// Faults of the body of a 200: invalid JSON, forms that violate the contract, altered names.
import { randomUUID } from 'node:crypto';
import type { UserInfo } from '../../schemas/generated/user-info.ts';
import { body, type Fault, json } from './fault.ts';

const names = ({ groups }: UserInfo) => groups.map(({ name }) => name);
const hasAttributes = ({ authorizations }: UserInfo) => Object.keys(authorizations).length > 0;
const withGroup = (user: UserInfo, name: string) => json({ ...user, groups: [...user.groups, { name }] });
const withValues = (user: UserInfo, values: readonly unknown[]) =>
  json({ ...user, authorizations: { ...user.authorizations, level: values } });

/** Returns the JSON with additional text before the members of authorizations, byte for byte. */
function withMember(user: UserInfo, member: string): string {
  return json(user).replace('"authorizations":{', `"authorizations":{${member}${hasAttributes(user) ? ',' : ''}`);
}

/** Faults of the JSON text. */
const textFaults: readonly Fault[] = [
  body('trailing-comma', ['known-user-json'], (user) => json(user).replace(/\]/g, ',]')),
  body('comment-in-json', ['known-user-json'], (user) => `// user info\n${json(user)}`),
  body('single-quotes', ['known-user-json'], (user) => json(user).replaceAll('"', "'")),
  body('bare-keys', ['known-user-json'], (user) => json(user).replace('"groups"', 'groups')),
  body('not-a-number', ['known-user-json'], (user) => withMember(user, '"level":NaN')),
  body('two-json-texts', ['known-user-json'], (user) => `${json(user)}${json(user)}`),
  body('debug-output-after-json', ['known-user-json'], (user) => `${json(user)}\nDone in 3 ms.`),
  body('nul-after-json', ['known-user-json'], (user) => `${json(user)}\0`),
  body('json-cut-in-the-middle', ['known-user-json'], (user) => json(user).slice(0, -20)),
  body('jsonp', ['known-user-json'], (user) => `callback(${json(user)});`),
  body('raw-line-break-in-a-name', ['known-user-json'], (user) => withGroup(user, 'two\nlines').replace('\\n', '\n')),
  body('empty-200', ['known-user-json'], () => ''),
  body('a-page-that-differs-each-time', ['known-user-json'], () => `<p>${randomUUID()}</p>`),
  body('groups-twice', ['known-user-unique-keys'], (user) => json(user).replace('{', '{"groups":[],')),
  body('groups-twice-escaped', ['known-user-unique-keys'], (user) => json(user).replace('{', '{"gr\\u006fups":[],')),
  body('attribute-twice', ['known-user-unique-keys', 'expected-authorizations'], (user) =>
    withMember(user, '"level":["1"],"level":["2"]'),
  ),
  body('half-a-character', ['known-user-lone-surrogates', 'expected-groups'], (user) => withGroup(user, 'cut \ud83d')),
];

/** Faults of the form. */
const shapeFaults: readonly Fault[] = [
  body('groups-as-strings', ['known-user-schema'], (user) => json({ ...user, groups: names(user) })),
  body('groups-joined', ['known-user-schema'], (user) => json({ ...user, groups: names(user).join(',') })),
  body('groups-null', ['known-user-schema'], (user) => json({ ...user, groups: null })),
  body('groups-missing', ['known-user-schema'], ({ authorizations }) => json({ authorizations })),
  body('group-name-empty', ['known-user-schema'], (user) => withGroup(user, '')),
  body('group-name-null', ['known-user-schema'], (user) => json({ ...user, groups: [{ name: null }] })),
  {
    ...body('group-with-extra-key', ['known-user-schema'], (user) =>
      json({ ...user, groups: names(user).map((name) => ({ name, id: 7 })) }),
    ),
    options: { strictKeys: true },
  },
  body('keys-in-capitals', ['known-user-schema'], ({ groups, authorizations }) =>
    json({ Groups: groups, Authorizations: authorizations }),
  ),
  body('authorizations-missing', ['known-user-schema'], ({ groups }) => json({ groups })),
  body('authorizations-null-when-empty', ['known-user-schema'], (user) =>
    hasAttributes(user) ? json(user) : json({ ...user, authorizations: null }),
  ),
  body('authorizations-list-when-empty', ['known-user-schema'], (user) =>
    hasAttributes(user) ? json(user) : json({ ...user, authorizations: [] }),
  ),
  body('authorizations-as-list', ['known-user-schema'], (user) =>
    json({ ...user, authorizations: [user.authorizations] }),
  ),
  body('authorizations-scalar', ['known-user-schema'], (user) => json({ ...user, authorizations: { city: 'Zürich' } })),
  body('authorizations-number', ['known-user-schema'], (user) => withValues(user, [7])),
  body('authorizations-boolean', ['known-user-schema'], (user) => withValues(user, [true])),
  body('authorizations-value-null', ['known-user-schema'], (user) => withValues(user, [null])),
  body('authorizations-value-empty', ['known-user-schema'], (user) => withValues(user, [''])),
  {
    ...body('extra-key', ['known-user-schema'], (user) => json({ ...user, userid: 'x' })),
    options: { strictKeys: true },
  },
  body('wrapped', ['known-user-schema'], (user) => json({ data: user })),
  body('list-of-one', ['known-user-schema'], (user) => json([user])),
  body('null-with-200', ['known-user-schema'], () => 'null'),
  body('empty-object-with-200', ['known-user-schema'], () => '{}'),
  body('error-with-200', ['known-user-schema'], () => json({ error: 'The source is down.' })),
  {
    ...body('deep-extra-key', ['known-user-depth'], (user) =>
      json({ ...user, tree: 0 }).replace(':0}', `:${'['.repeat(40)}${']'.repeat(40)}}`),
    ),
  },
  body('two-mebibytes', ['known-user-size'], (user) => json(user) + ' '.repeat(2 * 1024 * 1024)),
];

/** Faults in names and values. */
const nameFaults: readonly Fault[] = [
  body('group-name-padded-in-front', ['known-user-no-outer-space', 'expected-groups'], (user) =>
    withGroup(user, ' padded'),
  ),
  body('proto-as-attribute', ['known-user-prototype-key', 'expected-authorizations'], (user) =>
    withMember(user, '"__proto__":["x"]'),
  ),
  body('group-twice', ['known-user-no-duplicates'], (user) =>
    json({ ...user, groups: [...user.groups, ...user.groups] }),
  ),
  body('value-twice', ['known-user-no-duplicates', 'expected-authorizations'], (user) => withValues(user, ['1', '1'])),
  body('group-name-padded', ['known-user-no-outer-space', 'expected-groups'], (user) => withGroup(user, 'padded   ')),
  body('values-split-with-spaces', ['known-user-no-outer-space', 'expected-authorizations'], (user) =>
    withValues(user, ['1', ' 2']),
  ),
  body('zero-width-space', ['known-user-visible-names', 'expected-groups'], (user) =>
    withGroup(user, 'zero\u200Bwidth'),
  ),
  body('nul-in-a-value', ['known-user-visible-names', 'expected-authorizations'], (user) => withValues(user, ['a\0b'])),
  body('utf-8-encoded-twice', ['known-user-decoded-once', 'expected-groups'], (user) => withGroup(user, 'ZÃ¼rich')),
  body('utf-8-read-as-windows-1252', ['known-user-decoded-once', 'expected-groups'], (user) =>
    withGroup(user, 'StraÃŸe'),
  ),
  body('replacement-character', ['known-user-decoded-once', 'expected-groups'], (user) =>
    withGroup(user, 'Z\uFFFDrich'),
  ),
  ...['R&amp;D', 'R&#38;D', 'R&#x26;D', 'R&#9;D', 'R&#xa;D'].map((name) =>
    body(
      `escaped-for-html-${name.slice(2, -2).replace('#', 'number-')}`,
      ['known-user-not-escaped', 'expected-groups'],
      (user) => withGroup(user, name),
    ),
  ),
  body('decomposed', ['known-user-nfc', 'expected-groups'], (user) => withGroup(user, 'Mu\u0308nchen')),
];

/** Faults of the body of a 200. */
export const bodyFaults: readonly Fault[] = [...textFaults, ...shapeFaults, ...nameFaults];
