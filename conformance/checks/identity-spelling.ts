// Owns the checks of how one name may be spelled in a query: the plus sign, the space, the @, and escapes that are not needed.
import type { Check, Topic } from '../check.ts';
import type { CheckContext, ShortQuestion } from '../check-context.ts';
import { MissingInput, Untestable } from '../check-endings.ts';
import { assertConforms, describeAnswer } from '../finding.ts';
import { hasPlusOrSpace } from '../odd-names.ts';
import type { Answer } from '../question.ts';
import { askKnownMeaning, assertSteady, isAccessOf, nameSource } from './nobodys-name.ts';
import { askOrRefusedByTls, toSentence } from './refusal-checks.ts';

/** A known user whose name has a plus sign or a space; the need `plus-user` says that there is one. */
function findPlusUser({ options }: CheckContext): string {
  return options.knownUsers.find(hasPlusOrSpace) ?? '';
}

/** What the plus user is answered with. Throws Untestable when it is no 200. */
async function askPlusUsersMeaning(context: CheckContext, name: string): Promise<string> {
  const { status } = await context.askOnce({ userids: [name] });
  if (status !== 200) throw new Untestable('This user was not answered with 200: see userid-plus-escaped.');
  return askKnownMeaning(context, name);
}

/** A name in a query that is spelled as `write` has it, letter by letter. */
function spelled(name: string, write: (letter: string) => string): ShortQuestion {
  return { userids: [], query: `userid=${[...name].map(write).join('')}` };
}

