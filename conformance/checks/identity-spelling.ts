// Checks of different ways to write the same user name in a query: plus sign, space, @, and unnecessary percent-encoding.
import type { Check, CheckHead, Topic } from '../check.ts';
import type { CheckContext, ShortRequest } from '../check-context.ts';
import { MissingInput } from '../check-endings.ts';
import type { Answer } from '../http/endpoint-request.ts';
import { assertConforms, describeAnswer } from '../report/finding.ts';
import { hasPlusOrSpace } from '../user-kinds.ts';
import { askKnownMeaning, assertSteady, findSuitableUser, isAccessOf } from './nobodys-name.ts';
import { askOrClosed, toSentence } from './refusal-checks.ts';

/** Returns a known user whose name contains a plus sign or a space, and who got a 200, with the user's data. */
async function findPlusUser(context: CheckContext): Promise<{ readonly name: string; readonly known: string }> {
  const { userid } = await findSuitableUser(context, (name) => {
    if (!hasPlusOrSpace(name))
      throw new MissingInput('Add a known user with a plus sign or a space in the name: --known-user ID.');
  });
  return { name: userid, known: await askKnownMeaning(context, userid) };
}

/** Returns a request for the name, with each character in the query encoded by `write`. */
function spelled(name: string, write: (letter: string) => string): ShortRequest {
  return { userids: [], query: `userid=${[...name].map(write).join('')}` };
}

