// Facts about how the platform sends single requests: protocol, TLS, headers, encoding, addresses, and whether there is a proxy between the platform
// and the endpoint.
import type { ConnectionFact, ConnectionFacts, Evidence } from '../../schemas/generated/platform-profile.ts';
import { notDetermined } from './platform-profile.ts';
import type { RequestFacts } from './recorded-request.ts';
import type { SequenceFacts } from './request-sequence.ts';

export interface ConnectionRecorder {
  add(request: RequestFacts): void;
  /**
   * Returns the facts about the recorded requests, together with those of the sequence.
   *
   * @param stated the operator's statement about an intermediary; null: there is none.
   */
  summarize(stated: boolean | null, sequence: SequenceFacts): ConnectionFacts;
}

/** Returns the values that a request shows; null: it shows nothing about the fact. */
type Read = (request: RequestFacts) => ReadonlyArray<string> | null;

const plainHttp = 'The requests came over plain HTTP.';
const only = (value: string | null) => (value === null ? null : [value]);

type OtherName =
  | 'sendsServerName'
  | 'reusesConnections'
  | 'peerAddresses'
  | 'intermediary'
  | 'maxConcurrent'
  | 'order'
  | 'betweenRequestsMs';
type ListName = Exclude<keyof ConnectionFacts, OtherName>;

/** Facts that are lists of observed values, each with the reason that is stated when nothing was observed. */
const lists: Readonly<Record<ListName, readonly [Read, string]>> = {
  httpVersions: [({ transport }) => [transport.httpVersion], ''],
  tlsVersions: [({ transport: { tlsVersion } }) => only(tlsVersion) ?? [], ''],
  tlsVersionsOffered: [({ offer }) => offer?.versions ?? null, 'The ClientHello was not read.'],
  ciphers: [({ transport }) => only(transport.cipher), plainHttp],
  ciphersOffered: [({ offer }) => offer?.ciphers ?? null, 'The ClientHello was not read.'],
  alpnOffered: [({ offer }) => offer?.alpn ?? null, 'The ClientHello was not read.'],
  clientCertificates: [({ transport }) => [transport.clientCertificate], ''],
  headers: [({ headers }) => headers, ''],
  atSignAs: [({ encoding }) => only(encoding.atSignAs), 'No requested user id contained an at sign.'],
  plusSignAs: [({ encoding }) => only(encoding.plusSignAs), 'No requested user id was known to contain a plus sign.'],
  nonAsciiAs: [({ encoding }) => only(encoding.nonAsciiAs), 'No requested user id contained a non-ASCII character.'],
  escapeCase: [
    ({ encoding: { escapeCase } }) => (escapeCase.length > 0 ? escapeCase : null),
    'No requested user id contained a percent-encoding with a letter.',
  ],
  forwardingHeaders: [({ forwardingHeaders }) => forwardingHeaders, ''],
};

/** Lists that keep the client's order. */
const isOrdered: ReadonlySet<string> = new Set(['tlsVersionsOffered', 'ciphersOffered', 'alpnOffered']);
const tlsOnly: ReadonlySet<string> = new Set(['tlsVersionsOffered', 'ciphersOffered', 'alpnOffered', 'ciphers']);
/** With more concurrent requests than this, each may use a new connection even if the platform reuses connections. */
const fewAtOnce = 5;

interface Seen {
  readonly values: Set<string>;
  requests: number;
}

