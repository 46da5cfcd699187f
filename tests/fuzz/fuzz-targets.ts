// Fuzz targets and their invariants: a few inputs in each test run, 100,000 by default with `npm run fuzz`.
import { deepStrictEqual, ok, strictEqual } from 'node:assert';
import fc from 'fast-check';
import type { HttpProxySourceConfig } from '../../schemas/generated/loaded-server-config.ts';
import { validateUserInfo } from '../../schemas/validators.ts';
import { compileProxyPlan, type MappingPlan } from '../../server/adapters/http-proxy/proxy-plan.ts';
import { isEnabled, mapUser } from '../../server/adapters/http-proxy/read-user.ts';
import { UserInfoCollector } from '../../server/adapters/http-proxy/user-collectors.ts';
import { LdifError, parseLdif } from '../../server/adapters/ldap/ldif/ldif-text.ts';
import { parseDn } from '../../server/adapters/ldap/wire/distinguished-name.ts';
import { SourceError } from '../../server/adapters/user-source.ts';
import { parseBasicCredentials } from '../../server/auth/basic-credentials.ts';
import { defaultUseridRules, findUserid } from '../../server/userid-rules.ts';
import { configOf } from '../test-server.ts';

export interface FuzzTarget {
  readonly name: string;
  /** Inputs on which an earlier run failed; each run tries them first. */
  readonly examples: Array<[never]>;
  /** Percentage of the inputs of a run. */
  readonly share: number;
  readonly property: fc.IProperty<[never]>;
}

/** Creates a target; its type hides the input type of the property, which other code does not need. */
function target<Input>(
  name: string,
  share: number,
  input: fc.Arbitrary<Input>,
  holds: (input: Input) => void,
  examples: readonly Input[] = [],
): FuzzTarget {
  return {
    name,
    share,
    examples: examples.map((example) => [example as never]),
    property: fc.property(input, holds) as unknown as fc.IProperty<[never]>,
  };
}

const anyText = fc.string({ unit: 'binary' });
/** Returns an arbitrary of mostly nearly correct inputs: tokens that the parser knows, in any order. */
const textOf = (...pieces: string[]) =>
  fc.oneof(
    anyText,
    fc
      .array(fc.oneof({ arbitrary: fc.constantFrom(...pieces), weight: 4 }, fc.string({ maxLength: 6 })), {
        maxLength: 30,
      })
      .map((parts) => parts.join('')),
  );

const printable = /^[^\p{Cc}]*$/u;
const credential = fc.string({ unit: 'grapheme', maxLength: 40 }).filter((text) => printable.test(text));

const basicHeader = target(
  'the Authorization header is parsed like the canonical header of its credentials',
  20,
  fc.oneof(
    textOf(
      'Basic',
      'basic',
      'BASIC',
      ' ',
      '  ',
      '\t',
      '=',
      '==',
      'YTpi',
      'Og==',
      'Digest',
      ',',
      ':',
      '\u00e9',
      '-',
      '_',
    ),
    fc.uint8Array({ maxLength: 60 }).map((bytes) => `Basic ${Buffer.from(bytes).toString('base64')}`),
    fc.tuple(credential, credential).map((pair) => `Basic ${Buffer.from(pair.join(':')).toString('base64')}`),
  ),
  (header) => {
    const found = parseBasicCredentials(header);
    if (found === null) return;
    const { username, password } = found;
    ok(!username.includes(':'));
    const canonical = Buffer.from(`${username}:${password}`).toString('base64');
    strictEqual(header.slice(header.indexOf(' ') + 1), canonical);
    deepStrictEqual(parseBasicCredentials(`Basic ${canonical}`), found);
  },
);

const credentialsRoundTrip = target(
  'credentials are unchanged after encoding and parsing',
  10,
  fc.tuple(
    credential.filter((text) => !text.includes(':')),
    credential,
  ),
  ([username, password]) => {
    const header = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
    deepStrictEqual(parseBasicCredentials(header), { username, password });
  },
);

