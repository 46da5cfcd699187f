// An operator whose answers are read from a file: the syncs are triggered elsewhere, and there are no prompts.
import type { LearnAnswers, ShownUser } from '../../schemas/generated/learn-answers.ts';
import { rankOf } from './experiment-order.ts';
import type { Operator } from './operator-driver.ts';
import { type StepPlan, Unanswered } from './platform-driver.ts';
import { accessCheck, firstSync, noSpelling, type Question } from './questions.ts';

export interface AnswersOperatorOptions {
  readonly answers: LearnAnswers;
  readonly say: (text: string) => void;
  /** How long to wait for a request, in ms. */
  readonly requestWaitMs: number;
}

export function createAnswersOperator({ answers, say, requestWaitMs }: AnswersOperatorOptions): Operator {
  let announced = '';

  /** @throws {Unanswered} if the file contains no answer. */
  function answer({ kind, names }: Question, { experiment, step }: StepPlan): string {
    if (experiment === firstSync) return 'yes';
    if (kind === 'any-disabled') return hasHarmlesslyDisabled(answers) ? 'yes' : 'no';
    if (experiment === accessCheck) return kind === 'state' ? 'enabled' : 'yes';
    // A redirect is followed immediately, whereas repeats may come after any delay.
    if (kind === 'ended' && !experiment.startsWith('repeats-')) return 'yes';
    const shown = answers.experiments?.[experiment]?.[step - 1];
    if (shown === undefined) throw new Unanswered('No answer.');
    const { user = 'enabled', groups = [], attributes = {} } = shown;
    if (kind === 'state') return user;
    if (kind === 'group-case') return names.find((name) => groups.includes(name)) ?? noSpelling;
    if (kind === 'attribute-case') return names.find((name) => Object.hasOwn(attributes, name)) ?? noSpelling;
    const all = user === 'missing' ? new Set() : namesOf(shown);
    return names.every((name) => all.has(name.toLowerCase())) ? 'yes' : 'no';
  }

  return {
    say,
    async act(userid, plan, signal) {
      for (const question of plan.questions) answer(question, plan);
      const text = `Waiting for a request for ${userid}: ${plan.experiment}, step ${plan.step} of ${plan.of}.`;
      if (text !== announced) say(text);
      announced = text;
      return (await isAborted(signal, requestWaitMs)) ? 'waits' : 'nothing comes';
    },
    ask: async (question, _userid, plan) => answer(question, plan),
    askIntermediary: async () => answers.intermediary ?? null,
    confirmTestUsersOnly: async () => answers.testUsersOnly,
  };
}

/** Returns whether a user was disabled in an experiment that should not take away access. */
function hasHarmlesslyDisabled({ experiments = {} }: LearnAnswers): boolean {
  return Object.entries(experiments).some(
    ([name, shown]) => rankOf(name) < 2 && shown.some(({ user }) => user === 'disabled'),
  );
}

/** Returns names of groups, and values as "attribute=value", in lower case. */
function namesOf({ groups = [], attributes = {} }: ShownUser): ReadonlySet<string> {
  const values = Object.entries(attributes).flatMap(([name, list]) => list.map((value) => `${name}=${value}`));
  return new Set([...groups, ...values].map((name) => name.toLowerCase()));
}

/** Waits until the signal is aborted, or the time has passed. */
function isAborted(signal: AbortSignal, ms: number): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve(true);
    });
  });
}