/** @param experiment name of the experiment in the evidence. */
export function createConnectionRecorder(experiment: 'all' | 'observed'): ConnectionRecorder {
  const seen = new Map(
    Object.keys(lists).map((name) => [name as ListName, { values: new Set(), requests: 0 } as Seen]),
  );
  const clients = new Set<string>();
  const peers = new Set<number>();
  const total = { requests: 0, overTls: 0, naming: 0, kept: 0, fromPlatform: 0, fromOthers: 0 };
  let at = '';

  const evidenceOf = (tries: number, agreeing = tries): Evidence[] => [
    { experiment, tries, agreeing, at, clients: [...clients] },
  ];
  const measured = (value: NonNullable<ConnectionFact['value']>, tries = total.requests, agreeing = tries) => ({
    ...{ determined: 'measured' as const, value, evidence: evidenceOf(tries, agreeing) },
  });

  function summarizeList(name: ListName): ConnectionFact {
    const { values, requests } = seen.get(name) ?? { values: new Set<string>(), requests: 0 };
    const reason = tlsOnly.has(name) && total.overTls === 0 ? plainHttp : lists[name][1];
    if (requests === 0) return notDetermined(reason);
    return measured(isOrdered.has(name) ? [...values] : [...values].sort(), requests);
  }

  function summarizeServerName(): ConnectionFact {
    const { overTls, naming } = total;
    if (overTls === 0) return notDetermined(plainHttp);
    if (naming === 0 || naming === overTls) return measured(naming > 0, overTls);
    return notDetermined(
      `${naming} of ${overTls} requests used a connection that sent a server name (SNI).`,
      evidenceOf(overTls, naming),
    );
  }

  function summarizeReuse({ maxConcurrent }: SequenceFacts): ConnectionFact {
    const { kept, requests } = total;
    if (kept > 0) return measured(true, requests, kept);
    const most = maxConcurrent?.value;
    if (typeof most === 'number' && most <= fewAtOnce) return measured(false);
    return notDetermined(
      'No request came on a persistent connection. Only a synchronization of many users with few concurrent requests shows whether connections are reused.',
      evidenceOf(requests),
    );
  }

  function findIntermediary(stated: boolean | null): ConnectionFact {
    const { fromPlatform, fromOthers } = total;
    const added = seen.get('forwardingHeaders')?.values.size ?? 0;
    if (added > 0 || fromOthers > 0) return measured(true);
    if (fromPlatform > 0) return measured(false, fromPlatform);
    if (stated !== null) return { determined: 'answered', value: stated };
    return notDetermined(
      'No proxy header was seen, which does not rule out a proxy. Specify --platform-address or --intermediary.',
      evidenceOf(total.requests),
    );
  }

  return {
    add(request) {
      const { transport, client, peer, isFromPlatform, isOnKeptConnection } = request;
      at = new Date().toISOString();
      clients.add(client);
      peers.add(peer);
      total.requests++;
      if (transport.tlsVersion !== null) total.overTls++;
      if (transport.sendsServerName) total.naming++;
      if (isOnKeptConnection) total.kept++;
      if (isFromPlatform !== null) total[isFromPlatform ? 'fromPlatform' : 'fromOthers']++;
      for (const [name, one] of seen) {
        const values: readonly string[] | null = lists[name][0](request);
        if (values === null) continue;
        one.requests++;
        for (const value of values) one.values.add(value);
      }
    },
    summarize(stated, sequence) {
      if (total.requests === 0)
        return stated === null ? {} : { intermediary: { determined: 'answered', value: stated } };
      const listed = Object.fromEntries([...seen.keys()].map((name) => [name, summarizeList(name)]));
      return {
        ...listed,
        sendsServerName: summarizeServerName(),
        reusesConnections: summarizeReuse(sequence),
        ...sequence,
        peerAddresses: measured(peers.size),
        intermediary: findIntermediary(stated),
      };
    },
  };
}

/** Returns the facts of an interrupted run together with those of the run that resumed it. */
export function mergeConnectionFacts(before: ConnectionFacts, now: ConnectionFacts): ConnectionFacts {
  const names = [...new Set([...Object.keys(before), ...Object.keys(now)])] as Array<keyof ConnectionFacts>;
  return Object.fromEntries(
    names.flatMap((name) => {
      const fact = mergeFacts(name, before[name], now[name]);
      return fact === undefined ? [] : [[name, fact]];
    }),
  );
}

/** One persistent connection, or one sign of an intermediary, is enough. */
const isOnceEnough: ReadonlySet<string> = new Set(['reusesConnections', 'intermediary']);

function mergeFacts(
  name: keyof ConnectionFacts,
  before: ConnectionFact | undefined,
  now: ConnectionFact | undefined,
): ConnectionFact | undefined {
  if (before === undefined || before.determined === 'no') return now ?? before;
  if (now === undefined || now.determined === 'no' || name === 'betweenRequestsMs')
    return now?.determined === 'measured' ? now : before;
  const evidence = addUp([...(before.evidence ?? []), ...(now.evidence ?? [])]);
  const withEvidence = (fact: ConnectionFact) => ({ ...fact, ...(evidence.length > 0 && { evidence }) });
  const [one, other] = [before.value, now.value];
  if (Array.isArray(one) && Array.isArray(other)) return { ...withEvidence(now), value: unite(name, one, other) };
  if (typeof one === 'number' && typeof other === 'number') {
    return { ...withEvidence(now), value: Math.max(one, other) };
  }
  if (one === other) return withEvidence(now);
  if (isOnceEnough.has(name)) return withEvidence(one === true ? before : now);
  return notDetermined('The runs disagree.', evidence);
}

function unite(name: string, one: readonly string[], other: readonly string[]): string[] {
  const all = [...new Set([...one, ...other])];
  return isOrdered.has(name) ? all : all.sort();
}

function addUp(evidence: readonly Evidence[]): Evidence[] {
  const [first, ...others] = evidence;
  if (first === undefined) return [];
  const sum = others.reduce(
    (total, one) => ({
      ...one,
      tries: total.tries + one.tries,
      agreeing: total.agreeing + one.agreeing,
      clients: [...new Set([...total.clients, ...one.clients])],
    }),
    first,
  );
  return [sum];
}