const query = target(
  'the query is parsed like a form',
  25,
  textOf(
    'userid=',
    'user%69d=',
    'userid',
    '?',
    '&',
    '=',
    '+',
    '%20',
    '%2B',
    '%40',
    '%',
    '%f',
    '%ff',
    '%c3%a9',
    '%ed%a0%80',
    '%00',
    '#',
    ';',
    'ada',
  ).map((text) => `/user-info?${text}`),
  (requestTarget) => {
    const found = findUserid(requestTarget, defaultUseridRules);
    if ('refused' in found) return;
    const { userid } = found;
    ok(printable.test(userid) && userid !== '' && Buffer.byteLength(userid) <= defaultUseridRules.maxBytes);
    // URLSearchParams removes one leading question mark. If the question mark that begins the query were missing, it would remove one that belongs to
    // the query.
    const form = new URLSearchParams(requestTarget.slice(requestTarget.indexOf('?')));
    deepStrictEqual(form.getAll('userid'), [userid]);
    deepStrictEqual(findUserid(`/user-info?userid=${encodeURIComponent(userid)}`, defaultUseridRules), found);
  },
  ['/user-info??userid=&userid= '],
);

const ldifText = target(
  'any text is parsed as LDIF, or rejected without quoting it',
  15,
  textOf(
    'dn: ',
    'dn:: ',
    'cn=ada,dc=test',
    '\n',
    '\r\n',
    '\n\n',
    ' ',
    ':',
    '::',
    ':<',
    'version: 1\n',
    'cn: ada',
    '#',
    'Y249YQ==',
    'changetype: ',
    'search: 2',
    'result: 0',
    ';range=0-1',
    '\ufeff',
  ),
  (text) => {
    try {
      for (const { dn, attributes } of parseLdif(Buffer.from(text))) {
        // An empty name is the root, which ldapsearch also writes.
        ok(parseDn(dn) !== null);
        for (const name of attributes.keys()) strictEqual(name, name.toLowerCase());
      }
    } catch (error) {
      ok(error instanceof LdifError, String(error));
      ok(!/ada|dc=test/.test(error.message), 'a fault quotes nothing');
    }
  },
  ['dn: \r\n'],
);

const attributeName = fc
  .stringMatching(/^[a-z][a-z0-9-]{0,8}(?:;[a-z]{1,5})?$/)
  .filter((name) => !['dn', 'version', 'search', 'ref', 'control', 'changetype'].includes(name));
const ldifEntries = fc.uniqueArray(
  fc.record({
    name: fc.stringMatching(/^[a-z]{1,12}$/),
    attributes: fc.array(fc.tuple(attributeName, fc.uint8Array({ maxLength: 90 })), { maxLength: 6 }),
  }),
  { minLength: 1, maxLength: 4, selector: ({ name }) => name },
);

/** Writes a line according to RFC 2849: a value with special characters is in base64; a line may be folded anywhere. */
function writeLdifLine(name: string, value: Uint8Array, foldAt: number, lineEnd: string): string {
  const text = Buffer.from(value).toString('latin1');
  const safe = /^(?:[!-9;=-~][ -~]*)?$/.test(text) && !text.endsWith(' ');
  const line = safe ? `${name}: ${text}` : `${name}:: ${Buffer.from(value).toString('base64')}`;
  const first = line.slice(0, foldAt);
  const rest = line.slice(foldAt).match(/.{1,20}/gs) ?? [];
  return [first, ...rest].join(`${lineEnd} `);
}

const ldifRoundTrip = target(
  'LDIF entries are unchanged after writing and parsing',
  10,
  fc.tuple(ldifEntries, fc.integer({ min: 4, max: 76 }), fc.constantFrom('\n', '\r\n')),
  ([entries, foldAt, lineEnd]) => {
    const text = entries
      .map(({ name, attributes }) => {
        const lines = attributes.map(([attribute, value]) => writeLdifLine(attribute, value, foldAt, lineEnd));
        return [`dn: cn=${name},dc=test`, ...lines, ''].join(lineEnd);
      })
      .join(lineEnd);
    const found = parseLdif(Buffer.from(text));
    deepStrictEqual(
      found.map(({ dn }) => dn),
      entries.map(({ name }) => `cn=${name},dc=test`),
    );
    for (const [index, { attributes }] of entries.entries()) {
      const expected = new Map<string, string[]>();
      for (const [name, value] of attributes) {
        expected.set(name, [...(expected.get(name) ?? []), Buffer.from(value).toString('hex')]);
      }
      const actual = [...(found[index]?.attributes ?? [])].map(([name, values]) => [
        name,
        values.map((value) => value.toString('hex')),
      ]);
      deepStrictEqual(actual, [...expected]);
    }
  },
);

