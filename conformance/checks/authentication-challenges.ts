// Checks of the challenges in a 401 response, which specify how a client can authenticate.
import type { Check, Topic } from '../check.ts';
import type { CheckContext } from '../check-context.ts';
import { Untestable } from '../check-endings.ts';
import type { Answer } from '../http/endpoint-request.ts';
import { assertConforms } from '../report/finding.ts';
import { basicShared, missing, wrongCredentials } from './basic.ts';
import { type Challenge, readChallenges } from './challenge.ts';
import { askRefusal } from './refusal-checks.ts';

/** Returns the responses to wrong credentials, shared with other checks. */
async function askWrong(context: CheckContext): Promise<readonly Answer[]> {
  const answers: Answer[] = [];
  for (const refusal of wrongCredentials(context)) answers.push(...(await askRefusal(refusal, context)));
  return answers;
}

const challengeChange = 'send WWW-Authenticate: Basic realm="…", charset="UTF-8" with every 401';

/** Returns what is wrong with the header of a 401, as text; null: nothing. */
function findChallengeFault(header: string | null): string | null {
  if (header === null) return 'no such header';
  const challenges = readChallenges(header);
  if (challenges === null || challenges.length === 0) return 'a header that is not a list of challenges';
  const isWithoutRealm = ({ scheme, parameters }: Challenge) => scheme === 'basic' && !parameters.has('realm');
  return challenges.some(isWithoutRealm) ? 'a challenge for Basic without a realm' : null;
}

/** Shared fields of the checks of challenges. */
const challengeShared = {
  fix: [
    { stack: 'any', text: 'Send WWW-Authenticate: Basic realm="…", charset="UTF-8" with every 401.' },
    {
      stack: 'nginx',
      text: 'auth_basic sends this header, but without charset. If an error page replaces the 401, add the header with the always parameter.',
    },
  ],
  needs: basicShared.needs,
  auth: basicShared.auth,
} as const satisfies Partial<Check>;

/** Throws if `find` finds something wrong with a 401 among the responses. */
function assertChallenges(
  answers: readonly Answer[],
  asked: string,
  expected: string,
  find: (answer: Answer) => string | null,
): void {
  for (const answer of answers) {
    if (answer.status !== 401) continue;
    const seen = find(answer);
    assertConforms(seen === null, { asked, expected, seen: seen ?? '', change: challengeChange, answers: [answer] });
  }
}

const challengeWhy =
  'Browsers and libraries that wait for a challenge send no credentials without one. A challenge without a realm does not stop curl and wget; clients that store passwords by realm may fail.';
const challengeExpected = 'a WWW-Authenticate header with each 401, and a realm in each challenge for Basic';
const findInHeader = (answer: Answer) => findChallengeFault(answer.header('www-authenticate'));

const missingChallenge: Check = {
  id: 'credentials-missing-challenge',
  title: 'MUST send a challenge in WWW-Authenticate with a 401',
  ruleSet: 'standards',
  level: 'MUST',
  clauses: ['S-19'],
  impact: 'cosmetic',
  why: challengeWhy,
  ...challengeShared,
  run: async (context) =>
    assertChallenges(await askRefusal(missing, context), missing.request, challengeExpected, findInHeader),
};

const wrongChallenge: Check = {
  id: 'wrong-credentials-challenge',
  title: 'MUST send a challenge in WWW-Authenticate with a 401 to wrong credentials',
  ruleSet: 'standards',
  level: 'MUST',
  clauses: ['S-19'],
  impact: 'cosmetic',
  why: challengeWhy,
  ...challengeShared,
  run: async (context) =>
    assertChallenges(
      await askWrong(context),
      'a known user with wrong or malformed credentials',
      challengeExpected,
      findInHeader,
    ),
};

/** Returns the Basic challenges of a response. Throws Untestable if the header is malformed. */
function findBasicChallenges(answer: Answer): readonly Challenge[] {
  const header = answer.header('www-authenticate');
  if (findChallengeFault(header) !== null)
    throw new Untestable('The challenge is missing or malformed: see credentials-missing-challenge.');
  return (readChallenges(header ?? '') ?? []).filter(({ scheme }) => scheme === 'basic');
}

const quotedRealm: Check = {
  id: 'challenge-realm-quoted',
  title: 'MUST quote the realm of a challenge',
  ruleSet: 'standards',
  level: 'MUST',
  clauses: ['S-20'],
  impact: 'cosmetic',
  why: 'Some clients read only the quoted form, and find no realm if it is not quoted.',
  ...challengeShared,
  run: async (context) =>
    assertChallenges(await askRefusal(missing, context), missing.request, 'realm="…"', (answer) =>
      findBasicChallenges(answer).every(({ parameters }) => parameters.get('realm')?.startsWith('"'))
        ? null
        : 'a realm without quotes',
    ),
};

const charset: Check = {
  id: 'challenge-charset-utf-8',
  title: 'MAY declare in a challenge that credentials are UTF-8',
  ruleSet: 'standards',
  level: 'MAY',
  clauses: ['S-21'],
  impact: 'cosmetic',
  why: 'Without this declaration, clients may encode a password with non-ASCII letters in Latin-1, which results in a different password.',
  ...challengeShared,
  run: async (context) =>
    assertChallenges(await askRefusal(missing, context), missing.request, 'charset="UTF-8"', (answer) =>
      findBasicChallenges(answer).every(({ parameters }) => /^"?utf-8"?$/i.test(parameters.get('charset') ?? ''))
        ? null
        : 'a challenge without charset="UTF-8"',
    ),
};

export const authenticationChallenges: Topic = {
  title: 'Challenges',
  checks: [missingChallenge, wrongChallenge, quotedRealm, charset],
};
