// Builder of the two checks of a refusal (any non-200 status, and a suitable one), and of their shared requests.
import type { Check, CheckHead, Need } from '../check.ts';
import type { CheckContext, ShortRequest } from '../check-context.ts';
import type { AuthMode } from '../conformance-options.ts';
import type { Answer } from '../http/endpoint-request.ts';
import { NoAnswer } from '../http/no-answer.ts';
import { assertConforms, assumeRefused, describeAnswer } from '../report/finding.ts';
import { couldBeUserInfo, describeContent } from '../user-info-body.ts';

/** One kind of request that an endpoint refuses. */
export interface Refusal {
  /** The check that the status is not 200. */
  readonly refused: CheckHead;
  /** The check that the status is one of `statuses`. */
  readonly status: CheckHead;
  /** The request as text, e.g. "a known user with a wrong password". */
  readonly request: string;
  /** Suitable statuses, the recommended one first. */
  readonly statuses: readonly number[];
  /** Why a 200 is harmful: one or two sentences. */
  readonly why: string;
  /** What to change; completes "To change: …". */
  readonly change: string;
  /** Advice for stacks that differ; the advice for any stack is `change`. */
  readonly fix?: Check['fix'];
  readonly needs: readonly Need[];
  readonly auth?: readonly AuthMode[];
  /** Returns the requests; each must be refused. */
  requests(context: CheckContext): readonly ShortRequest[] | Promise<readonly ShortRequest[]>;
}

/** Returns a clause as a sentence. */
export function toSentence(clause: string): string {
  return `${clause.charAt(0).toUpperCase()}${clause.slice(1)}.`;
}

/**
 * Returns the response, or null if the endpoint closed the connection instead while the control keeps working: that is a refusal. For
 * checks that need `control`.
 */
export async function askOrClosed(context: CheckContext, endpointRequest: ShortRequest): Promise<Answer | null> {
  try {
    return await context.askOnce(endpointRequest);
  } catch (error) {
    if (!(error instanceof NoAnswer) || error.kind !== 'closed') throw error;
    // An endpoint that has crashed has not refused the request.
    await context.assertControlWorks();
    return null;
  }
}

/** Sends every request of a refusal, each once per run. Requests whose connection was closed have no response. */
export async function askRefusal(refusal: Refusal, context: CheckContext): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (const endpointRequest of await refusal.requests(context)) {
    const answer = await askOrClosed(context, endpointRequest);
    if (answer) answers.push(answer);
  }
  return answers;
}

/** Builds the checks `refused` and `status`. A closed connection passes both. */
export function refusalChecks(refusal: Refusal): readonly [Check, Check] {
  const { refused, status, request, needs, statuses, change, why } = refusal;
  const shared = { needs, ...(refusal.auth ? { auth: refusal.auth } : {}) };
  const statusChange = `respond with ${statuses[0]}, so that operators can distinguish this refusal from others`;
  return [
    {
      ...shared,
      ...refused,
      why,
      fix: [{ stack: 'any', text: toSentence(change) }, ...(refusal.fix ?? [])],
      async run(context) {
        for (const answer of await askRefusal(refusal, context)) {
          assertConforms(answer.status !== 200, {
            asked: request,
            expected: 'any status other than 200, or a closed connection',
            seen: `${describeAnswer(answer)}: ${describeContent(answer.body)}`,
            change,
            answers: [answer],
          });
        }
      },
    },
    {
      ...shared,
      ...status,
      why: 'Operators determine the cause of a refusal from its status, in the logs of the platform and the endpoint.',
      fix: [{ stack: 'any', text: toSentence(statusChange) }],
      async run(context) {
        const answers = await askRefusal(refusal, context);
        for (const answer of answers) assumeRefused(answer, refused.id);
        for (const answer of answers) {
          assertConforms(statuses.includes(answer.status), {
            asked: request,
            expected: `status ${statuses.join(' or ')}, or a closed connection`,
            seen: describeAnswer(answer),
            change: statusChange,
            answers: [answer],
          });
        }
      },
    },
  ];
}

/** Shared fields of the checks of error bodies. */
export const errorBody = {
  change: 'send an error body without the keys groups and authorizations, e.g. a problem document (RFC 9457)',
  fix: [
    {
      stack: 'any',
      text: 'Send an error body without the keys groups and authorizations, e.g. a problem document (RFC 9457).',
    },
  ],
} as const satisfies Pick<Check, 'fix'> & { readonly change: string };

/** Throws if a response to a refused request contains user info. Throws Untestable if a request was not refused. */
export async function assertNoUserInfo(refusals: readonly Refusal[], context: CheckContext): Promise<void> {
  for (const refusal of refusals) {
    for (const answer of await askRefusal(refusal, context)) {
      assumeRefused(answer, refusal.refused.id);
      assertConforms(!couldBeUserInfo(answer.body), {
        asked: refusal.request,
        expected: 'a body without the keys groups and authorizations',
        seen: `${describeAnswer(answer)}, and a body with such a key`,
        change: `${errorBody.change}. A client that ignores the status would read these keys as user info`,
        answers: [answer],
      });
    }
  }
}