/** Compiles the mapping of examples/configurations/http-proxy-custom.yaml. */
function compileMapping(): MappingPlan {
  const { source } = configOf({
    source: {
      type: 'http-proxy',
      baseUrl: 'https://people.example.com',
      user: { path: 'people?login={userid}', list: '/people' },
      mapping: {
        identity: '/login',
        enabled: { path: '/state', values: ['active'], disabledValues: ['left'] },
        groups: [{ from: 'user', list: '/teams', name: '/team/name', where: { path: '/kind', equals: 'team' } }],
        authorizations: { region: { path: '/regions', optional: true }, level: { path: '/level', scalars: true } },
      },
    },
  });
  const { plan, faults } = compileProxyPlan(source as HttpProxySourceConfig);
  if (plan?.mapping == null) throw new Error(`the mapping does not compile: ${JSON.stringify(faults)}`);
  return plan.mapping;
}
const mapping = compileMapping();

const fields = ['login', 'state', 'teams', 'team', 'name', 'kind', 'regions', 'level', '__proto__', 'constructor', ''];
const scalar = fc.oneof(
  fc.constantFrom<unknown>(
    'active',
    'left',
    'team',
    'ada',
    '',
    ' ',
    '__proto__',
    null,
    true,
    0,
    -0,
    1e21,
    0.1,
    '\ud800',
  ),
  fc.string({ unit: 'binary', maxLength: 8 }),
);
const { value: anyValue } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    scalar,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.constantFrom(...fields), tie('value'), { maxKeys: 6 }),
  ),
}));
const nearlyRight = fc.record(
  {
    login: fc.oneof(fc.constant('ada'), anyValue),
    state: fc.oneof(fc.constantFrom<unknown>('active', 'left'), anyValue),
    teams: fc.oneof(
      fc.array(
        fc.record(
          {
            kind: fc.oneof(fc.constant('team'), anyValue),
            team: fc.oneof(fc.record({ name: fc.oneof(fc.string(), anyValue) }), anyValue),
          },
          { requiredKeys: [] },
        ),
        { maxLength: 4 },
      ),
      anyValue,
    ),
    regions: fc.oneof(fc.array(fc.string()), anyValue),
    level: fc.oneof(fc.integer(), anyValue),
  },
  { requiredKeys: [] },
);

const mappedUser = target(
  'every upstream response is valid user info, or rejected as a bad answer',
  20,
  fc.oneof({ arbitrary: nearlyRight, weight: 5 }, { arbitrary: anyValue, weight: 1 }),
  (entry) => {
    const page = { target: '/people', items: [entry] };
    try {
      isEnabled(entry, mapping);
      const collector = new UserInfoCollector();
      mapUser({ page, entry, userPages: [page], groupPages: [] }, mapping, collector);
      const userInfo = JSON.parse(JSON.stringify(collector.toUserInfo()));
      // An empty name is invalid: the last step before a response rejects it with 502.
      if (validateUserInfo(userInfo))
        strictEqual(new Set(userInfo.groups.map(({ name }) => name)).size, userInfo.groups.length);
      else ok(/""/.test(JSON.stringify(userInfo)), JSON.stringify(validateUserInfo.errors));
    } catch (error) {
      ok(error instanceof SourceError && error.kind === 'bad-answer', String(error));
    }
  },
);

export const fuzzTargets: readonly FuzzTarget[] = [
  basicHeader,
  credentialsRoundTrip,
  query,
  ldifText,
  ldifRoundTrip,
  mappedUser,
];
