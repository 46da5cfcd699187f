// The order of the experiments: from harmless to destructive, and, among equally harmful ones, shuffled by a seed, with unusual responses last.
import { createHash } from 'node:crypto';
import type { Harm } from '../../schemas/generated/learn-experiments.ts';
import { experiments, measurements, variants } from './experiments.ts';

const all = new Map([...experiments, ...measurements].map(({ id, question, harm }) => [id, { question, harm }]));

/** Names of all experiments. */
export const experimentNames: readonly string[] = [...all.keys()];

/** Names of the experiments with unusual responses. */
export const variantNames: readonly string[] = variants.map(({ id }) => id);
const isVariant: ReadonlySet<string> = new Set(variantNames);

const ranks: Readonly<Record<Harm, number>> = { none: 0, values: 1, access: 2 };

/** Returns what an experiment finds out; "" for an unknown experiment. */
export function questionOf(name: string): string {
  return all.get(name)?.question ?? '';
}

/** Returns how much a test user may lose: 0 nothing, 1 values, 2 all access. */
export function rankOf(name: string): number {
  return ranks[all.get(name)?.harm ?? 'access'];
}

/** Returns the names in the order of execution, which is the same for the same seed. Unknown names are left out. */
export function orderExperiments(seed: number, names: Iterable<string>): readonly string[] {
  const keyOf = (name: string) => createHash('sha256').update(`${seed} ${name}`).digest('hex');
  return [...names]
    .flatMap((name) =>
      all.has(name) ? [{ name, rank: rankOf(name), last: Number(isVariant.has(name)), key: keyOf(name) }] : [],
    )
    .sort((one, other) => one.rank - other.rank || one.last - other.last || (one.key < other.key ? -1 : 1))
    .map(({ name }) => name);
}
