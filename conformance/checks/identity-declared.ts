// Owns the checks of what the contract leaves open about user ids, and the operator has declared: letter case, and spaces around them.
import type { Check } from '../check.ts';
import type { CheckContext, ShortQuestion } from '../check-context.ts';
import { MissingInput } from '../check-endings.ts';
import type { ConformanceOptions } from '../conformance-options.ts';
import { assertConforms, describeAnswer } from '../finding.ts';
import { around, askKnownMeaning, assertSteady, isAccessOf } from './nobodys-name.ts';
import { askOrRefusedByTls } from './refusal-checks.ts';

interface Declaration extends Pick<Check, 'id' | 'title' | 'why' | 'mend' | 'needs'> {
  /** The known user's name, in words. */
  readonly asked: string;
  /** Whether it was declared to be the known user's name too. */
  isSameName(options: Pick<ConformanceOptions, 'useridCase' | 'useridSpaces'>): boolean;
  readonly flag: string;
  /** Names that nobody has, unless they are the known user's. */
  questions(knownUser: string): readonly ShortQuestion[];
}

/** Throws unless each of the names is answered as the known user's. */
async function assertSame({ asked, flag }: Declaration, questions: readonly ShortQuestion[], context: CheckContext) {
  const known = await askKnownMeaning(context);
  for (const question of questions) {
    const answer = await context.askOnce(question);
    if (answer.status === 200 && !isAccessOf(known, answer)) await assertSteady(context, context.knownUser, known);
    assertConforms(isAccessOf(known, answer), {
      asked,
      expected: `status 200 with what the known user has, as ${flag} declares`,
      seen: answer.status === 200 ? 'status 200 with something else' : describeAnswer(answer),
      change: `bring the userid and the names of the source into one form before they are compared; or correct ${flag}`,
      answers: [answer],
      platformVerdict: answer.status === 200 ? 'silently-wrong-access' : 'refused',
    });
  }
}

/** Throws when one of the names is answered as the known user's. */
async function assertOther({ asked, flag }: Declaration, questions: readonly ShortQuestion[], context: CheckContext) {
  const known = await askKnownMeaning(context);
  for (const question of questions) {
    const answer = await askOrRefusedByTls(context, question);
    assertConforms(!isAccessOf(known, answer), {
      asked,
      expected: `something else than what the known user has, as ${flag} declares`,
      seen: 'what the known user has',
      change: `compare names byte for byte, in the source too; or correct ${flag}`,
      ...(answer ? { answers: [answer] } : {}),
    });
  }
}

function declarationCheck(declaration: Declaration): Check {
  const { id, title, why, mend, needs, isSameName, questions } = declaration;
  return {
    ...{ id, title, why, mend, needs },
    // Undeclared it is nobody's fault; declared, the contract leaves nothing open: userid names that user and no other.
    level: 'MUST',
    platformVerdict: 'silently-wrong-access',
    source:
      'User info contract, the call: userid names that user and no other; which names are one is declared for the run',
    async run(context) {
      const assertDeclared = isSameName(context.options) ? assertSame : assertOther;
      await assertDeclared(declaration, questions(context.knownUser), context);
    },
  };
}

/** Every second letter in the other case: people have names in capitals, and none like this. */
function inMixedCase(name: string): string {
  const inOtherCase = (letter: string) =>
    letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase();
  let count = 0;
  // Beyond a to z not even databases agree on what the other case is.
  return name.replace(/[a-z]/gi, (letter) => (count++ % 2 === 0 ? inOtherCase(letter) : letter));
}

const minLetters = 3;

export const declaredCase = declarationCheck({
  id: 'userid-case-as-declared',
  title: 'MUST take the letter case of a userid as --userid-case declares it',
  why: 'Where letter case matters on the platform, two of its users would have one access; where it does not, a user is found or not by how the name was typed.',
  mend: [
    {
      stack: 'any',
      text: 'Where case matters, compare names byte for byte: databases and directories often do not. Where it does not, bring both sides into lower case.',
    },
    { stack: 'spring', text: 'See the collation of the column: findByUserid compares as the database does.' },
    {
      stack: 'aspnet',
      text: 'Name StringComparison.Ordinal or OrdinalIgnoreCase; SQL Server ignores case by default.',
    },
    {
      stack: 'nginx',
      text: 'A map compares its strings without case: use regular expressions, ~ with and ~* without it.',
    },
  ],
  needs: ['control', 'declared-case'],
  asked: 'a known user’s name with every second letter in the other case',
  flag: '--userid-case',
  isSameName: ({ useridCase }) => useridCase === 'insensitive',
  questions(knownUser) {
    if ((knownUser.match(/[a-z]/gi) ?? []).length < minLetters) {
      throw new MissingInput(`Give a known user whose name has ${minLetters} letters from a to z: --known-user ID.`);
    }
    return [{ userids: [inMixedCase(knownUser)] }];
  },
});

export const declaredSpaces = declarationCheck({
  id: 'userid-spaces-as-declared',
  title: 'MUST take spaces around a userid as --userid-spaces declares them',
  why: 'Where they are part of a name, whoever signs up with a space has the access of another; where they are not, a user is found or not by a space that nobody sees.',
  mend: [
    {
      stack: 'any',
      text: 'Where spaces are part of a name, do not trim the userid, and compare what the source has found with what was asked. Where they are not, trim it first.',
    },
    {
      stack: 'aspnet',
      text: 'SQL Server skips spaces at the end of a name when it compares, and none at its beginning.',
    },
  ],
  needs: ['control', 'declared-spaces'],
  asked: 'a known user’s name with a space before or behind it',
  flag: '--userid-spaces',
  isSameName: ({ useridSpaces }) => useridSpaces === 'trimmed',
  questions: (knownUser) => [around(' ', knownUser, ''), around('', knownUser, ' ')],
});
