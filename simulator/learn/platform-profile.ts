// The platform profile: facts of the experiments in the form of the schema, and the settings of a simulated IAM that follow from them.

import { validityOf, withValidity } from '../../schemas/fact-validity.ts';
import type { AppliedFact, AppliedProfile, LoadedIamSettings } from '../../schemas/generated/loaded-iam-settings.ts';
import type { Evidence, Fact, PlatformProfile, Responses } from '../../schemas/generated/platform-profile.ts';
import { kitVersion } from '../../schemas/kit-version.ts';
import { platformAssumptions } from '../../schemas/platform-assumptions.ts';

/** Name of an assumption: a setting under `guesses` of an IAM. */
export type Assumption = keyof LoadedIamSettings['guesses'];

export type FoundFacts = Readonly<Partial<Record<Assumption, Fact>>>;

/** A fact of any kind that is not determined. */
export interface OpenFact {
  readonly determined: 'no';
  readonly reason: string;
  readonly evidence?: Evidence[];
}

/** Facts that no experiment at the endpoint can show, and why. */
const undetermined: FoundFacts = {
  scheduleTimeZone: notDetermined(
    'The endpoint sees when a scheduled sync runs, but not the time zone of its schedule.',
  ),
  missedRuns: notDetermined('The platform would have to be stopped while a sync is due.'),
  disableGoneUsers: notDetermined(
    'Determining this requires a user who leaves the user list of the identity provider.',
  ),
};

export function notDetermined(reason: string, evidence: readonly Evidence[] = []): OpenFact {
  return { determined: 'no', reason, ...(evidence.length > 0 && { evidence: [...evidence] }) };
}

/** Facts that a proxy or load balancer can change, or that can describe the proxy itself. */
export const alterableFacts: ReadonlySet<string> = new Set([
  ...['timeoutMs', 'retries', 'retryDelayMs', 'maxBodyBytes', 'verifyServerCertificate'],
  ...['httpVersions', 'tlsVersions', 'tlsVersionsOffered', 'ciphers', 'ciphersOffered', 'alpnOffered'],
  ...['sendsServerName', 'clientCertificates', 'headers', 'reusesConnections', 'maxConcurrent', 'betweenRequestsMs'],
  ...['status503', 'status429', 'closed', 'reset', 'timeout', 'observed', 'observedPauseMs'],
  ...['status201', 'status204', 'status206', 'gzip', 'halfBody', 'emptyBody', 'manyGroups', 'retryAfter'],
]);

/** Returns the facts, with a caveat for those that an intermediary can alter. */
function withCaveats<Facts extends object>(facts: Facts): Facts {
  return Object.fromEntries(
    Object.entries(facts).map(([name, fact]) => [
      name,
      alterableFacts.has(name) && fact.determined !== 'no' ? { ...fact, throughIntermediary: true } : fact,
    ]),
  ) as Facts;
}

function withValidities(responses: Responses, now: Date): Responses {
  return Object.fromEntries(Object.entries(responses).map(([name, fact]) => [name, withValidity(fact, now)]));
}

/** Returns a profile with every assumption. `others.platform` is the name and version, as given by the operator. */
export function createPlatformProfile(
  found: FoundFacts,
  others: Omit<PlatformProfile, 'schemaVersion' | 'date' | 'kit' | 'facts'>,
  now: Date,
): PlatformProfile {
  const facts = Object.fromEntries(
    platformAssumptions.map(({ name }) => {
      const assumption = name as Assumption;
      const fact = found[assumption] ?? undetermined[assumption] ?? notDetermined('No experiment ran.');
      return [name, withValidity(fact, now)];
    }),
  );
  const { platform, repeats, responses, connection, ...rest } = others;
  const date = now.toISOString().slice(0, 10);
  const mark: <Facts extends object>(given: Facts) => Facts =
    connection.intermediary?.value === true ? withCaveats : (given) => given;
  return {
    schemaVersion: 1,
    ...{ date, kit: kitVersion, platform, facts: mark(facts) },
    ...(repeats !== undefined && { repeats: mark(repeats) }),
    ...(responses !== undefined && { responses: mark(withValidities(responses, now)) }),
    ...{ ...rest, connection: mark(connection) },
  };
}

/** Returns the settings of an IAM that follow from a profile: the facts as `guesses`, and the origin of each. */
export function toSettings({ platform, date, facts }: PlatformProfile): ProfileSettings {
  const known = Object.entries(facts).flatMap(([name, fact]) =>
    fact.determined === 'no' || fact.value === undefined
      ? []
      : [[name, toAppliedFact(fact, fact.value, date)] as const],
  );
  return {
    guesses: Object.fromEntries(known.map(([name, { value }]) => [name, value])),
    platformProfile: { platform, facts: Object.fromEntries(known) },
  };
}

function toAppliedFact(fact: Fact, value: NonNullable<Fact['value']>, date: string): AppliedFact {
  const { throughIntermediary } = fact;
  return { value, ...validityOf(fact, date), ...(throughIntermediary && { throughIntermediary }) };
}

export interface ProfileSettings {
  readonly guesses: Readonly<Record<string, string | number | boolean>>;
  readonly platformProfile: AppliedProfile;
}
