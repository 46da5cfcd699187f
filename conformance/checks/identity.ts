// Owns the checks of names that are nearly a known user's: a part of it, more than it, other spaces, letters or domains.
import type { Check, Topic } from '../check.ts';
import type { ShortQuestion } from '../check-context.ts';
import { MissingInput } from '../check-endings.ts';
import { assertConforms } from '../finding.ts';
import { hasTwoForms, inOtherForm } from '../odd-names.ts';
import { declaredCase, declaredSpaces } from './identity-declared.ts';
import {
  around,
  askKnownMeaning,
  isAccessOf,
  type NobodysName,
  nameSource,
  nobodysNameCheck,
  withLetter,
} from './nobodys-name.ts';
import { askOrRefusedByTls } from './refusal-checks.ts';

const wholeName = 'compare whole names, from the first letter to the last';

/** Of shorter names the parts could be somebody's. */
const minLetters = 5;

const part: Check = {
  id: 'userid-part-refused',
  level: 'MUST',
  platformVerdict: 'silently-wrong-access',
  title: 'MUST NOT answer a part of a known user’s name with what that user has',
  source: nameSource,
  why: 'A search that finds names by their beginning, or anywhere within, gives one user the access of another with a longer name.',
  mend: [
    { stack: 'any', text: 'Compare whole names, from the first letter to the last.' },
    { stack: 'spring', text: 'Use findByUserid, not findByUseridContaining or findByUseridStartingWith.' },
    { stack: 'aspnet', text: 'Compare with string.Equals(a, b, StringComparison.Ordinal), not with Contains.' },
    { stack: 'nginx', text: 'Begin and end the regular expressions of a map with ^ and $.' },
  ],
  needs: ['control'],
  async run(context) {
    const letters = [...context.knownUser];
    if (letters.length < minLetters) {
      throw new MissingInput(`Give a known user whose name has ${minLetters} letters or more: --known-user ID.`);
    }
    const known = await askKnownMeaning(context);
    const cut = (from: number, to: number, shown: string) => ({
      userids: [letters.slice(from, letters.length + to).join('')],
      shown,
    });
    for (const [once, twice] of [
      [cut(0, -1, `\${KNOWN_USER%?}`), cut(0, -2, `\${KNOWN_USER%??}`)],
      [cut(1, 0, `\${KNOWN_USER#?}`), cut(2, 0, `\${KNOWN_USER#??}`)],
    ] as const) {
      // There may be a user with the one name, and even in the same groups; hardly one with each of them.
      const isOnce = isAccessOf(known, await askOrRefusedByTls(context, once));
      const answer = isOnce ? await askOrRefusedByTls(context, twice) : null;
      assertConforms(!isAccessOf(known, answer), {
        asked: 'a known user’s name without its first or last letter, and without the two of them',
        expected: 'for one at least something else than what the known user has',
        seen: 'for both what the known user has',
        change: wholeName,
        ...(answer ? { answers: [answer] } : {}),
      });
    }
  },
};

const more: NobodysName = {
  id: 'userid-extended-refused',
  request: 'a known user’s name with more before or behind it',
  why: 'A name that is cut to a width, or looked for within another, gives a user who is not known the access of one who is.',
  change: wholeName,
  mend: [
    { stack: 'go', text: 'Use ==, not strings.HasPrefix or strings.Contains.' },
    { stack: 'nginx', text: 'Begin and end the regular expressions of a map with ^ and $.' },
  ],
  questions: (knownUser) => [around('', knownUser, '-kit-other'), around('kit-other-', knownUser, '')],
};

const list: NobodysName = {
  id: 'userid-list-refused',
  request: 'a known user’s name in a list of two, as ada,other',
  why: 'Whoever splits the list answers for one who was not asked for alone, or for several as one.',
  change: 'take the userid as one name, commas and all',
  mend: [
    { stack: 'spring', text: 'Take the parameter as String: List<String> splits it at commas.' },
    { stack: 'aspnet', text: 'Take the parameter as string: some binders split it at commas.' },
  ],
  questions: (knownUser) => [around('', knownUser, ',kit-other')],
};

