// Checks of user names that resemble a known one: a part of it, an extension, other spaces, letters or domains.
import type { Check, Topic } from '../check.ts';
import type { CheckContext, ShortRequest } from '../check-context.ts';
import { MissingInput } from '../check-endings.ts';
import { assertConforms } from '../report/finding.ts';
import { hasTwoForms, inOtherForm } from '../user-kinds.ts';
import { declaredCase, declaredSpaces } from './identity-declared.ts';
import {
  around,
  askKnownMeaning,
  findSuitableUser,
  isAccessOf,
  type NobodysName,
  nobodysNameCheck,
  showFor,
  withLetter,
} from './nobodys-name.ts';
import { askOrClosed } from './refusal-checks.ts';

const wholeName = 'compare whole user names';

/** The parts of a shorter name could be names of other users. */
const minLetters = 5;

const part: Check = {
  id: 'userid-part-refused',
  title: 'MUST NOT return the data of a known user for part of that user name',
  ruleSet: 'contract',
  level: 'MUST',
  clauses: ['C-9'],
  impact: 'silently-wrong-access',
  sentByPlatform: true,
  why: 'A search by prefix or substring gives one user the access of another user with a longer name.',
  fix: [
    { stack: 'any', text: 'Compare whole user names.' },
    { stack: 'spring', text: 'Use findByUserid, not findByUseridContaining or findByUseridStartingWith.' },
    { stack: 'aspnet', text: 'Compare with string.Equals(a, b, StringComparison.Ordinal), not with Contains.' },
    { stack: 'nginx', text: 'Anchor the regular expressions of a map with ^ at the beginning and $ at the end.' },
  ],
  needs: ['control'],
  async run(context) {
    const { userid, made: letters } = await findSuitableUser(context, (name) => {
      if ([...name].length >= minLetters) return [...name];
      throw new MissingInput(`Add a known user whose name has ${minLetters} letters or more: --known-user ID.`);
    });
    const known = await askKnownMeaning(context, userid);
    const cut = (from: number, to: number, shown: string) =>
      showFor(context, userid, { userids: [letters.slice(from, letters.length + to).join('')], shown });
    for (const [once, twice] of [
      [cut(0, -1, `\${KNOWN_USER%?}`), cut(0, -2, `\${KNOWN_USER%??}`)],
      [cut(1, 0, `\${KNOWN_USER#?}`), cut(2, 0, `\${KNOWN_USER#??}`)],
    ] as const) {
      // A user with one of these names may exist, even with the same groups, but users with all of these names are unlikely.
      const isOnce = isAccessOf(known, await askOrClosed(context, once));
      const answer = isOnce ? await askOrClosed(context, twice) : null;
      assertConforms(!isAccessOf(known, answer), {
        asked: 'a known user name without one and without two letters, at its beginning or its end',
        expected: 'something other than the data of the known user, for at least one of these names',
        seen: 'the data of the known user for both',
        change: wholeName,
        ...(answer ? { answers: [answer] } : {}),
      });
    }
  },
};

const more: NobodysName = {
  id: 'userid-extended-refused',
  title: 'MUST NOT respond with 200 to a known user name with a prefix or suffix',
  ruleSet: 'contract',
  level: 'MUST',
  clauses: ['C-9'],
  impact: 'silently-wrong-access',
  sentByPlatform: true,
  request: 'a known user name with a prefix or suffix',
  why: 'An endpoint that truncates names, or searches for a substring, gives an unknown user the access of a known one.',
  change: wholeName,
  fix: [
    { stack: 'go', text: 'Use ==, not strings.HasPrefix or strings.Contains.' },
    { stack: 'nginx', text: 'Anchor the regular expressions of a map with ^ at the beginning and $ at the end.' },
  ],
  requests: (knownUser) => [around('', knownUser, '-kit-other'), around('kit-other-', knownUser, '')],
};

