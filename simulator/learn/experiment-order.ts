// The order of the experiments: from harmless to destructive, and shuffled by a seed among those that are alike.
import { createHash } from 'node:crypto';
import { experiments, type Harm } from './experiments.ts';

/** Those that measure. */
const measurements: ReadonlyArray<readonly [string, Harm]> = [
  ['no-response', 'access'],
  ['repeats', 'access'],
  ['padded-body', 'access'],
];

const harmOf = new Map<string, Harm>([...experiments.map(({ id, harm }) => [id, harm] as const), ...measurements]);

/** Names of all experiments. */
export const experimentNames: readonly string[] = [...harmOf.keys()];

const ranks: Readonly<Record<Harm, number>> = { none: 0, values: 1, access: 2 };

/** Returns the names in their order: the same for the same seed. Unknown names are left out. */
export function orderExperiments(seed: number, names: Iterable<string>): readonly string[] {
  const keyOf = (name: string) => createHash('sha256').update(`${seed} ${name}`).digest('hex');
  return [...names]
    .flatMap((name) => {
      const harm = harmOf.get(name);
      return harm === undefined ? [] : [{ name, rank: ranks[harm], key: keyOf(name) }];
    })
    .sort((one, other) => one.rank - other.rank || (one.key < other.key ? -1 : 1))
    .map(({ name }) => name);
}
