// Differences between two platform profiles: which facts changed, which are new, and which are no longer determined.
import type { ConnectionFacts, Fact, PlatformProfile } from '../../schemas/generated/platform-profile.ts';

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
  /** Names of the facts that both have. */
  readonly unchanged: readonly string[];
  /** Facts about the connection that differ. */
  readonly connection: ReadonlyArray<keyof ConnectionFacts>;
}

export function compareProfiles(before: PlatformProfile, after: PlatformProfile): ProfileComparison {
  const names = [...new Set([...Object.keys(before.facts), ...Object.keys(after.facts)])];
  const changes = names.map((name) => ({ name, before: read(before, name), after: read(after, name) }));
  const both = changes.filter((change) => change.before !== null && change.after !== null);
  const isChanged = (change: FactChange) =>
    change.before !== null && change.after !== null && !isSame(change.before, change.after);
  return {
    changed: both.filter(isChanged),
    gained: changes.filter((change) => change.before === null && change.after !== null),
    lost: changes.filter((change) => change.before !== null && change.after === null),
    unchanged: both.filter((change) => !isChanged(change)).map(({ name }) => name),
    // Both have to have observed it.
    connection: (Object.keys(before.connection) as Array<keyof ConnectionFacts>).filter(
      (name) =>
        after.connection[name] !== undefined &&
        JSON.stringify(before.connection[name]) !== JSON.stringify(after.connection[name]),
    ),
  };
}

function read({ facts }: PlatformProfile, name: string): Fact | null {
  const fact = Object.hasOwn(facts, name) ? facts[name] : undefined;
  return fact === undefined || fact.determined === 'no' ? null : fact;
}

/** Measured times are the same when their intervals overlap. */
function isSame(one: Fact, other: Fact): boolean {
  if (one.interval === undefined || other.interval === undefined) return one.value === other.value;
  return one.interval.low <= other.interval.high && other.interval.low <= one.interval.high;
}
