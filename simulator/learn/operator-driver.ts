// The platform driver for a platform without a REST API: an operator triggers each sync and reports what the platform shows.
import { setTimeout as pause } from 'node:timers/promises';
import type { LearningEndpoint, StepRecord } from './learning-endpoint.ts';
import { Correction, type ObservedUser, type PlatformDriver, type StepPlan } from './platform-driver.ts';
import { accessCheck, firstSync, noSpelling, type Question } from './questions.ts';

/** The person, or a file with the person's answers. */
export interface Operator {
  say(text: string): void;
  /**
   * Shows what to do in the platform, and waits until `signal` is aborted, which means that something arrived at the endpoint. Returns whether the
   * operator is still waiting. @throws {Unanswered} @throws {Stopped}
   *
   * @param previous the previous answer, which the operator may correct; null: there is none.
   */
  act(
    userid: string,
    plan: StepPlan,
    signal: AbortSignal,
    previous: string | null,
  ): Promise<'waits' | 'nothing comes' | typeof correction>;
  /** Returns the value of a choice of the question, or `correction`. @throws {Unanswered} @throws {Stopped} */
  ask(question: Question, userid: string, plan: StepPlan, previous: string | null): Promise<string>;
  /** Asks whether there is a proxy or load balancer in front of the endpoint, as `signs` suggest. Null: unknown. @throws {Stopped} */
  askIntermediary(signs: readonly string[]): Promise<boolean | null>;
  /** Returns whether the IAM contains only test users. @throws {Stopped} */
  confirmTestUsersOnly(prefix: string): Promise<boolean>;
}

/** Returned instead of an answer: the previous answer was wrong. */
export const correction = 'correction';

interface Answer {
  readonly experiment: string;
  /** Identifies experiment, step and question. */
  readonly key: string;
  readonly userid: string;
  readonly answer: string;
}

/** Returns whether an answer is compared with those of other tries, and can be corrected in the next step. */
function isKept({ kind }: Question, { experiment }: StepPlan): boolean {
  return kind !== 'ended' && experiment !== firstSync && experiment !== accessCheck;
}

const pollMs = 50;
/** Fewer tries than with the REST API, because each try takes a person's time, and the endpoint records which requests arrived. */
const agreement = { unanimous: 2, againstOne: 3, maxVoidTries: 2 } as const;

