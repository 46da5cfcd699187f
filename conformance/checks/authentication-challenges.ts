// Owns the checks of the challenges of a 401: whether a client can tell from them how to authenticate.
import type { Check, Topic } from '../check.ts';
import type { CheckContext } from '../check-context.ts';
import { Untestable } from '../check-endings.ts';
import { assertConforms } from '../finding.ts';
import type { Answer } from '../question.ts';
import { basicShared, malformedBase64, missing, withoutColon, wrongPassword, wrongUsername } from './basic.ts';
import { type Challenge, readChallenges } from './challenge.ts';
import { askRefusal, toSentence } from './refusal-checks.ts';

/** The answers to wrong credentials that other checks have asked with. */
async function askWrong(context: CheckContext): Promise<readonly Answer[]> {
  const answers: Answer[] = [];
  for (const refusal of [wrongPassword, wrongUsername, malformedBase64, withoutColon])
    answers.push(...(await askRefusal(refusal, context)));
  return answers;
}

const challengeChange = 'send WWW-Authenticate: Basic realm="…", charset="UTF-8" with every 401';

/** What is wrong with the header of a 401, in words; null: nothing. */
function findChallengeFault(header: string | null): string | null {
  if (header === null) return 'no such header';
  const challenges = readChallenges(header);
  if (challenges === null || challenges.length === 0) return 'a header that is no list of challenges';
  const isWithoutRealm = ({ scheme, parameters }: Challenge) => scheme === 'basic' && !parameters.has('realm');
  return challenges.some(isWithoutRealm) ? 'a challenge for Basic without a realm' : null;
}

/** A check of the challenges of 401s. */
function challengeCheck(
  data: Pick<Check, 'id' | 'level' | 'title' | 'source' | 'why' | 'platformVerdict'> & {
    readonly asked: string;
    readonly expected: string;
    readonly ask: (context: CheckContext) => Promise<readonly Answer[]>;
    readonly find: (answer: Answer) => string | null;
  },
): Check {
  const { asked, expected, ask, find, ...rest } = data;
  return {
    ...rest,
    mend: [
      { stack: 'any', text: toSentence(challengeChange) },
      {
        stack: 'nginx',
        text: 'auth_basic sends it; where an error page replaces the 401, keep the header with always.',
      },
    ],
    needs: basicShared.needs,
    auth: basicShared.auth,
    async run(context) {
      for (const answer of await ask(context)) {
        if (answer.status !== 401) continue;
        const seen = find(answer);
        assertConforms(seen === null, {
          asked,
          expected,
          seen: seen ?? '',
          change: challengeChange,
          answers: [answer],
        });
      }
    },
  };
}

const challengeWhy = 'A client that sends credentials only when it is asked for them never sends any.';
const challengeSource = 'RFC 9110, 11.6.1; RFC 7617, 2: the realm is required';

const missingChallenge = challengeCheck({
  id: 'credentials-missing-challenge',
  level: 'MUST',
  platformVerdict: 'refused',
  title: 'MUST send a challenge in WWW-Authenticate when it answers 401',
  source: challengeSource,
  why: challengeWhy,
  asked: missing.request,
  expected: 'with the status 401 a header WWW-Authenticate, for Basic with a realm',
  ask: (context) => askRefusal(missing, context),
  find: (answer) => findChallengeFault(answer.header('www-authenticate')),
});

const wrongChallenge = challengeCheck({
  id: 'wrong-credentials-challenge',
  level: 'MUST',
  platformVerdict: 'refused',
  title: 'MUST send a challenge in WWW-Authenticate also when it answers 401 to wrong credentials',
  source: challengeSource,
  why: challengeWhy,
  asked: 'a known user with wrong or malformed credentials',
  expected: 'with the status 401 a header WWW-Authenticate, for Basic with a realm',
  ask: askWrong,
  find: (answer) => findChallengeFault(answer.header('www-authenticate')),
});

/** The challenges for Basic of an answer. Untestable where the header can't be read. */
function findBasicChallenges(answer: Answer): readonly Challenge[] {
  const header = answer.header('www-authenticate');
  if (findChallengeFault(header) !== null)
    throw new Untestable('The challenge is none: see credentials-missing-challenge.');
  return (readChallenges(header ?? '') ?? []).filter(({ scheme }) => scheme === 'basic');
}

const quotedRealm = challengeCheck({
  id: 'challenge-realm-quoted',
  level: 'SHOULD',
  platformVerdict: 'cosmetic',
  title: 'SHOULD put the realm of its challenge into quotes',
  source: 'RFC 9110, 11.5: a sender must only generate the quoted form, and some recipients read no other',
  why: 'A client that reads no other form finds no realm, and so no challenge.',
  asked: missing.request,
  expected: 'realm="…"',
  ask: (context) => askRefusal(missing, context),
  find: (answer) =>
    findBasicChallenges(answer).every(({ parameters }) => parameters.get('realm')?.startsWith('"'))
      ? null
      : 'a realm without quotes',
});

const charset = challengeCheck({
  id: 'challenge-charset-utf-8',
  level: 'MAY',
  platformVerdict: 'cosmetic',
  title: 'MAY say in its challenge that credentials are in UTF-8',
  source: 'RFC 7617, 2.1: charset="UTF-8" is the only value',
  why: 'Without it clients are free to send a password with letters beyond ASCII in Latin-1, which is another password.',
  asked: missing.request,
  expected: 'charset="UTF-8"',
  ask: (context) => askRefusal(missing, context),
  find: (answer) =>
    findBasicChallenges(answer).every(({ parameters }) => /^"?utf-8"?$/i.test(parameters.get('charset') ?? ''))
      ? null
      : 'a challenge without it',
});

export const authenticationChallenges: Topic = {
  title: 'Challenges',
  checks: [missingChallenge, wrongChallenge, quotedRealm, charset],
};
