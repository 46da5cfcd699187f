// Differences between two platform profiles: which facts changed, which are new, and which are no longer determined.
import type {
  ConnectionFact,
  ConnectionFacts,
  Fact,
  PlatformProfile,
} from '../../schemas/generated/platform-profile.ts';

export interface FactChange {
  readonly name: string;
  /** Null: not determined. */
  readonly before: Fact | null;
  readonly after: Fact | null;
}

export interface ProfileComparison {
  /** Determined in both, with different values. */
  readonly changed: readonly FactChange[];
  /** Determined only in the later profile. */
  readonly gained: readonly FactChange[];
  /** Determined only in the earlier profile. */
  readonly lost: readonly FactChange[];
  /** Names of the facts that both profiles share. */
  readonly unchanged: readonly string[];
  /** Facts about the connection that differ. */
  readonly connection: ReadonlyArray<keyof ConnectionFacts>;
}

export function compareProfiles(before: PlatformProfile, after: PlatformProfile): ProfileComparison {
  const [earlier, later] = [allFactsOf(before), allFactsOf(after)];
  const names = [...new Set([...earlier.keys(), ...later.keys()])];
  const changes = names.map((name) => ({ name, before: earlier.get(name) ?? null, after: later.get(name) ?? null }));
  const both = changes.filter((change) => change.before !== null && change.after !== null);
  const isChanged = (change: FactChange) =>
    change.before !== null && change.after !== null && !isSame(change.before, change.after);
  return {
    changed: both.filter(isChanged),
    gained: changes.filter((change) => change.before === null && change.after !== null),
    lost: changes.filter((change) => change.before !== null && change.after === null),
    unchanged: both.filter((change) => !isChanged(change)).map(({ name }) => name),
    // Both profiles must have observed the fact.
    connection: (Object.keys(before.connection) as Array<keyof ConnectionFacts>).filter((name) => {
      const [one, other] = [before.connection[name], after.connection[name]];
      return isDetermined(one) && isDetermined(other) && !isSame(one, other);
    }),
  };
}

/** Returns the determined facts by name; `repeats.timeout` and others are prefixed with the name of their section. */
function allFactsOf({ facts, repeats = {}, responses = {} }: PlatformProfile): ReadonlyMap<string, Fact> {
  const withSection = (section: string, named: Readonly<Record<string, Fact>>) =>
    Object.entries(named).map(([name, fact]) => [`${section}.${name}`, fact] as const);
  const all = [
    ...[...Object.entries(facts), ...withSection('repeats', { ...repeats })],
    ...withSection('responses', { ...responses }),
  ];
  return new Map(all.filter(([, fact]) => isDetermined(fact)));
}

function isDetermined<One extends Fact | ConnectionFact>(fact: One | undefined): fact is One {
  return fact !== undefined && fact.determined !== 'no';
}

/** Returns whether two facts are the same. Measured times are considered the same when their intervals overlap. */
function isSame(one: Fact | ConnectionFact, other: Fact | ConnectionFact): boolean {
  if (one.interval !== undefined && other.interval !== undefined) {
    return one.interval.low <= other.interval.high && other.interval.low <= one.interval.high;
  }
  return JSON.stringify(one.value) === JSON.stringify(other.value);
}
