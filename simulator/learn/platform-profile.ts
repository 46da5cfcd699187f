// The platform profile: facts of the experiments in the form of the schema, and the settings that they give to a simulated IAM.
import type { LoadedIamSettings } from '../../schemas/generated/loaded-iam-settings.ts';
import type { Fact, PlatformProfile } from '../../schemas/generated/platform-profile.ts';
import { kitVersion } from '../../schemas/kit-version.ts';
import { platformAssumptions } from '../../schemas/platform-assumptions.ts';

/** Name of an assumption: a setting under `guesses` of an IAM. */
export type Assumption = keyof LoadedIamSettings['guesses'];

export type FoundFacts = Readonly<Partial<Record<Assumption, Fact>>>;

/** What no experiment of the endpoint can show, and why. */
const undetermined: FoundFacts = {
  scheduleTimeZone: notDetermined('The endpoint sees when a scheduled sync runs, not by which clock it was planned.'),
  missedRuns: notDetermined('The platform would have to be stopped while a sync is due.'),
  disableGoneUsers: notDetermined('This takes a user who leaves the user list of the identity provider.'),
};

export function notDetermined(reason: string, evidence: Fact['evidence'] = []): Fact {
  return { determined: 'no', reason, ...(evidence.length > 0 && { evidence }) };
}

/** Returns a profile with every assumption. @param platform name and version, as the operator gives them. */
export function createPlatformProfile(
  found: FoundFacts,
  others: Omit<PlatformProfile, 'schemaVersion' | 'date' | 'kit' | 'facts'>,
  now: Date,
): PlatformProfile {
  const facts = Object.fromEntries(
    platformAssumptions.map(({ name }) => {
      const assumption = name as Assumption;
      return [name, found[assumption] ?? undetermined[assumption] ?? notDetermined('No experiment ran.')];
    }),
  );
  const { platform, ...rest } = others;
  const date = now.toISOString().slice(0, 10);
  return { schemaVersion: 1, date, kit: kitVersion, platform, facts, ...rest };
}

/** Returns the facts of a profile as `guesses` of an IAM's settings. */
export function toGuesses({ facts }: PlatformProfile): Readonly<Record<string, string | number | boolean>> {
  return Object.fromEntries(
    Object.entries(facts).flatMap(([name, { determined, value }]) =>
      determined === 'no' || value === undefined ? [] : [[name, value]],
    ),
  );
}
