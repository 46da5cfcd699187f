// The operator at a terminal: shows what to do in the platform, and prompts for what the platform shows.
import { isCancel, log, select } from '@clack/prompts';
import { makeVisibleLine } from '../../schemas/printable-text.ts';
import { correction, type Operator } from '../../simulator/learn/operator-driver.ts';
import { Stopped, Unanswered } from '../../simulator/learn/platform-driver.ts';
import { type Choice, choicesOf, wordQuestion } from '../../simulator/learn/questions.ts';

const skips: Choice = { value: 'skip', label: 'Skip this experiment' };
const stops: Choice = { value: 'stop', label: 'Stop, and resume later with --resume' };

/** Returns the choice that corrects the previous answer; empty if there is no previous answer. */
function correctionOf(previous: string | null): readonly Choice[] {
  return previous === null ? [] : [{ value: correction, label: `Correct the previous answer (${previous})` }];
}

export function createTerminalOperator(): Operator {
  const say = (text: string) => log.info(makeVisibleLine(text));
  return {
    say,
    async act(_userid, { experiment, step, of, action }, signal, previous) {
      const message = `${experiment}, step ${step} of ${of}: ${action}.`;
      const choices = [
        { value: 'waits', label: 'Waiting for the request' },
        { value: 'nothing comes', label: 'I did it, but no request arrived' },
        ...[skips, stops, ...correctionOf(previous)],
      ];
      const choice = await choose(message, choices, signal);
      return choice === 'nothing comes' || choice === correction ? choice : 'waits';
    },
    async ask(question, userid, _plan, previous) {
      const choices = [
        ...choicesOf(question),
        { value: 'cannot tell', label: 'I cannot tell' },
        ...[skips, stops, ...correctionOf(previous)],
      ];
      const choice = await choose(wordQuestion(question, userid), choices);
      if (choice === 'cannot tell') throw new Unanswered('The operator could not tell what the platform shows.');
      return choice;
    },
    async askIntermediary(signs) {
      const message = `The request seems to come through a proxy or load balancer (${signs.join(', ')}). Is there one?`;
      const choices = [
        { value: 'yes', label: 'Yes. Mark the facts that it can change' },
        { value: 'no', label: 'No' },
        { value: 'unknown', label: 'I do not know' },
        { ...stops, label: 'Stop, and let the platform connect directly' },
      ];
      const choice = await choose(message, choices);
      return choice === 'unknown' ? null : choice === 'yes';
    },
    async confirmTestUsersOnly(prefix) {
      const message = `Do the names of all users of the trial IAM begin with ${prefix}? Other users could lose access.`;
      const choices = [
        { value: 'yes', label: 'Yes, there are only test users' },
        { value: 'no', label: 'No' },
      ];
      return (await choose(message, choices)) === 'yes';
    },
  };
}

/** An experiment takes three steps, and the results of two attempts must agree. */
const leastSyncs = 3 * 2;

/** Asks whether to run the experiments with unusual responses. @param later options that run them later. @throws {Stopped} */
export async function confirmUnusualResponses(experiments: number, later: string): Promise<boolean> {
  const message = `Run the ${experiments} experiments with unusual responses as well? They take at least ${experiments * leastSyncs} syncs.`;
  const choices = [
    { value: 'yes', label: 'Yes' },
    { value: 'no', label: `No, perhaps later with ${later}` },
  ];
  return (await choose(message, choices)) === 'yes';
}

/** Returns the value of the choice, or '' when `signal` is aborted. @throws {Unanswered} @throws {Stopped} */
async function choose(message: string, options: readonly Choice[], signal?: AbortSignal): Promise<string> {
  const choice = await select({
    ...{ message, options: [...options], showInstructions: false },
    ...(signal !== undefined && { signal }),
  });
  if (isCancel(choice)) {
    if (signal?.aborted) return '';
    throw new Stopped(true);
  }
  if (choice === skips.value) throw new Unanswered('The operator skipped the experiment.');
  if (choice === stops.value) throw new Stopped(false);
  return choice;
}