const list: NobodysName = {
  id: 'userid-list-refused',
  title: 'MUST NOT respond with 200 to a comma-separated list that contains a known user name',
  ruleSet: 'contract',
  level: 'MUST',
  clauses: ['C-9'],
  impact: 'silently-wrong-access',
  sentByPlatform: true,
  request: 'a list of a known user name and another name, such as ada,other',
  why: 'An endpoint that splits the list responds for a user who was not requested, or for several users at once.',
  change: 'treat the userid as one name, including commas',
  fix: [
    { stack: 'spring', text: 'Declare the parameter as String: List<String> splits it at commas.' },
    { stack: 'aspnet', text: 'Declare the parameter as string: some binders split it at commas.' },
  ],
  requests: (knownUser) => [around('', knownUser, ',kit-other')],
};

const quoted: NobodysName = {
  id: 'userid-quoted-refused',
  title: 'MUST NOT respond with 200 to a known user name in quotes or angle brackets',
  ruleSet: 'contract',
  level: 'MUST',
  clauses: ['C-9'],
  impact: 'silently-wrong-access',
  sentByPlatform: true,
  request: 'a known user name in quotes or angle brackets',
  why: 'Removing quotes or brackets maps two names to one.',
  change: 'use the userid as it was sent, and do not remove quotes or brackets',
  requests: (knownUser) => [around('"', knownUser, '"'), around('<', knownUser, '>')],
};

/** Returns the part before the @ of an address, or the whole name. */
function localPart(name: string): string {
  const at = name.lastIndexOf('@');
  return at > 0 ? name.slice(0, at) : name;
}

const otherDomain: NobodysName = {
  id: 'userid-other-domain-refused',
  title: 'MUST NOT respond with 200 to a known user name in another domain',
  ruleSet: 'contract',
  level: 'MUST',
  clauses: ['C-9'],
  impact: 'silently-wrong-access',
  sentByPlatform: true,
  request: 'a known user name in another domain',
  why: 'Two domains can have users with the same name. An endpoint that ignores the domain gives one of these users the access of the other.',
  change: 'compare the whole name, including the domain',
  requests: (knownUser) => [
    { userids: [`${localPart(knownUser)}@kit-other.invalid`], shown: `\${KNOWN_USER%@*}@kit-other.invalid` },
    around('KIT-OTHER\\', knownUser, ''),
  ],
};

const tag: NobodysName = {
  id: 'userid-tag-refused',
  title: 'MUST NOT respond with 200 to a known user name with a tag, such as ada+tag@example.com',
  ruleSet: 'contract',
  level: 'MUST',
  clauses: ['C-9'],
  impact: 'silently-wrong-access',
  sentByPlatform: true,
  request: 'a known user name with a tag, such as ada+tag@example.com',
  why: 'Many mail servers deliver mail with a tag to the same person. For the platform, the name with a tag identifies a different user account, which someone else could create.',
  change: 'compare the whole name, and do not remove tags',
  requests: (knownUser) => {
    const local = localPart(knownUser);
    return [
      local === knownUser
        ? around('', knownUser, '+kit-other')
        : {
            userids: [`${local}+kit-other${knownUser.slice(local.length)}`],
            shown: `\${KNOWN_USER%@*}+kit-other@\${KNOWN_USER##*@}`,
          },
    ];
  },
};

