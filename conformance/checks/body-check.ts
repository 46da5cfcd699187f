// Builder of checks that evaluate known users' 200 responses, each from a rule for a single response.
import type { Check } from '../check.ts';
import type { CheckContext } from '../check-context.ts';
import { Untestable } from '../check-endings.ts';
import type { Answer } from '../http/endpoint-request.ts';
import { NoAnswer } from '../http/no-answer.ts';
import { assertConforms, type Finding } from '../report/finding.ts';
import { toSentence } from './refusal-checks.ts';

/** An error in a response, as text without its content. */
export interface BodyFault {
  readonly seen: string;
  /** Default: the value that the rule specifies. */
  readonly change?: string;
}

/** One rule for the 200s of the known users. */
export interface BodyRule extends Omit<Check, 'needs' | 'auth' | 'run'> {
  /** Completes "Expected: …". */
  readonly expected: string;
  /** What to change; completes "To change: …", and is the advice for any stack. `fix` adds advice for stacks that need different advice. */
  readonly change: string;
  /** Whether truncated responses are included. Default: false. */
  readonly takesTruncated?: boolean;
  /** Returns null if nothing is wrong. Throws Untestable if another check has to pass first. */
  findFault(answer: Answer, context: CheckContext): BodyFault | null;
}

/** Result for a known user: a response, or the reason why there is none. */
export interface KnownUserExchange {
  readonly userid: string;
  /** The request as text. */
  readonly asked: string;
  readonly came: Answer | NoAnswer;
}

/** Requests every known user, each once per run. Throws like `ask`, unless the endpoint was reached and sent no response. */
export async function askKnownUsers(context: CheckContext): Promise<readonly KnownUserExchange[]> {
  const exchanges: KnownUserExchange[] = [];
  for (const [index, userid] of context.options.knownUsers.entries()) {
    const who = index === 0 ? 'a known user' : index === 1 ? 'the second known user' : `known user ${index + 1}`;
    const came = await context.askOnce({ userids: [userid] }).catch((error: unknown) => {
      if (error instanceof NoAnswer && error.metEndpoint) return error;
      throw error;
    });
    exchanges.push({ userid, asked: `${who}, with the right credentials`, came });
  }
  return exchanges;
}

/** Returns the 200s of the known users. Throws if there is none. */
export async function askAnsweredUsers(
  context: CheckContext,
): Promise<readonly { readonly userid: string; readonly asked: string; readonly answer: Answer }[]> {
  const exchanges = await askKnownUsers(context);
  const answered = exchanges.flatMap(({ userid, asked, came }) =>
    came instanceof NoAnswer || came.status !== 200 ? [] : [{ userid, asked, answer: came }],
  );
  if (answered.length > 0) return answered;
  throw (
    exchanges.map(({ came }) => came).find((came) => came instanceof NoAnswer) ??
    new Untestable('No known user got a 200: see known-user-200.')
  );
}

/** Builds a check of each known user's 200; at least one must exist. */
export function bodyCheck({ expected, change, takesTruncated = false, findFault, ...data }: BodyRule): Check {
  return {
    ...data,
    fix: [{ stack: 'any', text: toSentence(change) }, ...data.fix],
    needs: ['known-user'],
    async run(context) {
      const answered = await askAnsweredUsers(context);
      const whole = answered.filter(({ answer }) => takesTruncated || !answer.isTruncated);
      if (whole.length === 0) throw new Untestable('The response was truncated: see known-user-whole.');
      let untestable: Untestable | undefined;
      for (const { asked, answer } of whole) {
        try {
          const fault = findFault(answer, context);
          const finding: Finding = { asked, expected, change, seen: '', ...fault, answers: [answer] };
          assertConforms(fault === null, finding);
        } catch (error) {
          // A response that cannot be evaluated must not hide an error in another user's response.
          if (!(error instanceof Untestable)) throw error;
          untestable ??= error;
        }
      }
      if (untestable) throw untestable;
    },
  };
}
