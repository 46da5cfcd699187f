// Parts that all reports of a platform profile share: its facts and experiments, and their wording.
import { type Validity, validityOf } from '../../schemas/fact-validity.ts';
import type {
  ConnectionFact,
  ConnectionFacts,
  Evidence,
  Fact,
  LockOutFound,
  PlatformProfile,
  Repeats,
  Responses,
  TimedRequest,
} from '../../schemas/generated/platform-profile.ts';
import { platformAssumptions } from '../../schemas/platform-assumptions.ts';

export interface DeterminedFact extends Validity {
  readonly name: string;
  readonly description: string;
  /** The value as text; a measured time includes its bounds. */
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
  /** Each experiment once, in chronological order. */
  readonly experiments: readonly Evidence[];
  /** Label and text. */
  readonly connection: ReadonlyArray<readonly [string, string]>;
  readonly repeats: ReadonlyArray<readonly [string, string]>;
  readonly responses: ReadonlyArray<readonly [string, string]>;
  readonly disturbances: ReadonlyArray<readonly [string, string]>;
}

/** How a fact was determined, in words. */
const determinations: Readonly<Record<Exclude<Fact['determined'], 'no'>, string>> = {
  measured: 'measured at the endpoint',
  'read-by-api': 'read through the REST API',
  answered: 'answered by the operator',
};

const caveat = ', seen through an intermediary';

/** Returns how a fact was determined, in words, with its caveat. */
export function wordDetermination({ determined, throughIntermediary }: Fact): string {
  return determined === 'no' ? 'not determined' : `${determinations[determined]}${throughIntermediary ? caveat : ''}`;
}

/** @param now marks facts that expired before this time. */
export function findProfileParts(
  { facts, date, connection, repeats = {}, responses = {}, run, disturbances }: PlatformProfile,
  now: Date,
): ProfileParts {
  const today = now.toISOString().slice(0, date.length);
  const determined: DeterminedFact[] = [];
  const open: OpenFact[] = [];
  for (const { name, description } of platformAssumptions) {
    const fact = Object.hasOwn(facts, name) ? facts[name] : undefined;
    if (fact === undefined || fact.determined === 'no') {
      open.push({ name, description, reason: fact?.reason ?? 'The profile does not contain this assumption.' });
      continue;
    }
    const validity = validityOf(fact, date);
    const isExpired = today > validity.validUntil;
    const how = wordDetermination(fact);
    determined.push({ name, description, value: wordValue(fact), how, isExpired, ...validity });
  }
  return {
    determined,
    open,
    experiments: findExperiments({ ...facts, ...repeats, ...responses }),
    connection: describeFacts(connectionLabels, connection),
    repeats: describeFacts(repeatLabels, repeats),
    responses: describeFacts(responseLabels, responses, (fact) =>
      fact.determined !== 'no' && today > validityOf(fact, date).validUntil ? ' (expired)' : '',
    ),
    disturbances: [
      ['Tries that did not count', String(disturbances.voidTries)],
      ['Requests for other users', String(disturbances.otherUsers)],
      ['Requests for test users outside their experiment', String(disturbances.unexpected)],
      ['Requests with wrong credentials', String(disturbances.rejectedCredentials)],
      ...(run?.lockOut === undefined ? [] : [['Sign of a lockout', wordLockOut(run.lockOut)] as const]),
    ],
  };
}

const connectionLabels: Readonly<Record<keyof ConnectionFacts, string>> = {
  httpVersions: 'HTTP versions',
  tlsVersions: 'TLS versions',
  tlsVersionsOffered: 'TLS versions offered',
  ciphers: 'TLS ciphers',
  ciphersOffered: 'TLS ciphers offered',
  alpnOffered: 'Protocols offered via ALPN',
  sendsServerName: 'Sends the server name in TLS (SNI)',
  clientCertificates: 'Client certificates',
  headers: 'Headers',
  reusesConnections: 'Connections are reused',
  atSignAs: 'At sign in a user name',
  plusSignAs: 'Plus sign in a user name',
  nonAsciiAs: 'Non-ASCII characters in a user name',
  escapeCase: 'Letter case of percent-encodings',
  maxConcurrent: 'Maximum number of concurrent requests',
  order: 'Order of the users',
  betweenRequestsMs: 'Time between requests, in ms',
  peerAddresses: 'Addresses of the client',
  forwardingHeaders: 'Headers of proxies',
  intermediary: 'Intermediary in front of the endpoint',
};

