// Owns what every refusal has: it MUST not be a 200, it SHOULD have the status of the table, and its body MUST not be user info.
import type { CheckResult } from '../../schemas/generated/conformance-report.ts';
import type { Check, Need } from '../check.ts';
import type { CheckContext, ShortQuestion } from '../check-context.ts';
import type { AuthMode } from '../conformance-options.ts';
import { assertConforms, assumeRefused, describeAnswer } from '../finding.ts';
import { NoAnswer } from '../no-answer.ts';
import type { Answer } from '../question.ts';
import { couldBeUserInfo, describeContent } from '../user-info-body.ts';

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
  /** The status that SHOULD be answered; ends the id of the SHOULD. */
  readonly status: number;
  /** Other statuses that are as good. Default: none. */
  readonly otherStatuses?: readonly number[];
  /** What a 200 means on the platform. Default: silently-wrong-access. */
  readonly platformVerdict?: CheckResult['platformVerdict'];
  /** Why a 200 hurts: one or two sentences. */
  readonly why: string;
  /** What to change; completes "To change: …". */
  readonly change: string;
  /** How to mend it where a stack differs; the advice for any stack is `change`. */
  readonly mend?: CheckResult['mend'];
  /**
   * Whether a refusal below HTTP is one too: under TLS 1.3 it comes after the handshake, as an alert or a reset in place of
   * the answer. Only with `control`, which has just shown that the connection as such works. Default: false.
   */
  readonly mayRefuseInTls?: boolean;
  /** Whether closing the connection in place of an answer is a refusal too: HTTP servers do so to what is no HTTP. Default: false. */
  readonly mayClose?: boolean;
  readonly needs: readonly Need[];
  readonly auth?: readonly AuthMode[];
  /** What is asked; each must be refused. */
  questions(context: CheckContext): readonly ShortQuestion[] | Promise<readonly ShortQuestion[]>;
}

/** The id of the MUST of a refusal. */
function refusedId(refusal: Pick<Refusal, 'id'>): string {
  return `${refusal.id}-refused`;
}

/** A clause as a sentence. */
export function toSentence(clause: string): string {
  return `${clause.charAt(0).toUpperCase()}${clause.slice(1)}.`;
}

/**
 * The answer, or null when the connection was closed in its place while the control goes on working. For checks that need
 * `control`.
 */
export async function askOrRefusedByTls(context: CheckContext, question: ShortQuestion): Promise<Answer | null> {
  try {
    return await context.askOnce(question);
  } catch (error) {
    if (!(error instanceof NoAnswer) || error.kind !== 'closed') throw error;
    // Nor is an endpoint that has gone away one that refuses.
    await context.assertControlWorks();
    return null;
  }
}

/** Asks every question of a refusal, each once a run. Those that TLS refused, where it may, have no answer. */
export async function askRefusal(refusal: Refusal, context: CheckContext): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (const question of await refusal.questions(context)) {
    const answer =
      refusal.mayRefuseInTls || refusal.mayClose
        ? await askOrRefusedByTls(context, question)
        : await context.askOnce(question);
    if (answer) answers.push(answer);
  }
  return answers;
}

/** `<id>-refused`, a MUST, and `<id>-<status>`, a SHOULD. */
export function refusalChecks(refusal: Refusal): readonly [Check, Check] {
  const { id, request, needs, status, change, why, mayRefuseInTls = false } = refusal;
  const shared = {
    needs,
    ...(refusal.auth ? { auth: refusal.auth } : {}),
  };
  const inTls = mayRefuseInTls ? 'in TLS or ' : '';
  const mustRefuse: Check = {
    ...shared,
    id: refusedId(refusal),
    level: 'MUST',
    platformVerdict: refusal.platformVerdict ?? 'silently-wrong-access',
    title: `MUST refuse ${request} ${inTls}with any status but 200`,
    source: refusal.source,
    why,
    mend: [{ stack: 'any', text: toSentence(change) }, ...(refusal.mend ?? [])],
    async run(context) {
      for (const answer of await askRefusal(refusal, context)) {
        assertConforms(answer.status !== 200, {
          asked: request,
          expected: mayRefuseInTls ? 'a refusal by TLS, or any status but 200' : 'any status but 200',
          seen: `${describeAnswer(answer)}: ${describeContent(answer.body)}`,
          change,
          answers: [answer],
        });
      }
    },
  };
  const statuses = [status, ...(refusal.otherStatuses ?? [])];
  const statusWords = statuses.join(' or ');
  const statusChange = `answer ${status}, so that operators can tell this refusal from the others`;
  const shouldSay: Check = {
    ...shared,
    id: `${id}-${status}`,
    level: 'SHOULD',
    platformVerdict: 'cosmetic',
    title: `SHOULD answer ${request} with ${statusWords}${mayRefuseInTls ? ', or refuse it in TLS' : ''}`,
    source: refusal.statusSource,
    why: 'The platform treats every refusal alike, but whoever reads its log or yours finds the cause by the status.',
    mend: [{ stack: 'any', text: toSentence(statusChange) }],
    async run(context) {
      const answers = await askRefusal(refusal, context);
      for (const answer of answers) assumeRefused(answer, mustRefuse.id);
      for (const answer of answers) {
        assertConforms(statuses.includes(answer.status), {
          asked: request,
          expected: `status ${statusWords}`,
          seen: describeAnswer(answer),
          change: statusChange,
          answers: [answer],
        });
      }
    },
  };
  return [mustRefuse, shouldSay];
}

/** A MUST that no refusal's body can be read as user info. */
export function errorBodyCheck(id: string, title: string, refusal: Refusal): Check {
  const change = 'send an error body without the keys groups and authorizations, e.g. a problem document (RFC 9457)';
  return {
    id,
    level: 'MUST',
    platformVerdict: 'silently-wrong-access',
    title,
    source: 'User info contract, error bodies: they never carry groups or authorizations',
    why: 'A lenient caller reads any JSON body, whatever the status: it would take the error for the access of the user.',
    mend: [{ stack: 'any', text: toSentence(change) }],
    needs: refusal.needs,
    ...(refusal.auth ? { auth: refusal.auth } : {}),
    async run(context) {
      for (const answer of await askRefusal(refusal, context)) {
        assumeRefused(answer, refusedId(refusal));
        assertConforms(!couldBeUserInfo(answer.body), {
          asked: refusal.request,
          expected: 'a body without the keys groups and authorizations',
          seen: `${describeAnswer(answer)} that holds such a key`,
          change: `${change}: a lenient caller would read them as the access of the user`,
          answers: [answer],
        });
      }
    },
  };
}