/** Percent-encodes every byte, including those that do not require it. */
const escapeAll = (letter: string) =>
  [...Buffer.from(letter)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');

const withAnswer = (answer: Answer | null) => (answer ? { answers: [answer] } : {});

/** Returns what the response contained instead of the user's data. */
function describeOther(answer: Answer | null): string {
  if (answer === null) return 'a closed connection';
  return answer.status === 200 ? 'status 200 with other data' : describeAnswer(answer);
}

/** Builds a check that another spelling of a name gets the same data as the usual one. */
function sameUserCheck(
  data: CheckHead &
    Pick<Check, 'why' | 'needs'> & {
      readonly asked: string;
      readonly change: string;
      readonly fix?: Check['fix'];
      /** Returns the request for a known user. Throws MissingInput if the name is not suitable. */
      readonly spell: (name: string) => ShortRequest;
    },
): Check {
  const { asked, change, fix = [], spell, ...rest } = data;
  return {
    ...rest,
    fix: [{ stack: 'any', text: toSentence(change) }, ...fix],
    async run(context) {
      const { userid: name, made: request } = await findSuitableUser(context, spell);
      const known = await askKnownMeaning(context, name);
      const answer = await askOrClosed(context, request);
      if (answer?.status === 200 && !isAccessOf(known, answer)) await assertSteady(context, name, known);
      assertConforms(isAccessOf(known, answer), {
        asked,
        expected: 'status 200 with the data of this user',
        seen: describeOther(answer),
        change,
        ...withAnswer(answer),
      });
    },
  };
}

const plusEscapedChange = 'decode the query once';

const plusEscaped: Check = {
  id: 'userid-plus-escaped',
  title: 'MUST respond with 200 for a known user whose name contains a plus sign (%2B) or a space (%20)',
  ruleSet: 'contract',
  level: 'MUST',
  clauses: ['C-11'],
  impact: 'refused',
  sentByPlatform: true,
  why: 'Decoding a plus sign twice yields a space: users with a tag in the address are not found.',
  fix: [{ stack: 'any', text: toSentence(plusEscapedChange) }],
  needs: ['control', 'plus-user'],
  async run(context) {
    for (const userid of context.options.knownUsers.filter(hasPlusOrSpace)) {
      const answer = await context.askOnce({ userids: [userid] });
      assertConforms(answer.status === 200, {
        asked: 'a known user with a plus sign or a space in the name, percent-encoded',
        expected: 'status 200',
        seen: describeAnswer(answer),
        change: plusEscapedChange,
        answers: [answer],
      });
    }
  },
};

const atSign = sameUserCheck({
  id: 'userid-at-unescaped',
  title: 'SHOULD respond with 200 for a known user if the @ in the name is not percent-encoded',
  ruleSet: 'standards',
  level: 'SHOULD',
  clauses: ['S-11'],
  impact: 'refused',
  why: 'The documentation does not say whether the platform encodes the @, and HTTP clients differ.',
  fix: [{ stack: 'nginx', text: 'Match both @ and %40 with (?:@|%40), because variables are not decoded.' }],
  needs: ['control'],
  asked: 'a known user with an @ that is not percent-encoded',
  change: 'decode the query before comparing names, so that @ and %40 are equivalent',
  spell(name) {
    if (name.includes('@')) return spelled(name, (letter) => (letter === '@' ? letter : encodeURIComponent(letter)));
    throw new MissingInput('Add a known user whose name contains an @: --known-user ID.');
  },
});

const needless = sameUserCheck({
  id: 'userid-needless-escapes',
  title: 'MAY respond with 200 for a known user if every letter of the name is percent-encoded',
  ruleSet: 'standards',
  level: 'MAY',
  clauses: ['S-10'],
  impact: 'refused',
  why: 'No client is known to encode every letter. An endpoint that does not decode such a name does not find the user.',
  fix: [
    { stack: 'nginx', text: 'Put an endpoint that decodes the query behind nginx, which does not decode variables.' },
  ],
  needs: ['control'],
  asked: 'a known user with every letter percent-encoded',
  change: 'decode the query before comparing names',
  spell: (name) => spelled(name, escapeAll),
});

/** Returns `plus` for a plus sign, `space` for a space, and any other character percent-encoded. */
const swapPlus = (letter: string, plus: string, space: string) =>
  letter === '+' ? plus : letter === ' ' ? space : encodeURIComponent(letter);

const plusNotSpace: Check = {
  id: 'userid-plus-not-space',
  title: 'MUST distinguish %2B from %20 in a user name',
  ruleSet: 'contract',
  level: 'MUST',
  clauses: ['C-11'],
  impact: 'silently-wrong-access',
  sentByPlatform: true,
  why: 'a+b and “a b” are different names. Decoding twice, or replacing one with the other, gives one user the access of the other.',
  fix: [{ stack: 'any', text: 'Decode the query once, and do not replace characters of the userid afterwards.' }],
  needs: ['control', 'plus-user'],
  async run(context) {
    const { name, known } = await findPlusUser(context);
    const answer = await askOrClosed(
      context,
      spelled(name, (letter) => swapPlus(letter, '%20', '%2B')),
    );
    assertConforms(!isAccessOf(known, answer), {
      asked: 'a known user name with %20 for its plus signs and %2B for its spaces',
      expected: 'something other than the data of this user',
      seen: 'the data of this user',
      change: 'decode the query once, and do not replace characters of the userid afterwards',
      ...withAnswer(answer),
    });
  },
};

const plusAsSpace: Check = {
  id: 'userid-plus-as-space',
  title: 'MAY decode a plus sign in the query as a space',
  ruleSet: 'hardening',
  level: 'MAY',
  clauses: ['H-12'],
  impact: 'cosmetic',
  why: 'The documentation does not say whether the platform sends a space as + or as %20. If it sends +, an endpoint that does not decode + finds no user with a space in the name.',
  fix: [
    { stack: 'any', text: 'Decode the query as application/x-www-form-urlencoded, as common parsers do.' },
    { stack: 'nginx', text: 'Match every encoding of the name, because variables are not decoded.' },
  ],
  needs: ['control', 'plus-user'],
  async run(context) {
    const { name, known } = await findPlusUser(context);
    const answer = await askOrClosed(
      context,
      spelled(name, (letter) => swapPlus(letter, name.includes(' ') ? '%2B' : '+', '+')),
    );
    if (answer?.status === 200 && !isAccessOf(known, answer)) await assertSteady(context, name, known);
    // This request should find a name with a space, but not a name with only a plus sign.
    assertConforms(isAccessOf(known, answer) === name.includes(' '), {
      asked: 'a known user name with a plus sign, not percent-encoded, in place of its space or plus sign',
      expected: 'the plus sign decoded as a space',
      seen: 'a response that does not treat the plus sign as a space',
      change: 'decode the query as application/x-www-form-urlencoded, as common parsers do',
      ...withAnswer(answer),
    });
  },
};

export const identitySpelling: Topic = {
  title: 'Encoding of user names',
  checks: [plusEscaped, plusNotSpace, plusAsSpace, atSign, needless],
};
