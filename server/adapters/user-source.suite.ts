// Adapter suite: tests that every adapter passes.
import { expect } from 'chai';
import { EncodedUserInfo } from '../../schemas/encoded-user-info.ts';
import type { UserInfo } from '../../schemas/generated/user-info.ts';
import { describeSchemaErrors, validateUserInfo } from '../../schemas/validators.ts';
import { SourceError, type UserSource } from './user-source.ts';

/** A user whom the source under test should contain. */
export interface SuiteUser {
  readonly userid: string;
  readonly groups: readonly string[];
  /** Map from attribute name to its values. Created with `Object.fromEntries`, so that every name is an own key. */
  readonly authorizations: Readonly<Record<string, readonly string[]>>;
  readonly disabled?: boolean;
}

export interface OpenSource {
  readonly source: UserSource;
  /** Closes the source and removes what `open` created. */
  close(): Promise<void>;
}

export interface SuiteAdapter {
  /** Fills a backend with exactly these users and opens the adapter under test on it. */
  open(users: readonly SuiteUser[]): Promise<OpenSource>;
  /** A character that this backend cannot store in a name; users with it are skipped. Default: every character can be stored. */
  readonly cannotHold?: RegExp;
}

const ada: SuiteUser = {
  userid: 'ada@example.com',
  groups: ['analysts', 'finance'],
  authorizations: { department: ['finance'], region: ['emea', 'apac'] },
};
const bare: SuiteUser = { userid: 'bare@example.com', groups: [], authorizations: {} };
const gone: SuiteUser = { userid: 'gone@example.com', groups: ['analysts'], authorizations: {}, disabled: true };
const composed: SuiteUser = { userid: 'zo\u00eb@example.com', groups: ['composed'], authorizations: {} };

const strangeTexts = {
  'a double quote': 'say "hi"',
  'a single quote': "o'brien",
  'a back-slash': 'CORP\\domain users',
  'a comma': 'Sales, EMEA',
  'a semicolon and a bar': 'a;b|c',
  'a line break': 'first\nsecond',
  'a Windows line break': 'first\r\nsecond',
  'a tab': 'a\tb',
  'a character outside the BMP': '\u{1f600} smile',
  'a line separator': 'a\u2028b',
  'outer spaces': ' padded ',
  'the name of the prototype property': '__proto__',
  'the name of a built-in property': 'constructor',
  'a string that looks like a number': '42',
  'a string that looks like JSON': '{"groups":[]}',
  'a string that looks like null': 'null',
} as const;

/** Returns the groups and values of a result, ignoring their order, which has no meaning. */
function contentOf(user: UserInfo | null): unknown {
  if (user === null) return null;
  return {
    groups: user.groups.map(({ name }) => name).sort(),
    authorizations: new Map(
      Object.entries(user.authorizations)
        .filter(([, values]) => values.length > 0)
        .map(([name, values]): [string, string[]] => [name, [...values].sort()])
        .sort(([a], [b]) => (a < b ? -1 : 1)),
    ),
  };
}

function expectedContent(user: SuiteUser): unknown {
  return contentOf({
    groups: user.groups.map((name) => ({ name })),
    authorizations: Object.fromEntries(
      Object.entries(user.authorizations).map(([name, values]) => [name, [...values]]),
    ),
  });
}

function neverAborted(): AbortSignal {
  return new AbortController().signal;
}

