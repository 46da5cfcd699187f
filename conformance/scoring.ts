// Whether a check counts in the current contract version: the set of checks that count is frozen per version.
import type { Check } from './check.ts';
import type { Unscored } from './contract/clause.ts';
import { contractVersion } from './contract/contract.ts';

const numbersOf = (version: string) => version.split('.').map(Number);

/** Returns a negative number if `one` is the earlier version. */
function compareVersions(one: string, other: string): number {
  const [major = 0, minor = 0] = numbersOf(one);
  const [otherMajor = 0, otherMinor = 0] = numbersOf(other);
  return major - otherMajor || minor - otherMinor;
}

/** Returns why a check does not count in a contract version; null: it counts. */
export function findUnscored(
  { unscored }: Pick<Check, 'unscored'>,
  version: string = contractVersion,
): Unscored | null {
  return unscored !== undefined && compareVersions(version, unscored.scoredFrom) < 0 ? unscored : null;
}

/** Returns the reason in one sentence, for a report and for the ledger. */
export function describeUnscored({ because, scoredFrom, why }: Unscored): string {
  const reason =
    because === 'added-after' ? 'it was added after this contract version' : 'the contract can be read in two ways';
  return `Not scored (${because}): ${reason}. The check counts from version ${scoredFrom}. ${why}`;
}