/** Every byte escaped, also those that need it not. */
const escapeAll = (letter: string) =>
  [...Buffer.from(letter)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');

/** A check that a spelling is answered as the usual one. */
function sameUserCheck(
  data: Pick<Check, 'id' | 'level' | 'title' | 'source' | 'why' | 'needs'> & {
    readonly asked: string;
    readonly change: string;
    readonly mend?: Check['mend'];
    readonly pick: (context: CheckContext) => { readonly name: string; readonly question: ShortQuestion };
  },
): Check {
  const { asked, change, mend = [], pick, ...rest } = data;
  return {
    ...rest,
    platformVerdict: 'refused',
    mend: [{ stack: 'any', text: toSentence(change) }, ...mend],
    async run(context) {
      const { name, question } = pick(context);
      const known = await askKnownMeaning(context, name);
      const answer = await context.askOnce(question);
      if (answer.status === 200 && !isAccessOf(known, answer)) await assertSteady(context, name, known);
      assertConforms(isAccessOf(known, answer), {
        asked,
        expected: 'status 200 with what this user has',
        seen: answer.status === 200 ? 'status 200 with something else' : describeAnswer(answer),
        change,
        answers: [answer],
      });
    },
  };
}

const plusEscapedChange = 'decode the query once';

const plusEscaped: Check = {
  id: 'userid-plus-escaped',
  level: 'MUST',
  platformVerdict: 'refused',
  title: 'MUST know a user with a plus sign or a space in the name, sent as %2B and %20',
  source: `${nameSource}; RFC 3986, 2.1`,
  why: 'A plus sign that is decoded twice is a space in the end: nobody with a tag in the address is found.',
  mend: [{ stack: 'any', text: toSentence(plusEscapedChange) }],
  needs: ['control', 'plus-user'],
  async run(context) {
    const answer = await context.askOnce({ userids: [findPlusUser(context)] });
    assertConforms(answer.status === 200, {
      asked: 'a known user with a plus sign or a space in the name, percent-encoded',
      expected: 'status 200',
      seen: describeAnswer(answer),
      change: plusEscapedChange,
      answers: [answer],
    });
  },
};

const atSign = sameUserCheck({
  id: 'userid-at-unescaped',
  level: 'SHOULD',
  title: 'SHOULD know a user also when the @ of the name is not percent-encoded',
  source: 'User info contract, the call: userid is often an e-mail address; RFC 3986, 3.4: a query may hold @ as it is',
  why: 'Which of the two the platform sends is documented nowhere, and HTTP clients differ.',
  mend: [{ stack: 'nginx', text: 'Variables are not decoded: name both spellings, as (?:@|%40).' }],
  needs: ['control'],
  asked: 'a known user with the @ as it is',
  change: 'decode the query by the rules of URLs, which let @ and %40 be the same in it',
  pick({ options: { knownUsers } }) {
    const name = knownUsers.find((userid) => userid.includes('@'));
    if (name === undefined) throw new MissingInput('Give a known user whose name has an @: --known-user ID.');
    return { name, question: spelled(name, (letter) => (letter === '@' ? letter : encodeURIComponent(letter))) };
  },
});

const needless = sameUserCheck({
  id: 'userid-needless-escapes',
  level: 'MAY',
  title: 'MAY know a user also when letters are percent-encoded that need it not',
  source: 'RFC 3986, 6.2.2.2: such URLs are equivalent',
  why: 'No client is known to send them; an endpoint that does not decode takes them for another name.',
  mend: [{ stack: 'nginx', text: 'Variables are not decoded: put an endpoint behind it that does.' }],
  needs: ['control'],
  asked: 'a known user with every letter percent-encoded',
  change: 'decode the query before names are compared',
  pick: ({ knownUser }) => ({ name: knownUser, question: spelled(knownUser, escapeAll) }),
});

/** The other reading of a plus sign or a space. */
const swapPlus = (letter: string, plus: string, space: string) =>
  letter === '+' ? plus : letter === ' ' ? space : encodeURIComponent(letter);

const plusNotSpace: Check = {
  id: 'userid-plus-not-space',
  level: 'MUST',
  platformVerdict: 'silently-wrong-access',
  title: 'MUST NOT take an escaped plus sign for a space, nor an escaped space for a plus sign',
  source: `${nameSource}; RFC 3986, 2.1`,
  why: 'a+b and a b are two names: whoever decodes twice, or replaces one by the other, gives one the access of the other.',
  mend: [{ stack: 'any', text: 'Decode the query once, and replace nothing in the userid afterwards.' }],
  needs: ['control', 'plus-user'],
  async run(context) {
    const name = findPlusUser(context);
    const known = await askPlusUsersMeaning(context, name);
    const answer = await askOrRefusedByTls(
      context,
      spelled(name, (letter) => swapPlus(letter, '%20', '%2B')),
    );
    assertConforms(!isAccessOf(known, answer), {
      asked: 'a known user’s name with %20 for its plus signs and %2B for its spaces',
      expected: 'something else than what this user has',
      seen: 'what this user has',
      change: 'decode the query once, and replace nothing in the userid afterwards',
      ...withAnswer(answer),
    });
  },
};

const withAnswer = (answer: Answer | null) => (answer ? { answers: [answer] } : {});

const plusAsSpace: Check = {
  id: 'userid-plus-as-space',
  level: 'MAY',
  platformVerdict: 'cosmetic',
  title: 'MAY read a plus sign in the query as a space, as forms do',
  source: 'User info contract, what is not known: + or %20; WHATWG URL, 5.1, has it so, RFC 3986 has not',
  why: 'Whether the platform sends a space as + or as %20 is documented nowhere. An endpoint that reads + as it stands finds nobody with a space in the name where it is sent so.',
  mend: [
    { stack: 'any', text: 'Decode the query as application/x-www-form-urlencoded, which the usual parsers do.' },
    { stack: 'nginx', text: 'Variables are not decoded: name each spelling.' },
  ],
  needs: ['control', 'plus-user'],
  async run(context) {
    const name = findPlusUser(context);
    const known = await askPlusUsersMeaning(context, name);
    const answer = await askOrRefusedByTls(
      context,
      spelled(name, (letter) => swapPlus(letter, name.includes(' ') ? '%2B' : '+', '+')),
    );
    if (answer?.status === 200 && !isAccessOf(known, answer)) await assertSteady(context, name, known);
    // A name with a space is to be found so, and one with a plus sign alone is not.
    assertConforms(isAccessOf(known, answer) === name.includes(' '), {
      asked: 'a known user’s name with a plus sign as it is in the query',
      expected: 'the plus sign to be read as a space',
      seen: 'the plus sign to be read as a plus sign',
      change: 'decode the query as application/x-www-form-urlencoded, which the usual parsers do',
      ...withAnswer(answer),
    });
  },
};

export const identitySpelling: Topic = {
  title: 'How a name is spelled',
  checks: [plusEscaped, plusNotSpace, plusAsSpace, atSign, needless],
};
