// Options of `user-info learn` that choose experiments: by name, or by one name that stands for all experiments with unusual responses.
import { findClosestWord, suggest } from '../../schemas/closest-word.ts';
import type { PlatformProfile } from '../../schemas/generated/platform-profile.ts';
import { makeVisibleLine } from '../../schemas/printable-text.ts';
import { experimentNames, questionOf, variantNames } from '../../simulator/learn/experiment-order.ts';
import { CommandFailure, exitCodes } from '../exit-codes.ts';
import { confirmUnusualResponses } from './terminal-operator.ts';

export interface ExperimentFlags {
  readonly experiment?: readonly string[];
  readonly skip?: readonly string[];
}

/** Value of --experiment and --skip that selects all experiments with unusual responses. */
export const unusualResponses = 'unusual-responses';

/** Returns a line for each experiment: its name and what it determines. */
export function listExperiments(names: readonly string[]): string {
  return names.map((name) => `  ${name.padEnd(24)}${questionOf(name)}`).join('\n');
}

/** Returns the names of the experiments to run; null: all, or those of the interrupted run. @throws {CommandFailure} 2. */
export function readExperiments(
  { experiment = [], skip = [] }: ExperimentFlags,
  before: PlatformProfile | null,
): ReadonlySet<string> | null {
  const named = readNames('--experiment', experiment);
  const skipped = readNames('--skip', skip);
  if (named.length === 0 && skipped.length === 0) return null;
  const all = named.length > 0 ? named : (before?.run?.order ?? experimentNames);
  const chosen = all.filter((name) => !skipped.includes(name));
  if (chosen.length > 0) return new Set(chosen);
  throw new CommandFailure(exitCodes.usage, '--skip leaves no experiment to run.');
}

function readNames(option: string, names: readonly string[]): readonly string[] {
  const known = [...experimentNames, unusualResponses];
  return names.flatMap((name) => {
    if (name === unusualResponses) return variantNames;
    if (known.includes(name)) return [name];
    const guess = suggest(findClosestWord(name, known)) || '.';
    throw new CommandFailure(
      exitCodes.usage,
      makeVisibleLine(`${option}: unknown experiment ${name}${guess} \`learn --help\` lists them.`),
    );
  });
}

/** Returns the names of the experiments that the operator chooses; null: all. @throws {Stopped} */
export async function askExperiments(): Promise<ReadonlySet<string> | null> {
  const areChosen = await confirmUnusualResponses(variantNames.length, `--resume --experiment ${unusualResponses}`);
  return areChosen ? null : new Set(experimentNames.filter((name) => !variantNames.includes(name)));
}