/** Defines the tests that the adapter `name` has to pass. Call it at the top level of a test file. */
export function describeUserSource(name: string, adapter: SuiteAdapter): void {
  describe(`${name} as a user source`, () => {
    let open: OpenSource;
    const strangeUsers = Object.entries(strangeTexts)
      .filter(([, text]) => !adapter.cannotHold?.test(text))
      .map(([title, text], index) => ({
        title,
        user: {
          userid: `strange${index}@example.com`,
          groups: [text, `${text}-2`],
          authorizations: Object.fromEntries([
            [text, ['plain', text]],
            ['plain', [text]],
          ]),
        } satisfies SuiteUser,
      }));
    const strangeIds = [
      '__proto__',
      'constructor',
      'toString',
      "o'brien",
      'a"b',
      'a\\b',
      'a,b',
      '\u{1f600}',
      '%2e',
      '*',
      'a=b',
    ]
      .filter((userid) => !adapter.cannotHold?.test(userid))
      .map((userid): SuiteUser => ({ userid, groups: [`of ${userid}`], authorizations: {} }));
    const crowd = Array.from(
      { length: 200 },
      (_, index): SuiteUser => ({
        userid: `crowd${index}@example.com`,
        groups: [`group-${index}`],
        authorizations: { number: [`${index}`] },
      }),
    );

    before(async () => {
      const strange = strangeUsers.map(({ user }) => user);
      open = await adapter.open([ada, bare, gone, composed, ...strange, ...strangeIds, ...crowd]);
    });
    after(() => open.close());

    const find = (userid: string) => open.source.findUser(userid, neverAborted());

    it('is ready', async () => {
      await open.source.check();
    });

    it('returns all groups and attributes of a known user', async () => {
      expect(contentOf(await find(ada.userid))).to.deep.equal(expectedContent(ada));
    });

    it('returns null for an unknown user', async () => {
      expect(await find('nobody@example.com')).to.equal(null);
      expect(await find('')).to.equal(null);
      expect(await find('hasOwnProperty')).to.equal(null);
    });

    it('returns null for a disabled user', async () => {
      expect(await find(gone.userid)).to.equal(null);
    });

    it('returns empty lists for a user without groups and attributes', async () => {
      const found = await find(bare.userid);
      expect(found?.groups).to.deep.equal([]);
      expect(Object.keys(found?.authorizations ?? { missing: [] })).to.deep.equal([]);
    });

    for (const [title, userid] of Object.entries({
      'in another letter case': 'Ada@example.com',
      'with a space before': ' ada@example.com',
      'followed by a space': 'ada@example.com ',
      'that is only a prefix': 'ada@example.co',
      'followed by other text': 'ada@example.com.org',
      'with a wildcard': 'ada*',
      'with a NUL behind': 'ada@example.com\0',
      'in another normalization form': composed.userid.normalize('NFD'),
    })) {
      it(`does not know a userid ${title}`, async () => {
        expect(await find(userid)).to.equal(null);
      });
    }

    it('knows a userid with letters outside ASCII', async () => {
      expect(contentOf(await find(composed.userid))).to.deep.equal(expectedContent(composed));
    });

    for (const { title, user } of strangeUsers) {
      it(`keeps ${title} in groups, attributes and values`, async () => {
        expect(contentOf(await find(user.userid))).to.deep.equal(expectedContent(user));
      });
    }

    for (const user of strangeIds) {
      it(`knows the userid ${user.userid}`, async () => {
        expect(contentOf(await find(user.userid))).to.deep.equal(expectedContent(user));
      });
    }

    it('returns its own result to each concurrent lookup', async () => {
      const wanted = [...crowd, ada, bare, ...crowd];
      const found = await Promise.all(wanted.map(({ userid }) => find(userid)));
      expect(found.map(contentOf)).to.deep.equal(wanted.map(expectedContent));
    });

    it('returns data that the strict schema allows, including after JSON serialization', async () => {
      for (const { userid } of [ada, bare, composed, ...strangeUsers.map(({ user }) => user)]) {
        const found = await find(userid);
        const sent = found instanceof EncodedUserInfo ? found.json.toString('utf8') : JSON.stringify(found);
        const parsed: unknown = JSON.parse(sent);
        expect(validateUserInfo(parsed), describeSchemaErrors(validateUserInfo.errors)).to.equal(true);
        expect(contentOf(parsed as UserInfo)).to.deep.equal(contentOf(found));
      }
    });

    it('returns the same result from memory as from a lookup, if it has users in memory', async () => {
      for (const { userid } of [ada, bare, gone, composed, { userid: 'nobody@example.com' }]) {
        const recalled = open.source.findUserInMemory?.(userid, null);
        if (recalled !== undefined) expect(contentOf(recalled)).to.deep.equal(contentOf(await find(userid)));
      }
    });

    it('returns a separate object to each caller', async () => {
      const first = await find(ada.userid);
      first?.groups.push({ name: 'intruder' });
      if (first) first.authorizations.department = ['intruder'];
      expect(contentOf(await find(ada.userid))).to.deep.equal(expectedContent(ada));
    });

    it('throws only a SourceError when a lookup is canceled', async () => {
      const outcome = await open.source.findUser(ada.userid, AbortSignal.abort()).catch((error: unknown) => error);
      if (outcome instanceof Error) expect(outcome).to.be.instanceOf(SourceError);
      else expect(contentOf(outcome as UserInfo)).to.deep.equal(expectedContent(ada));
    });

    it('explains each group and value that it returns', async () => {
      const explained = await open.source.explainUser?.(ada.userid, neverAborted());
      if (explained === undefined) return;
      expect(explained?.groups.map(({ name: group }) => group).sort()).to.deep.equal([...ada.groups].sort());
      const values = explained?.authorizations.map(({ name: attribute, value }) => `${attribute}=${value}`).sort();
      expect(values).to.deep.equal(['department=finance', 'region=apac', 'region=emea']);
      for (const { origin } of [...(explained?.groups ?? []), ...(explained?.authorizations ?? [])]) {
        expect(origin).to.be.a('string').that.is.not.equal('');
      }
    });

    it('explains why unknown and disabled users are missing, and returns none of their data', async () => {
      for (const userid of ['nobody@example.com', gone.userid]) {
        const explained = (await open.source.explainUser?.(userid, neverAborted())) ?? null;
        if (explained === null) continue;
        expect(explained.absent).to.be.a('string').that.is.not.equal('');
        expect([explained.groups, explained.authorizations]).to.deep.equal([[], []]);
      }
    });

    it('distinguishes disabled users from unknown and enabled ones, if it can', async () => {
      const { source } = open;
      if (source.isDisabled === undefined) return;
      const results = [];
      for (const userid of [gone.userid, 'nobody@example.com', ada.userid]) {
        results.push(await source.isDisabled(userid, neverAborted()));
      }
      expect(results).to.deep.equal([true, false, false]);
    });

    it('can be closed twice', async () => {
      const other = await adapter.open([ada]);
      await other.source.close();
      await other.source.close();
      await other.close();
    });
  });
}