export function createOperatorDriver(operator: Operator, endpoint: LearningEndpoint): PlatformDriver {
  /** The answers that count, in the order in which they were given. */
  const answers: Answer[] = [];

  const hasArrived = (plan: StepPlan) => {
    const { requests, connections } = endpoint.peek();
    return requests.some(({ hasBasic }) => hasBasic) || (plan.expects === 'connection' && connections > 0);
  };

  /** Returns the answer that the operator can correct now, as text. */
  const correctable = () => {
    const last = answers.at(-1);
    return last === undefined ? null : `${last.userid}: ${last.answer}`;
  };

  /** Removes the last answer and the other answers of its try, or those of its whole experiment if a different experiment has begun. */
  function takeBack(userid: string, { experiment }: StepPlan): Correction {
    const last = answers.at(-1);
    if (last === undefined) throw new Error('there is no answer to correct');
    const isOther = last.experiment !== experiment;
    const kept = answers.filter((one) =>
      isOther ? one.experiment !== last.experiment : one.userid !== last.userid || one.experiment !== experiment,
    );
    answers.splice(0, answers.length, ...kept);
    const ofSame = last.userid === userid ? 'this try' : 'the last try';
    return new Correction(last.experiment, isOther ? 'another experiment' : ofSame);
  }

  /** Asks a question, and repeats it once if the answer differs from those of all other tries. Null: the operator corrects the previous answer. */
  async function ask(question: Question, userid: string, plan: StepPlan): Promise<string | null> {
    const key = JSON.stringify([plan.experiment, plan.step, question]);
    const others = answers.filter((one) => one.key === key);
    let answer = await operator.ask(question, userid, plan, correctable());
    const [other] = others;
    if (answer !== correction && other !== undefined && others.every((one) => one.answer !== answer)) {
      operator.say(
        `This contradicts the try with ${other.userid}: the answer was "${other.answer}". Look again at ${userid}.`,
      );
      answer = await operator.ask(question, userid, plan, correctable());
    }
    if (answer === correction) return null;
    if (isKept(question, plan)) answers.push({ experiment: plan.experiment, key, userid, answer });
    return answer;
  }

  /** Asks the questions of a step in their order, and repeats the previous question when the operator corrects its answer. @throws {Correction} */
  async function askAll(userid: string, plan: StepPlan): Promise<ObservedUser | null> {
    const { questions } = plan;
    const given: string[] = [];
    for (let question = questions[0]; question !== undefined; question = questions[given.length]) {
      const answer = await ask(question, userid, plan);
      const before = questions[given.length - 1];
      if (answer === null) {
        if (before === undefined || !isKept(before, plan)) throw takeBack(userid, plan);
        given.pop();
        answers.pop();
      } else if (question.kind !== 'ended' || answer === 'yes') given.push(answer);
      if (question.kind === 'state' && answer === 'missing') break;
    }
    const shown: Shown = { state: null, groups: [], values: [] };
    for (const [at, question] of questions.slice(0, given.length).entries()) note(shown, question, given[at] ?? '');
    return toUser(shown);
  }

  return {
    source: 'answered',
    agreement,
    async sync(userid, plan) {
      for (;;) {
        const { rejectedCredentials } = endpoint.counts;
        const { requests } = endpoint.peek();
        const somethingCame = new AbortController();
        const isChanged = () =>
          hasArrived(plan) ||
          endpoint.counts.rejectedCredentials > rejectedCredentials ||
          endpoint.peek().requests.length > requests.length;
        const timer = setInterval(() => isChanged() && somethingCame.abort(), pollMs);
        const choice = await operator
          .act(userid, plan, somethingCame.signal, correctable())
          .finally(() => clearInterval(timer));
        if (choice === correction) throw takeBack(userid, plan);
        if (hasArrived(plan)) {
          await pause(pollMs);
          if (endpoint.isBusy()) operator.say(`${userid}: a request arrived. Wait: its response is delayed.`);
          return 200;
        }
        if (endpoint.counts.rejectedCredentials > rejectedCredentials) {
          operator.say(
            'A request with wrong credentials arrived and received status 401. Check the user name and the password.',
          );
        } else if (choice === 'nothing comes') {
          operator.say(describeSilence(endpoint.peek()));
          return 200;
        }
      }
    },
    async readUser(userid, plan) {
      // If no request arrived, the state that the platform shows does not count.
      if (!hasArrived(plan)) return toUser({ state: null, groups: [], values: [] });
      operator.say(describeRequests(userid, endpoint.peek()));
      return askAll(userid, plan);
    },
    async showsDisabledUsers() {
      const question: Question = { kind: 'any-disabled', names: [] };
      const plan = {
        experiment: accessCheck,
        step: 1,
        of: 1,
        action: '',
        expects: 'request',
        questions: [question],
      } as const;
      // The question concerns all users, so its answer does not belong to a try.
      return (await operator.ask(question, '', plan, null)) === 'yes';
    },
    askIntermediary: (signs) => operator.askIntermediary(signs),
    countOtherUsers: async (prefix) => ((await operator.confirmTestUsersOnly(prefix)) ? 0 : 1),
  };
}

interface Shown {
  state: string | null;
  readonly groups: string[];
  /** "attribute=value". */
  readonly values: string[];
}

function note(shown: Shown, { kind, names }: Question, answer: string): void {
  if (kind === 'state') shown.state = answer;
  else if (kind === 'group-case' && answer !== noSpelling) shown.groups.push(answer);
  // The experiment sends one value of this attribute.
  else if (kind === 'attribute-case' && answer !== noSpelling) shown.values.push(`${answer}=one`);
  else if (answer === 'yes') {
    for (const name of names) (name.includes('=') ? shown.values : shown.groups).push(name);
  }
}

function toUser({ state, groups, values }: Shown): ObservedUser | null {
  if (state === 'missing') return null;
  const authorizations: Record<string, string[]> = {};
  for (const text of values) {
    const [name = '', value = ''] = text.split('=');
    authorizations[name] = [...(authorizations[name] ?? []), value];
  }
  return { isDisabled: state === 'disabled', groups, authorizations };
}

function describeSilence({ requests, connections }: StepRecord): string {
  if (requests.length > 0) return 'Only requests without credentials arrived. Turn on authentication in the platform.';
  if (connections === 0) return 'No connection arrived. Check the address, the port and the firewall.';
  return `Connections without a request: ${connections}. Check that the platform trusts the CA certificate.`;
}

/** Returns a line about what arrived: "learn-007: 2 requests (HTTP/1.1, TLSv1.3), credentials after a challenge." */
function describeRequests(userid: string, { requests, connections }: StepRecord): string {
  const [first] = requests;
  if (first === undefined) return `${userid}: no request (connections: ${connections}).`;
  const { httpVersion, tlsVersion } = first.transport;
  const how = [`HTTP/${httpVersion}`, ...(tlsVersion === null ? [] : [tlsVersion])].join(', ');
  const basic = first.hasBasic ? 'credentials without a challenge' : 'credentials after a challenge';
  const broken = requests.find(({ isComplete }) => !isComplete);
  const closed =
    broken?.endedMs == null
      ? ''
      : `; the connection closed before the response, after ${Math.round(broken.endedMs - broken.startedMs)} ms`;
  return `${userid}: ${requests.length === 1 ? '1 request' : `${requests.length} requests`} (${how}), ${basic}${closed}.`;
}