const spaces: NobodysName = {
  id: 'userid-spaces-refused',
  title: 'SHOULD NOT respond with 200 to a known user name with surrounding white space',
  ruleSet: 'hardening',
  level: 'SHOULD',
  clauses: ['H-11'],
  impact: 'silently-wrong-access',
  sentByPlatform: true,
  request: 'a known user name with surrounding white space',
  why: 'Trimming white space maps two names to one: a user with a space in the name gets the access of another.',
  change: 'do not trim the userid, and compare the found name byte for byte with the requested one',
  fix: [
    { stack: 'express', text: 'Do not call trim(): it removes many kinds of space, and U+FEFF.' },
    { stack: 'aspnet', text: 'Do not call Trim(). SQL Server ignores trailing spaces in comparisons.' },
  ],
  needs: ['control', 'undeclared-spaces'],
  requests: (knownUser) => [
    around(' ', knownUser, ''),
    around('', knownUser, ' '),
    // A space as encoded in HTML forms. No user has this name with a plus sign either.
    { userids: [], query: `userid=${encodeURIComponent(knownUser)}+`, shown: `userid=\${KNOWN_USER_ENCODED}+` },
    around('', knownUser, '\u00a0'),
  ],
};

const asciiLetter = 'a letter from a to z, or a digit';

const accents: NobodysName = {
  id: 'userid-accents-refused',
  title: 'MUST NOT respond with 200 to a known user name with an accent on one of its letters',
  ruleSet: 'contract',
  level: 'MUST',
  clauses: ['C-9'],
  impact: 'silently-wrong-access',
  sentByPlatform: true,
  request: 'a known user name with an accent on one of its letters',
  why: 'A collation that ignores accents finds jose for josé: one user gets the access of another.',
  change: 'compare names in a binary collation, or compare the found name byte for byte with the requested one',
  fix: [
    {
      stack: 'any',
      text: 'In MySQL and MariaDB, compare with COLLATE utf8mb4_bin; in SQL Server, with Latin1_General_BIN2.',
    },
  ],
  // The double grave accent: rare in names, and ignored by collations that ignore accents.
  requests: (knownUser) => [
    {
      userids: [
        withLetter(knownUser, /[aeio]/i, 'one of the letters a, e, i, o', (letter) =>
          `${letter}\u030f`.normalize('NFC'),
        ),
      ],
    },
  ],
};

const invisible: NobodysName = {
  id: 'userid-invisible-refused',
  title: 'MUST NOT respond with 200 to a known user name with an invisible character',
  ruleSet: 'contract',
  level: 'MUST',
  clauses: ['C-9'],
  impact: 'silently-wrong-access',
  sentByPlatform: true,
  request: 'a known user name with an invisible character',
  why: 'Both names look the same. An endpoint that ignores the character gives one user the access of the other.',
  change: 'compare names byte for byte, or respond to invisible characters with 400',
  requests: (knownUser) =>
    ['\u00ad', '\u200b'].map((character) => ({ userids: [[...knownUser].toSpliced(1, 0, character).join('')] })),
};

const lookAlike: NobodysName = {
  id: 'userid-wide-letter-refused',
  title: 'MUST NOT respond with 200 to a known user name with a compatibility character, such as ａ for a',
  ruleSet: 'contract',
  level: 'MUST',
  clauses: ['C-9'],
  impact: 'silently-wrong-access',
  sentByPlatform: true,
  request: 'a known user name with a compatibility character, such as ａ for a',
  why: 'Normalizing names to a compatibility form (NFKC) maps two users of the platform to one.',
  change: 'compare names as they were sent, without normalizing them to NFKC',
  fix: [{ stack: 'flask', text: "Do not call unicodedata.normalize('NFKC', …) on user names." }],
  requests: (knownUser) => [
    {
      userids: [
        withLetter(knownUser, /[a-z0-9]/i, asciiLetter, (letter) =>
          String.fromCharCode(letter.charCodeAt(0) - 0x20 + 0xff00),
        ),
      ],
    },
  ],
};

/** Throws if `request` gets the data of the known user `userid`. */
async function assertOtherUser(
  context: CheckContext,
  userid: string,
  endpointRequest: ShortRequest,
  asked: string,
  change: string,
): Promise<void> {
  const known = await askKnownMeaning(context, userid);
  const answer = await askOrClosed(context, endpointRequest);
  assertConforms(!isAccessOf(known, answer), {
    asked,
    expected: 'something other than the data of the known user',
    seen: 'the data of the known user',
    change,
    ...(answer ? { answers: [answer] } : {}),
  });
}

