// What the reports of a platform profile have in common: its facts and experiments, and their words.
import { type Validity, validityOf } from '../../schemas/fact-validity.ts';
import type {
  ConnectionFacts,
  Evidence,
  Fact,
  PlatformProfile,
  TimedRequest,
} from '../../schemas/generated/platform-profile.ts';
import { platformAssumptions } from '../../schemas/platform-assumptions.ts';

export interface DeterminedFact extends Validity {
  readonly name: string;
  readonly description: string;
  /** With the bounds of a measured time. */
  readonly value: string;
  readonly how: string;
  readonly isExpired: boolean;
}

export interface OpenFact {
  readonly name: string;
  readonly description: string;
  readonly reason: string;
}

export interface ProfileParts {
  readonly determined: readonly DeterminedFact[];
  readonly open: readonly OpenFact[];
  /** Each experiment once, in the order of time. */
  readonly experiments: readonly Evidence[];
  /** Label and text. */
  readonly connection: ReadonlyArray<readonly [string, string]>;
  readonly disturbances: ReadonlyArray<readonly [string, string]>;
}

/** How a fact was determined, in words. */
export const determinations: Readonly<Record<Exclude<Fact['determined'], 'no'>, string>> = {
  measured: 'measured at the endpoint',
  'read-by-api': 'read by the REST API',
  answered: 'answered by the operator',
};

/** @param now decides which facts have expired. */
export function findProfileParts({ facts, date, connection, disturbances }: PlatformProfile, now: Date): ProfileParts {
  const today = now.toISOString().slice(0, date.length);
  const determined: DeterminedFact[] = [];
  const open: OpenFact[] = [];
  for (const { name, description } of platformAssumptions) {
    const fact = Object.hasOwn(facts, name) ? facts[name] : undefined;
    if (fact === undefined || fact.determined === 'no') {
      open.push({ name, description, reason: fact?.reason ?? 'The profile does not contain it.' });
      continue;
    }
    const validity = validityOf(fact, date);
    const isExpired = today > validity.validUntil;
    const how = determinations[fact.determined];
    determined.push({ name, description, value: wordValue(fact), how, isExpired, ...validity });
  }
  return {
    determined,
    open,
    experiments: findExperiments(facts),
    connection: describeConnection(connection),
    disturbances: [
      ['Tries that did not count', String(disturbances.voidTries)],
      ['Requests for other users', String(disturbances.otherUsers)],
      ['Requests for test users outside of their experiment', String(disturbances.unexpected)],
      ['Requests with wrong credentials', String(disturbances.rejectedCredentials)],
    ],
  };
}

const connectionLabels: Readonly<Record<keyof ConnectionFacts, string>> = {
  httpVersions: 'HTTP versions',
  tlsVersions: 'TLS versions',
  ciphers: 'TLS ciphers',
  sendsServerName: 'Names the server in TLS (SNI)',
  clientCertificates: 'Client certificates',
  reusesConnections: 'Connections are reused',
  maxConcurrent: 'Concurrent requests, at most',
  atSignAs: 'At sign in a user name',
  escapeCase: 'Letter case of percent-encodings',
};

/** Returns what the profile has of the connection, as label and text. */
function describeConnection(connection: ConnectionFacts): Array<readonly [string, string]> {
  return Object.entries(connectionLabels).flatMap(([name, label]) => {
    const value = connection[name as keyof ConnectionFacts];
    return value === undefined ? [] : [[label, wordConnectionFact(value)] as const];
  });
}

export function wordConnectionFact(value: ConnectionFacts[keyof ConnectionFacts]): string {
  if (Array.isArray(value)) return value.join(', ') || 'none';
  return typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value ?? '–');
}

/** Returns the value, with the bounds of a measured time. */
export function wordValue({ value, interval }: Fact): string {
  return interval === undefined ? String(value) : `${value} (${interval.low} to ${interval.high})`;
}

/** Returns e.g. "0–3 ms, 210 ms– (without credentials)". */
export function wordRequests(requests: readonly TimedRequest[]): string {
  if (requests.length === 0) return 'no request';
  return requests
    .map((request) => {
      const notes = notesOf(request);
      return `${request.from}–${request.to ?? ''} ms${notes.length === 0 ? '' : ` (${notes.join(', ')})`}`;
    })
    .join(', ');
}

export function notesOf({ isIncomplete, isWithoutCredentials, isRedirected }: TimedRequest): string[] {
  return [
    ...(isIncomplete ? ['closed before the response was complete'] : []),
    ...(isWithoutCredentials ? ['without credentials'] : []),
    ...(isRedirected ? ['after a redirect'] : []),
  ];
}

/** Several facts can follow from one experiment. */
function findExperiments(facts: PlatformProfile['facts']): Evidence[] {
  const byName = new Map<string, Evidence>();
  for (const one of Object.values(facts).flatMap(({ evidence = [] }) => evidence)) {
    if (!byName.has(one.experiment)) byName.set(one.experiment, one);
  }
  return [...byName.values()].sort((one, other) => one.at.localeCompare(other.at));
}
