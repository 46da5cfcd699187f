// Owns the pair of checks that every refusal has: it MUST not be a 200, and it SHOULD have the status of the table.
import type { Answer } from '../ask.ts';
import type { Check, Need } from '../check.ts';
import type { CheckContext, ShortQuestion } from '../check-context.ts';
import type { AuthMode } from '../conformance-options.ts';
import { assertConforms, assumeRefused, describeAnswer } from '../finding.ts';
import { couldBeUserInfo } from '../user-info-body.ts';

/** One thing that an endpoint refuses. */
export interface Refusal {
  /** What is wrong with the request; begins both ids. */
  readonly id: string;
  /** Completes "MUST refuse …". */
  readonly request: string;
  /** Clause that forces the refusal. */
  readonly source: string;
  /** Clause of the status. */
  readonly statusSource: string;
  /** The status that SHOULD be answered. */
  readonly status: number;
  /** Why a 200 hurts and what to change; completes "To change: …". */
  readonly change: string;
  readonly needs: readonly Need[];
  readonly auth?: readonly AuthMode[];
  /** What is asked; each must be refused. */
  questions(context: CheckContext): readonly ShortQuestion[];
}

/** The id of the MUST of a refusal. */
function refusedId(refusal: Pick<Refusal, 'id'>): string {
  return `${refusal.id}-refused`;
}

/** Asks every question of a refusal, each once a run. */
export async function askRefusal(refusal: Refusal, context: CheckContext): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (const question of refusal.questions(context)) answers.push(await context.askOnce(question));
  return answers;
}

/** `<id>-refused`, a MUST, and `<id>-<status>`, a SHOULD. */
export function refusalChecks(refusal: Refusal): readonly [Check, Check] {
  const { id, request, needs, status, change } = refusal;
  const shared = { needs, ...(refusal.auth ? { auth: refusal.auth } : {}) };
  const mustRefuse: Check = {
    ...shared,
    id: refusedId(refusal),
    level: 'MUST',
    title: `MUST refuse ${request} with any status but 200`,
    source: refusal.source,
    async run(context) {
      for (const answer of await askRefusal(refusal, context)) {
        assertConforms(answer.status !== 200, {
          asked: request,
          expected: 'any status but 200',
          seen: describeAnswer(answer),
          change,
        });
      }
    },
  };
  const shouldSay: Check = {
    ...shared,
    id: `${id}-${status}`,
    level: 'SHOULD',
    title: `SHOULD answer ${request} with ${status}`,
    source: refusal.statusSource,
    async run(context) {
      const answers = await askRefusal(refusal, context);
      for (const answer of answers) assumeRefused(answer, mustRefuse.id);
      for (const answer of answers) {
        assertConforms(answer.status === status, {
          asked: request,
          expected: `status ${status}`,
          seen: describeAnswer(answer),
          change: `answer ${status}, so that operators can tell this refusal from the others`,
        });
      }
    },
  };
  return [mustRefuse, shouldSay];
}

/** A MUST that no refusal's body can be read as user info. */
export function errorBodyCheck(id: string, title: string, refusal: Refusal): Check {
  return {
    id,
    level: 'MUST',
    title,
    source: 'User info contract, error bodies: they never carry groups or authorizations',
    needs: refusal.needs,
    ...(refusal.auth ? { auth: refusal.auth } : {}),
    async run(context) {
      for (const answer of await askRefusal(refusal, context)) {
        assumeRefused(answer, refusedId(refusal));
        assertConforms(!couldBeUserInfo(answer.body), {
          asked: refusal.request,
          expected: 'a body without the keys groups and authorizations',
          seen: `${describeAnswer(answer)} that holds such a key`,
          change:
            'send an error body without them, e.g. a problem document (RFC 9457): a lenient caller would read them as the access of the user',
        });
      }
    },
  };
}
