// Owns the errors that an endpoint can be made to answer without doing harm, and asking for them. Questions are those of other
// checks, and sent once for all.
import type { CheckContext, ShortQuestion } from '../check-context.ts';
import type { Answer } from '../question.ts';
import { askOrRefusedByTls } from './refusal-checks.ts';

/** One error that an endpoint can be made to answer without doing harm. */
export interface ErrorCase {
  readonly asked: string;
  readonly question: ShortQuestion;
}

/** Another path, of which the endpoint knows nothing. */
export function otherPath({ options, knownUser }: CheckContext): ErrorCase {
  const path = `${options.url.pathname.replace(/\/$/, '')}-kit-no-such-path`;
  return { asked: 'another path', question: { userids: [knownUser], path } };
}

/** The errors that have no check of their own body. */
export function otherErrors(context: CheckContext): readonly ErrorCase[] {
  const { knownUser, unknownUser } = context;
  return [
    { asked: 'an empty userid', question: { userids: [''] } },
    { asked: 'a repeated userid', question: { userids: [knownUser, unknownUser] } },
    {
      asked: 'a known user with NUL behind it',
      question: {
        userids: [],
        query: `userid=${encodeURIComponent(knownUser)}%00`,
        shown: `userid=\${KNOWN_USER_ENCODED}%00`,
      },
    },
    { asked: 'another method', question: { userids: [knownUser], method: 'PROPFIND' } },
    otherPath(context),
  ];
}

/** The errors that have a check of their own body too. */
export function usualErrors({ unknownUser }: CheckContext): readonly ErrorCase[] {
  return [
    { asked: 'an unknown user', question: { userids: [unknownUser] } },
    { asked: 'a request without userid', question: { userids: [] } },
  ];
}

export function everyError(context: CheckContext): readonly ErrorCase[] {
  return [...usualErrors(context), ...otherErrors(context)];
}

interface ErrorAnswer {
  readonly asked: string;
  readonly answer: Answer;
}

/** What was answered with anything but success; that there was a 200 is for other checks to say. */
export async function askErrors(cases: readonly ErrorCase[], context: CheckContext): Promise<readonly ErrorAnswer[]> {
  const errors: ErrorAnswer[] = [];
  for (const { asked, question } of cases) {
    const answer = await askOrRefusedByTls(context, question);
    if (answer && answer.status >= 300) errors.push({ asked, answer });
  }
  return errors;
}
