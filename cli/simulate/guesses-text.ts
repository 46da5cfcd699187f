// Text about the assumptions behind a result, by their origin: wrapped for a terminal or on one line.
import type { LoadedIamSettings } from '../../schemas/generated/loaded-iam-settings.ts';
import { makeVisible, makeVisibleLine } from '../../schemas/printable-text.ts';
import {
  type GuessGroup,
  groupGuesses,
  type Measurements,
  wordMeasurement,
} from '../../simulator/sync/guess-origins.ts';

/** Assumptions of a result, and which of them were measured. */
export interface Assumed {
  readonly guesses: LoadedIamSettings['guesses'];
  readonly measured: Measurements;
}

/** Maximum number of characters in a line of assumptions. */
const width = 96;

/** Returns "Measured on …: timeoutMs 9800. Assumed, …: onNotFound keep, …" with all of them, on one line. */
export function wordGuesses({ guesses, measured }: Assumed): string {
  return groupGuesses(guesses, measured)
    .map((group) => makeVisibleLine(`${titleOf(group)}: ${wordsOf(group).join(', ')}.`))
    .join(' ');
}

/** Returns a head and lines for each origin. */
export function describeGuesses({ guesses, measured }: Assumed): string {
  return groupGuesses(guesses, measured)
    .map((group) => wrap(titleOf(group), wordsOf(group)))
    .join('');
}

/** Returns the common assumptions once, then those of individual results. */
export function describeGuessesOf(results: ReadonlyArray<Assumed & { readonly name: string }>): string {
  const named = results.map(({ name, guesses, measured }) => ({ name, groups: groupGuesses(guesses, measured) }));
  const isShared = (title: string, word: string) =>
    named.every(({ groups }) => groups.some((group) => titleOf(group) === title && wordsOf(group).includes(word)));
  const shared = (named[0]?.groups ?? []).flatMap((group) => {
    const words = wordsOf(group).filter((word) => isShared(titleOf(group), word));
    return words.length === 0 ? [] : [wrap(titleOf(group), words)];
  });
  const own = named.flatMap(({ name, groups }) => {
    const others = groups.flatMap((group) =>
      wordsOf(group)
        .filter((word) => !isShared(titleOf(group), word))
        .map((word) => (group.measurement === null ? word : `${word} (${titleOf(group)})`)),
    );
    return others.length === 0 ? [] : [`  ${makeVisibleLine(`${name}: ${others.join(', ')}`)}\n`];
  });
  return [...shared, ...own].join('');
}

function titleOf({ measurement }: GuessGroup): string {
  return measurement === null ? 'Assumed, because undocumented' : wordMeasurement(measurement);
}

function wordsOf({ guesses }: GuessGroup): string[] {
  return guesses.map(([name, value]) => `${name} ${value}`);
}

function wrap(title: string, guesses: readonly string[]): string {
  const lines = [''];
  for (const guess of guesses) {
    const line = lines.at(-1) ?? '';
    if (line.length + guess.length > width) lines.push(guess);
    else lines[lines.length - 1] = line === '' ? guess : `${line}, ${guess}`;
  }
  return makeVisible(`${makeVisibleLine(title)}:\n${lines.map((line) => `  ${line}\n`).join('')}`);
}
