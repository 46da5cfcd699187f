// Limits of the options for generated inputs.
import { findMissingPackage } from '../schemas/optional-packages.ts';

/** The seeds of fast-check are 32-bit integers. */
export const maxSeed = 2 ** 31 - 1;
const maxInputs = 10_000;

/** Returns the errors in --explore and --seed. */
export function* findExploreFaults(options: {
  readonly explore?: number | undefined;
  readonly seed?: number | undefined;
}): Generator<string> {
  const { explore, seed } = options;
  if (explore !== undefined && !(Number.isInteger(explore) && explore >= 1 && explore <= maxInputs))
    yield `--explore must be a whole number from 1 to ${maxInputs}.`;
  const missing = explore === undefined ? null : findMissingPackage('fast-check');
  if (missing !== null) yield `--explore ${missing}.`;
  if (seed !== undefined && !(Number.isInteger(seed) && seed >= 0 && seed <= maxSeed))
    yield `--seed must be a whole number from 0 to ${maxSeed}.`;
  if (seed !== undefined && explore === undefined) yield '--seed has no effect without --explore. Add --explore N.';
}
