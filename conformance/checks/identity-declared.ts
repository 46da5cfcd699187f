// Checks of user names against the declared significance of letter case and surrounding spaces.
import type { Check } from '../check.ts';
import type { CheckContext, ShortRequest } from '../check-context.ts';
import { MissingInput } from '../check-endings.ts';
import { assertConforms, describeAnswer } from '../report/finding.ts';
import { around, askKnownMeaning, assertSteady, findSuitableUser, isAccessOf } from './nobodys-name.ts';
import { askOrClosed } from './refusal-checks.ts';

interface Declaration {
  /** Description of the names, as text. */
  readonly asked: string;
  /** Whether the names were declared to be equivalent to the known user's name. */
  readonly isSameName: boolean;
  readonly flag: string;
  /** The known user from whose name the names are derived. */
  readonly userid: string;
  /** Names that no user has, unless they are equivalent to the known user's. */
  readonly requests: readonly ShortRequest[];
}

/** Throws unless each of the names gets the data of the known user. */
async function assertSame({ asked, flag, userid, requests }: Declaration, context: CheckContext): Promise<void> {
  const known = await askKnownMeaning(context, userid);
  for (const request of requests) {
    const answer = await askOrClosed(context, request);
    if (answer?.status === 200 && !isAccessOf(known, answer)) await assertSteady(context, userid, known);
    const isOther = answer?.status === 200;
    assertConforms(isAccessOf(known, answer), {
      asked,
      expected: `status 200 with the data of the known user, as ${flag} declares`,
      seen: answer === null ? 'a closed connection' : isOther ? 'status 200 with other data' : describeAnswer(answer),
      change: `normalize the userid and the names in the data source in the same way before comparing them; or correct ${flag}`,
      ...(answer ? { answers: [answer] } : {}),
      impact: isOther ? 'silently-wrong-access' : 'refused',
    });
  }
}

/** Throws if one of the names gets the data of the known user. */
async function assertOther({ asked, flag, userid, requests }: Declaration, context: CheckContext): Promise<void> {
  const known = await askKnownMeaning(context, userid);
  for (const request of requests) {
    const answer = await askOrClosed(context, request);
    assertConforms(!isAccessOf(known, answer), {
      asked,
      expected: `something other than the data of the known user, as ${flag} declares`,
      seen: 'the data of the known user',
      change: `compare names byte for byte, in the data source too; or correct ${flag}`,
      ...(answer ? { answers: [answer] } : {}),
    });
  }
}

async function assertDeclared(declaration: Declaration, context: CheckContext): Promise<void> {
  await (declaration.isSameName ? assertSame : assertOther)(declaration, context);
}

/** Returns the name with every second letter in the other case. A user is less likely to have such a name than one in capital letters. */
function inMixedCase(name: string): string {
  const inOtherCase = (letter: string) =>
    letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase();
  let count = 0;
  // For letters outside a to z, databases disagree about which letter is the other case.
  return name.replace(/[a-z]/gi, (letter) => (count++ % 2 === 0 ? inOtherCase(letter) : letter));
}

const minLetters = 3;

export const declaredCase: Check = {
  id: 'userid-case-as-declared',
  title: 'MUST treat the letter case of a userid as --userid-case declares',
  ruleSet: 'contract',
  level: 'MUST',
  clauses: ['C-12'],
  impact: 'silently-wrong-access',
  sentByPlatform: true,
  why: 'If letter case matters on the platform, an endpoint that ignores it gives two users the same access. If letter case does not matter, an endpoint that distinguishes it finds a user under only one spelling.',
  fix: [
    {
      stack: 'any',
      text: 'If case matters, compare names byte for byte: databases and LDAP directories often do not. If case does not matter, convert both sides to lower case.',
    },
    { stack: 'spring', text: 'Check the collation of the column: findByUserid compares names as the database does.' },
    {
      stack: 'aspnet',
      text: 'Specify StringComparison.Ordinal or OrdinalIgnoreCase; SQL Server ignores case by default.',
    },
    {
      stack: 'nginx',
      text: 'A map ignores the case of its strings: use regular expressions (~ is case-sensitive, ~* is not).',
    },
  ],
  needs: ['control', 'declared-case'],
  async run(context) {
    const { userid, made: mixed } = await findSuitableUser(context, (name) => {
      if ((name.match(/[a-z]/gi) ?? []).length >= minLetters) return inMixedCase(name);
      throw new MissingInput(
        `Add a known user whose name has at least ${minLetters} letters from a to z: --known-user ID.`,
      );
    });
    const declaration: Declaration = {
      asked: 'a known user name with every second letter in the other case',
      flag: '--userid-case',
      isSameName: context.options.useridCase === 'insensitive',
      userid,
      requests: [{ userids: [mixed] }],
    };
    await assertDeclared(declaration, context);
  },
};

export const declaredSpaces: Check = {
  id: 'userid-spaces-as-declared',
  title: 'MUST treat spaces around a userid as --userid-spaces declares',
  ruleSet: 'contract',
  level: 'MUST',
  clauses: ['C-12'],
  impact: 'silently-wrong-access',
  sentByPlatform: true,
  why: 'If spaces are part of a name, an endpoint that trims them gives one user the access of another. If spaces are not part of a name, an invisible space decides whether a user is found.',
  fix: [
    {
      stack: 'any',
      text: 'If spaces are part of a name, do not trim the userid, and compare the found name with the requested one. If they are not, trim the userid first.',
    },
    {
      stack: 'aspnet',
      text: 'Trim or compare in code: SQL Server ignores trailing spaces in comparisons, but not leading ones.',
    },
  ],
  needs: ['control', 'declared-spaces'],
  run: (context) =>
    assertDeclared(
      {
        asked: 'a known user name with a space before or after it',
        flag: '--userid-spaces',
        isSameName: context.options.useridSpaces === 'trimmed',
        userid: context.knownUser,
        requests: [around(' ', context.knownUser, ''), around('', context.knownUser, ' ')],
      },
      context,
    ),
};