const letterCase: Check = {
  id: 'userid-letter-case',
  title: 'MAY distinguish user names by letter case',
  ruleSet: 'hardening',
  level: 'MAY',
  clauses: ['H-12'],
  impact: 'cosmetic',
  sentByPlatform: true,
  why: 'The documentation does not say whether Ada and ada are the same user. The platform, the identity provider and the endpoint should agree.',
  fix: [
    {
      stack: 'any',
      text: 'If the platform distinguishes letter case, compare names byte for byte; databases and LDAP directories often do not.',
    },
  ],
  needs: ['control', 'undeclared-case'],
  async run(context) {
    const { userid, made: endpointRequest } = await findSuitableUser(context, (name) => {
      const isUpper = name === name.toUpperCase();
      const inOtherCase = isUpper ? name.toLowerCase() : name.toUpperCase();
      if (inOtherCase === name)
        throw new MissingInput('Add a known user whose name contains letters: --known-user ID.');
      const shown = `$(printf %s "$KNOWN_USER" | tr ${isUpper ? 'A-Z a-z' : 'a-z A-Z'})`;
      return { userids: [inOtherCase], shown };
    });
    await assertOtherUser(
      context,
      userid,
      showFor(context, userid, endpointRequest),
      'a known user name in the other letter case',
      'decide whether letter case matters, and configure the platform, the identity provider and the endpoint accordingly',
    );
  },
};

const unicodeForm: Check = {
  id: 'userid-unicode-form',
  title: 'MAY distinguish user names by their Unicode form (NFC, NFD)',
  ruleSet: 'hardening',
  level: 'MAY',
  clauses: ['H-12'],
  impact: 'cosmetic',
  sentByPlatform: true,
  why: 'é can be one character or two, and both forms look alike. Which form the platform sends depends on where the name was typed.',
  fix: [
    {
      stack: 'any',
      text: 'Normalize the names in the data source and in requests to one form (NFC), or normalize neither.',
    },
  ],
  needs: ['control', 'two-form-user'],
  async run(context) {
    const { userid } = await findSuitableUser(context, (name) => {
      if (!hasTwoForms(name))
        throw new MissingInput('Add a known user with a letter such as é in the name: --known-user ID.');
    });
    await assertOtherUser(
      context,
      userid,
      { userids: [inOtherForm(userid)] },
      'a known user name in the other Unicode form',
      'nothing if this is intended; otherwise compare names as they were sent',
    );
  },
};

const alias: Check = {
  id: 'userid-local-part',
  title: 'MAY refuse a userid that is only the part of a known user name before the @',
  ruleSet: 'hardening',
  level: 'MAY',
  clauses: ['H-12'],
  impact: 'cosmetic',
  sentByPlatform: true,
  why: 'The platform may have two accounts, ada and ada@example.com: both would get the same access.',
  fix: [{ stack: 'any', text: 'Look up users only by the attribute that is the user name on the platform.' }],
  needs: ['control'],
  async run(context) {
    const { userid, made: local } = await findSuitableUser(context, (name) => {
      if (localPart(name) !== name) return localPart(name);
      throw new MissingInput('Add a known user whose name is an e-mail address: --known-user ID.');
    });
    await assertOtherUser(
      context,
      userid,
      showFor(context, userid, { userids: [local], shown: `\${KNOWN_USER%@*}` }),
      'the part of a known user name before the @',
      'look up users only by the attribute that is the user name on the platform',
    );
  },
};

export const identity: Topic = {
  title: 'User names that resemble a known one',
  checks: [
    part,
    ...[more, list, quoted, otherDomain, tag, spaces, accents, invisible, lookAlike].map(nobodysNameCheck),
    letterCase,
    unicodeForm,
    alias,
    declaredCase,
    declaredSpaces,
  ],
};