const repeatLabels: Readonly<Record<keyof Repeats, string>> = {
  status503: 'After 503',
  status429: 'After 429',
  closed: 'After a closed connection',
  reset: 'After a reset connection',
  timeout: 'After a timeout',
  observed: 'After a failure in operation',
  observedPauseMs: 'Pause before a repeated request in operation, in ms',
};

const responseLabels: Readonly<Record<keyof Responses, string>> = {
  status201: '201',
  status206: '206',
  gzip: 'Body compressed with gzip',
  byteOrderMark: 'Byte order mark',
  trailingCommas: 'Trailing commas',
  duplicateGroups: 'Group twice',
  duplicateValues: 'Value twice',
  groupNames: 'Names instead of group objects',
  singleValue: 'Text instead of a list of values',
  missingGroups: 'No key groups',
  nullGroups: 'Null for groups',
  missingAuthorizations: 'No key authorizations',
  nullAuthorizations: 'Null for authorizations',
  emptyAnswer: 'No groups and no values',
  emptyBody: '200 without a body',
  status204: '204',
  halfBody: 'Half of the body',
  manyGroups: '10,000 groups',
  retryAfter: '429 with Retry-After',
};

const lockOutSigns: Readonly<Record<LockOutFound['sign'], string>> = {
  'no-request': 'no request came for a user that was synchronized before',
  'control-user': 'a user for whom the endpoint sent only valid responses lost access',
  'test-user': 'a user was disabled in an experiment that should not remove access',
};

/** Describes the sign of a lockout that stopped the run. */
function wordLockOut({ sign, after }: LockOutFound): string {
  return `after ${after}, ${lockOutSigns[sign]}; the run stopped there`;
}

/** Returns the facts that the profile contains, each as label and text. @param noteOn appended to the text. */
function describeFacts<Name extends string, One extends Fact | ConnectionFact>(
  labels: Readonly<Record<Name, string>>,
  facts: Readonly<Partial<Record<Name, One>>>,
  noteOn: (fact: One) => string = () => '',
): Array<readonly [string, string]> {
  return (Object.entries(labels) as Array<[Name, string]>).flatMap(([name, label]) => {
    const fact = facts[name];
    return fact === undefined ? [] : [[label, wordFact(fact) + noteOn(fact)] as const];
  });
}

/** Returns the value with its caveat, or the reason why there is no value. */
export function wordFact(fact: Fact | ConnectionFact): string {
  const { determined, value, reason = '', throughIntermediary } = fact;
  if (determined === 'no') return `not determined. ${reason}`.trimEnd();
  const how = determined === 'answered' ? ` (${determinations.answered})` : '';
  const text = typeof value === 'boolean' ? (value ? 'yes' : 'no') : wordValue(fact);
  return `${text}${how}${throughIntermediary ? caveat : ''}`;
}

/** Returns the value, with the bounds of a measured time. */
export function wordValue({ value, interval }: Fact | ConnectionFact): string {
  if (Array.isArray(value)) return value.join(', ') || 'none';
  return interval === undefined ? String(value) : `${value} (${interval.low} to ${interval.high})`;
}

/** Returns e.g. "0–3 ms, 210– ms (without credentials)". */
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

/** Returns the evidence of each experiment once, in chronological order. Several facts can follow from one experiment. */
function findExperiments(facts: Readonly<Record<string, Fact>>): Evidence[] {
  const byName = new Map<string, Evidence>();
  for (const one of Object.values(facts).flatMap(({ evidence = [] }) => evidence)) {
    if (!byName.has(one.experiment)) byName.set(one.experiment, one);
  }
  return [...byName.values()].sort((one, other) => one.at.localeCompare(other.at));
}
