// Owns making a check of user ids that are nobody's, though a known one is in them: whoever answers one has read it as another.
import type { Check } from '../check.ts';
import type { CheckContext, ShortQuestion } from '../check-context.ts';
import { MissingInput, Untestable } from '../check-endings.ts';
import { quoteForShell } from '../curl-line.ts';
import { assertConforms, assumeRefused, describeAnswer } from '../finding.ts';
import type { Answer } from '../question.ts';
import { describeContent, findMeaning } from '../user-info-body.ts';
import { readMeaning } from './known-meaning.ts';
import { askOrRefusedByTls, toSentence } from './refusal-checks.ts';

/** The row of the contract that all of these judge. */
export const nameSource = 'User info contract, the call: userid names that user and no other';

/** User ids that somebody could have only on purpose, and that careless code takes for a known one. */
export interface NobodysName extends Pick<Check, 'id' | 'why'> {
  /** SHOULD where some standard lets two such names be one. Default: MUST. */
  readonly level?: 'MUST' | 'SHOULD';
  /** Completes "MUST NOT answer … with 200". */
  readonly request: string;
  /** Default: the contract alone. */
  readonly source?: string;
  /** What to change; completes "To change: …". */
  readonly change: string;
  /** How to mend it where a stack differs; the advice for any stack is `change`. */
  readonly mend?: Check['mend'];
  /** Default: `control` alone. */
  readonly needs?: Check['needs'];
  /** What is asked, made of the known user's name; each must be refused. Throws MissingInput when this name does not serve. */
  questions(knownUser: string): readonly ShortQuestion[];
}

/** The known user's name with text around it, which evidence may show. */
export function around(before: string, knownUser: string, after: string): ShortQuestion {
  return {
    userids: [`${before}${knownUser}${after}`],
    shown: `${quoteForShell(before)}\${KNOWN_USER}${quoteForShell(after)}`,
  };
}

/** The known user's name with its last letter, by code points, replaced. */
export function withLast(knownUser: string, last: string): ShortQuestion {
  return {
    userids: [[...knownUser].slice(0, -1).join('') + last],
    // In a shell, the name without its last letter.
    shown: `\${KNOWN_USER%?}${quoteForShell(last)}`,
  };
}

/** A name with the first letter that `pattern` matches replaced. Throws MissingInput when it matches none; `needed` says what. */
export function withLetter(name: string, pattern: RegExp, needed: string, replace: (letter: string) => string): string {
  if (!pattern.test(name)) throw new MissingInput(`Give a known user whose name has ${needed}: --known-user ID.`);
  return name.replace(pattern, replace);
}

/** What the known user is answered with, order apart. Throws Untestable when it is no 200 with JSON. */
export async function askKnownMeaning(context: CheckContext, userid: string = context.knownUser): Promise<string> {
  return readMeaning(await context.askOnce({ userids: [userid] }));
}

/** Throws Untestable when the known user is answered otherwise each time: then two answers tell nothing about two names. */
export async function assertSteady(context: CheckContext, userid: string, meaning: string): Promise<void> {
  if (!isAccessOf(meaning, await context.ask({ userids: [userid] })))
    throw new Untestable('The known user is answered otherwise each time: see same-question-same-answer.');
}

/** Whether an answer gives the access that `meaning` is. */
export function isAccessOf(meaning: string, answer: Answer | null): boolean {
  return answer?.status === 200 && findMeaning(answer.body) === meaning;
}

/** A check that each of the names is answered with anything but 200. */
export function nobodysNameCheck(data: NobodysName): Check {
  const { id, level = 'MUST', request, source = nameSource, why, change, mend = [], questions } = data;
  const { needs = ['control'] } = data;
  return {
    id,
    level,
    platformVerdict: 'silently-wrong-access',
    title: `${level} NOT answer ${request} with 200`,
    source,
    why,
    mend: [{ stack: 'any', text: toSentence(change) }, ...mend],
    needs,
    async run(context) {
      const known = findMeaning((await context.askOnce({ userids: [context.knownUser] })).body);
      for (const question of questions(context.knownUser)) {
        // A filter in front may close the connection when it sees such a name: nobody is told anything.
        const answer = await askOrRefusedByTls(context, question);
        const isAnswered = answer?.status === 200;
        const isKnownUsers = known !== null && isAccessOf(known, answer);
        // Whoever answers every name has one fault, not one for each name.
        if (isAnswered && !isKnownUsers)
          assumeRefused(await context.askOnce({ userids: [context.unknownUser] }), 'unknown-user-refused');
        const content = isKnownUsers ? 'what the known user has' : describeContent(answer?.body ?? Buffer.alloc(0));
        assertConforms(!isAnswered, {
          asked: request,
          expected: 'any status but 200, since nobody has this name',
          seen: answer === null ? 'no answer' : `${describeAnswer(answer)}: ${content}`,
          change,
          ...(answer ? { answers: [answer] } : {}),
        });
      }
    },
  };
}
