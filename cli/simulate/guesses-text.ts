// Text about the assumptions behind a result, wrapped for a terminal or on one line.

import type { LoadedIamSettings } from '../../schemas/generated/loaded-iam-settings.ts';
import { makeVisible } from '../../schemas/printable-text.ts';

/** Maximum number of characters in a line of assumptions. */
const width = 96;

/** "onNotFound keep, timeoutMs 10000, …", all of them: readers of a result have to know its assumptions. */
export function wordGuesses(guesses: LoadedIamSettings['guesses']): string {
  return nameGuesses(guesses).join(', ');
}

/** A heading, and lines with all assumptions. */
export function describeGuesses(guesses: LoadedIamSettings['guesses']): string {
  return wrap(nameGuesses(guesses));
}

/** First the common assumptions of all results, then those of each one. */
export function describeGuessesOf(
  results: ReadonlyArray<{ readonly name: string; readonly guesses: LoadedIamSettings['guesses'] }>,
): string {
  const named = results.map(({ name, guesses }) => ({ name, guesses: nameGuesses(guesses) }));
  const shared = (named[0]?.guesses ?? []).filter((guess) => named.every(({ guesses }) => guesses.includes(guess)));
  const own = named.flatMap(({ name, guesses }) => {
    const others = guesses.filter((guess) => !shared.includes(guess));
    return others.length === 0 ? [] : [`  ${name}: ${others.join(', ')}\n`];
  });
  return `${wrap(shared)}${makeVisible(own.join(''))}`;
}

function nameGuesses(guesses: LoadedIamSettings['guesses']): string[] {
  return Object.entries(guesses).map(([name, value]) => `${name} ${value}`);
}

function wrap(guesses: readonly string[]): string {
  const lines = [''];
  for (const guess of guesses) {
    const line = lines.at(-1) ?? '';
    if (line.length + guess.length > width) lines.push(guess);
    else lines[lines.length - 1] = line === '' ? guess : `${line}, ${guess}`;
  }
  return makeVisible(`Guessed, since it is documented nowhere:\n${lines.map((line) => `  ${line}\n`).join('')}`);
}