const quoted: NobodysName = {
  id: 'userid-quoted-refused',
  request: 'a known user’s name in quotes or angle brackets',
  why: 'Signs that are taken off make two names one; what takes them off may read others too.',
  change: 'take the userid as it was sent, and take no quotes or brackets off',
  questions: (knownUser) => [around('"', knownUser, '"'), around('<', knownUser, '>')],
};

/** What stands before the @ of an address, or the whole name where there is none. */
function localPart(name: string): string {
  const at = name.lastIndexOf('@');
  return at > 0 ? name.slice(0, at) : name;
}

const otherDomain: NobodysName = {
  id: 'userid-other-domain-refused',
  request: 'a known user’s name at another domain',
  why: 'Two domains may have the same name for two people: whoever drops the domain gives one the access of the other.',
  change: 'compare the whole name, its domain too',
  questions: (knownUser) => [
    { userids: [`${localPart(knownUser)}@kit-other.invalid`], shown: `\${KNOWN_USER%@*}@kit-other.invalid` },
    around('KIT-OTHER\\', knownUser, ''),
  ],
};

const tag: NobodysName = {
  id: 'userid-tag-refused',
  request: 'a known user’s name with a tag, as ada+tag@example.com',
  why: 'That mail with a tag reaches the same person is a habit of mail servers; for the platform it is another user, whom anybody may sign up.',
  change: 'compare the whole name, and take no tags off',
  questions: (knownUser) => {
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
  level: 'SHOULD',
  request: 'a known user’s name with white space before or behind it',
  source: `${nameSource}; RFC 4518, 2.6.1: directories may take such names for one`,
  why: 'White space that is trimmed, or that a comparison skips, makes two names one: a user who signs up with a space has the access of another.',
  change: 'do not trim the userid, and compare what the source has found with what was asked, byte for byte',
  mend: [
    { stack: 'express', text: 'Leave trim() out: it takes off many kinds of space, and U+FEFF.' },
    { stack: 'aspnet', text: 'Leave Trim() out; SQL Server skips spaces at the end of a name when it compares.' },
  ],
  needs: ['control', 'undeclared-spaces'],
  questions: (knownUser) => [
    around(' ', knownUser, ''),
    around('', knownUser, ' '),
    // As forms write a space. Where the plus sign is one, nobody has this name either.
    { userids: [], query: `userid=${encodeURIComponent(knownUser)}+`, shown: `userid=\${KNOWN_USER_ENCODED}+` },
    around('', knownUser, '\u00a0'),
  ],
};

const asciiLetter = 'a letter from a to z';

const accents: NobodysName = {
  id: 'userid-accents-refused',
  level: 'SHOULD',
  request: 'a known user’s name with a mark on one of its letters',
  source: `${nameSource}; Unicode Technical Standard 10, 1.1: collations may take letters with marks for the plain ones`,
  why: 'A collation that skips accents finds jose for josé: two people, one access.',
  change:
    'compare names in a binary collation, or compare what the source has found with what was asked, byte for byte',
  mend: [
    {
      stack: 'any',
      text: 'In MySQL and MariaDB compare with COLLATE utf8mb4_bin, in SQL Server with Latin1_General_BIN2.',
    },
  ],
  // The double grave: hardly a name has it, and collations count a letter with it as the plain one.
  questions: (knownUser) => [
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
  level: 'SHOULD',
  request: 'a known user’s name with a character that is not seen',
  source: `${nameSource}; RFC 4518, 2.2: directories take such characters out`,
  why: 'Who sees both names in a list can’t tell them apart; what skips the character gives one the access of the other.',
  change: 'compare names byte for byte, or refuse characters that are not seen with 400',
  questions: (knownUser) => {
    const [first = '', ...rest] = knownUser;
    return ['\u00ad', '\u200b'].map((character) => ({ userids: [`${first}${character}${rest.join('')}`] }));
  },
};

const lookAlike: NobodysName = {
  id: 'userid-wide-letter-refused',
  level: 'SHOULD',
  request: 'a known user’s name with one letter in its wide form, as ａ for a',
  source: `${nameSource}; RFC 8265, 3.3: some user names are mapped so before they are compared`,
  why: 'Names that are brought into a compatibility form (NFKC) are fewer than names: two users of the platform have one access.',
  change: 'compare names as they were sent; where they are normalised, do it where users are created too',
  mend: [{ stack: 'flask', text: "Leave unicodedata.normalize('NFKC', …) out for user names." }],
  questions: (knownUser) => [
    {
      userids: [
        withLetter(knownUser, /[a-z0-9]/i, asciiLetter, (letter) =>
          String.fromCharCode(letter.charCodeAt(0) - 0x20 + 0xff00),
        ),
      ],
    },
  ],
};

/** A check in which an answer of the known user's is told and not held against the endpoint: the contract leaves it open. */
function reported(
  data: Pick<Check, 'id' | 'title' | 'source' | 'why' | 'mend'> & {
    readonly needs?: Check['needs'];
    readonly asked: string;
    readonly change: string;
    /** A known user, and what may be another. */
    readonly otherName: (knownUsers: readonly string[]) => {
      readonly userid: string;
      readonly question: ShortQuestion;
    };
  },
): Check {
  const { asked, change, otherName, needs = ['control'], ...rest } = data;
  return {
    ...rest,
    level: 'MAY',
    platformVerdict: 'cosmetic',
    needs,
    async run(context) {
      const { userid, question } = otherName(context.options.knownUsers);
      const known = await askKnownMeaning(context, userid);
      const answer = await askOrRefusedByTls(context, question);
      assertConforms(!isAccessOf(known, answer), {
        asked,
        expected: 'something else than what the known user has',
        seen: 'what the known user has',
        change,
        ...(answer ? { answers: [answer] } : {}),
      });
    },
  };
}

const letterCase = reported({
  id: 'userid-letter-case',
  title: 'MAY tell users apart by the letter case of their names',
  source: 'User info contract, what is not known: letter case of user ids',
  why: 'Whether the platform takes Ada and ada for one user is documented nowhere: see that it, your identity provider and the endpoint agree.',
  mend: [
    {
      stack: 'any',
      text: 'Where the platform tells letter cases apart, compare names byte for byte; databases and directories often do not.',
    },
  ],
  needs: ['control', 'undeclared-case'],
  asked: 'a known user’s name in the other letter case',
  change: 'decide whether letter case matters, and let the platform, the identity provider and the endpoint do alike',
  otherName([userid = '']) {
    const isUpper = userid === userid.toUpperCase();
    const inOtherCase = isUpper ? userid.toLowerCase() : userid.toUpperCase();
    if (inOtherCase === userid) throw new MissingInput('Give a known user whose name has letters: --known-user ID.');
    return {
      userid,
      question: { userids: [inOtherCase], shown: `$(printf %s "$KNOWN_USER" | tr ${isUpper ? 'A-Z a-z' : 'a-z A-Z'})` },
    };
  },
});

const unicodeForm = reported({
  id: 'userid-unicode-form',
  title: 'MAY tell users apart by the form in which Unicode writes a letter (NFC, NFD)',
  source: 'User info contract, the call: userid names that user and no other; RFC 8265, 3.3 would make one of them',
  why: 'é is one character or two, and both look alike. Which one the platform sends depends on where the name was typed.',
  mend: [
    {
      stack: 'any',
      text: 'Bring names into one form (NFC), those of the source and those that are asked for, or neither.',
    },
  ],
  needs: ['control', 'two-form-user'],
  asked: 'a known user’s name in the other form of Unicode',
  change: 'nothing, if it was meant so; else compare names as they were sent',
  otherName(knownUsers) {
    const userid = knownUsers.find(hasTwoForms) ?? '';
    return { userid, question: { userids: [inOtherForm(userid)] } };
  },
});

const alias = reported({
  id: 'userid-local-part',
  title: 'MAY refuse what stands before the @ of a known user’s name alone',
  source: nameSource,
  why: 'The platform may have two accounts, ada and ada@example.com: both would have the same access.',
  mend: [{ stack: 'any', text: 'Look users up by one attribute, the one that the platform uses as user name.' }],
  asked: 'what stands before the @ of a known user’s name',
  change: 'look users up by one attribute, the one that the platform uses as user name',
  otherName([userid = '']) {
    const local = localPart(userid);
    if (local === userid) throw new MissingInput('Give a known user whose name is an address: --known-user ID.');
    return { userid, question: { userids: [local], shown: `\${KNOWN_USER%@*}` } };
  },
});

export const identity: Topic = {
  title: 'A name that is nearly a known one',
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
