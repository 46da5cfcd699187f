// Facts about the sequence of requests: concurrency, order, intervals, and repeats after a failure.
import type { ConnectionFact, ConnectionFacts, Evidence, Repeats } from '../../schemas/generated/platform-profile.ts';
import { notDetermined } from './platform-profile.ts';

export interface SequencedRequest {
  /** In memory only. */
  readonly userid: string;
  /** Digest. */
  readonly client: string;
  /** Number of the step that was in progress when the request arrived; null: none was. */
  readonly step: number | null;
  /** In ms of `performance.now()`. */
  readonly startedMs: number;
  readonly endedMs: number;
  /** No usable response: 5xx, 429 (only for observed requests), or the connection closed before the response was complete. */
  readonly isFailed: boolean;
}

/** Maximum number of requests to keep; older ones are discarded. */
export const maxSequence = 20_000;

/** A longer pause ends the synchronization of many users. */
const longestGapMs = 2000;
/** Minimum number of users in a sync; fewer may be users who log in at the same time. */
const usersOfSync = 10;
const enoughGaps = 20;
/** Share of the gaps that lie below the interval, and share that lies above it. */
const outside = 0.05;
const noSync = `No synchronization of ${usersOfSync} users or more was seen.`;
const severalClients = 'More than one client sent requests.';

export type SequenceFacts = Pick<ConnectionFacts, 'maxConcurrent' | 'order' | 'betweenRequestsMs'>;

/** @param experiment name in the evidence. */
export function describeSequence(all: readonly SequencedRequest[], experiment: 'all' | 'observed'): SequenceFacts {
  const clients = [...new Set(all.map(({ client }) => client))];
  const syncs = clients.length > 1 ? [] : findSyncs(all);
  const at = new Date().toISOString();
  const evidenceOf = (tries: number): Evidence[] => [{ experiment, tries, agreeing: tries, at, clients }];
  if (syncs.length === 0) {
    const fact = notDetermined(clients.length > 1 ? severalClients : noSync);
    return { maxConcurrent: fact, order: fact, betweenRequestsMs: fact };
  }
  const evidence = evidenceOf(syncs.length);
  const maxConcurrent = Math.max(...syncs.map(findConcurrency));
  return {
    maxConcurrent: { determined: 'measured', value: maxConcurrent, evidence },
    order: findOrder(syncs, maxConcurrent, evidence),
    betweenRequestsMs: findGaps(syncs, evidenceOf),
  };
}

/**
 * Returns the requests of each synchronization of many users, in the order in which they began. The experiments determine
 * when one step follows another, so each step is a separate sequence.
 */
function findSyncs(all: readonly SequencedRequest[]): ReadonlyArray<readonly SequencedRequest[]> {
  const bursts: SequencedRequest[][] = [];
  let latestMs = Number.NEGATIVE_INFINITY;
  for (const request of [...all].sort((one, other) => one.startedMs - other.startedMs)) {
    const burst = bursts.at(-1);
    const isNext = burst?.[0]?.step === request.step && request.startedMs - latestMs <= longestGapMs;
    if (burst !== undefined && isNext) burst.push(request);
    else bursts.push([request]);
    latestMs = Math.max(latestMs, request.endedMs);
  }
  return bursts.filter((burst) => usersOf(burst).length >= usersOfSync);
}

function usersOf(requests: readonly SequencedRequest[]): string[] {
  return [...new Set(requests.map(({ userid }) => userid))];
}

function findConcurrency(requests: readonly SequencedRequest[]): number {
  const changes = requests.flatMap(({ startedMs, endedMs }) => [
    { at: startedMs, by: 1 },
    { at: endedMs, by: -1 },
  ]);
  // If a request ends at the moment another one starts, the end is counted first.
  changes.sort((one, other) => one.at - other.at || one.by - other.by);
  let most = 0;
  let inFlight = 0;
  for (const { by } of changes) {
    inFlight += by;
    most = Math.max(most, inFlight);
  }
  return most;
}

function findOrder(
  syncs: ReadonlyArray<readonly SequencedRequest[]>,
  maxConcurrent: number,
  evidence: Evidence[],
): ConnectionFact {
  const orders = syncs.map(usersOf);
  const isByName = orders.every((users) => users.every((user, at) => at === 0 || (users[at - 1] ?? '') < user));
  if (isByName) return { determined: 'measured', value: 'by name', evidence };
  // Concurrent requests arrive in any order.
  if (maxConcurrent > 1) return notDetermined('The requests overlap.', evidence);
  const [first = [], ...others] = orders;
  if (others.length === 0) return notDetermined('Only one synchronization was seen.', evidence);
  const isSame = others.every((users) => {
    const common = new Set(users.filter((user) => first.includes(user)));
    const [one, other] = [first, users].map((list) => list.filter((user) => common.has(user)).join('\n'));
    return common.size >= usersOfSync && one === other;
  });
  return { determined: 'measured', value: isSame ? 'the same each time' : 'different each time', evidence };
}

function findGaps(
  syncs: ReadonlyArray<readonly SequencedRequest[]>,
  evidenceOf: (tries: number) => Evidence[],
): ConnectionFact {
  const gaps = syncs
    .flatMap((requests) =>
      requests.slice(1).map(({ startedMs }, at) => startedMs - (requests[at]?.startedMs ?? startedMs)),
    )
    .sort((one, other) => one - other);
  const evidence = evidenceOf(gaps.length);
  if (gaps.length < enoughGaps) return notDetermined('Too few requests were seen.', evidence);
  return toTime(gaps, outside, evidence);
}

/** A request for the user after a longer pause is not a repeat. */
const longestPauseMs = 60_000;
const enoughFailures = 3;

/**
 * Returns how often a request that keeps failing is repeated in ordinary operation, and the pause before the first repeat.
 *
 * @param untilMs end of the observation.
 */
export function findObservedRepeats(
  all: readonly SequencedRequest[],
  untilMs: number,
): Pick<Repeats, 'observed' | 'observedPauseMs'> {
  const clients = [...new Set(all.map(({ client }) => client))];
  const chains = findChains(all).filter((chain) => isEnded(chain, untilMs));
  const at = new Date().toISOString();
  const evidence = [{ experiment: 'observed', tries: chains.length, agreeing: chains.length, at, clients }];
  const open = (reason: string) => {
    const fact = notDetermined(reason, chains.length === 0 ? [] : evidence);
    return { observed: fact, observedPauseMs: fact };
  };
  if (chains.length === 0)
    return open('No request failed, or the observation ended less than a minute after the failure.');
  if (clients.length > 1) return open(severalClients);
  if (chains.length < enoughFailures) return open(`Fewer than ${enoughFailures} failures were seen.`);
  // Only a request that fails every time shows how often it is repeated.
  const failed = chains.filter((chain) => chain.at(-1)?.isFailed);
  const counts = new Set(failed.map((chain) => chain.length - 1));
  const [count = 0] = counts;
  const isContradicted = counts.size > 1 || chains.some((chain) => chain.length - 1 > count);
  if (failed.length < enoughFailures || isContradicted) {
    const repeated = chains.filter((chain) => chain.length > 1).length;
    return open(
      `${repeated} of ${chains.length} failed requests were followed by another request for the same user within a minute.`,
    );
  }
  const pauses = failed
    .flatMap(([first, second]) => (first && second ? [Math.max(0, second.startedMs - first.endedMs)] : []))
    .sort((one, other) => one - other);
  return {
    observed: { determined: 'measured', value: count, evidence },
    observedPauseMs: pauses.length === 0 ? notDetermined('No request was repeated.') : toTime(pauses, 0, evidence),
  };
}

/** @param times in ascending order. @param outside share of the times below the interval, and of those above it. */
function toTime(times: readonly number[], outside: number, evidence: Evidence[]) {
  const share = (part: number) => times[Math.floor((times.length - 1) * part)] ?? 0;
  const interval = { low: Math.floor(share(outside)), high: Math.ceil(share(1 - outside)) };
  return { determined: 'measured' as const, value: Math.round(share(1 / 2)), interval, evidence };
}

/** Returns each failed request with the requests for the same user, each within a minute of the previous one, up to one that succeeds. */
function findChains(all: readonly SequencedRequest[]): SequencedRequest[][] {
  const chains: SequencedRequest[][] = [];
  const current = new Map<string, SequencedRequest[]>();
  for (const request of [...all].sort((one, other) => one.startedMs - other.startedMs)) {
    const chain = current.get(request.userid);
    const last = chain?.at(-1);
    if (chain !== undefined && last !== undefined && request.startedMs - last.endedMs <= longestPauseMs) {
      chain.push(request);
      if (!request.isFailed) current.delete(request.userid);
      continue;
    }
    current.delete(request.userid);
    if (!request.isFailed) continue;
    const begun = [request];
    chains.push(begun);
    current.set(request.userid, begun);
  }
  return chains;
}

/** Returns whether no further repeat can follow. */
function isEnded(chain: readonly SequencedRequest[], untilMs: number): boolean {
  const last = chain.at(-1);
  return last !== undefined && (!last.isFailed || untilMs - last.endedMs > longestPauseMs);
}
