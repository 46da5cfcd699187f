// Comparison of two endpoints: requests the same users from the old and the new endpoint, and returns only the differences. Stores nothing.
import type { LoadedIamSettings } from '../../schemas/generated/loaded-iam-settings.ts';
import type { Simulator } from '../open-simulator.ts';
import { describeGainedAccess, type UserDifference } from './diff-runs.ts';
import type { Answer } from './evaluate-response.ts';
import { loadIamSettings, readClientCredentials } from './iam-settings.ts';
import { createLatencyRecorder, type LatencySummary } from './latency.ts';
import { createPlatformClient, type PlatformClient } from './platform-client.ts';
import { listUserids } from './stored-users.ts';
import { SyncError } from './sync-error.ts';
import type { SyncControl, UserList } from './sync-request.ts';

export interface ComparedEndpoint {
  readonly uri: string;
  readonly answered: number;
  readonly latency: LatencySummary | null;
}

export interface EndpointComparison {
  readonly users: number;
  readonly old: ComparedEndpoint;
  readonly new: ComparedEndpoint;
  /** By user name. `detail` is the reason for a failure of the new endpoint. */
  readonly differences: readonly UserDifference[];
}

/**
 * Requests each user from the endpoint of an IAM and from another endpoint.
 *
 * @param other settings of the other endpoint, not yet validated. @param list the users; null: the users in the store.
 * @throws {IdentityError} `unknown` for the IAM. @throws {SyncError} for invalid settings, or if there are no users to request. @throws the reason of
 * the signal.
 */
export async function compareEndpoints(
  simulator: Simulator,
  iam: string,
  other: unknown,
  list: UserList | null,
  { signal = new AbortController().signal, onProgress }: Pick<SyncControl, 'signal' | 'onProgress'> = {},
): Promise<EndpointComparison> {
  const settings = loadIamSettings(simulator.identities.iams.get(iam).settings);
  const sides = [openSide(settings), openSide(loadIamSettings(other))] as const;
  const userids = listUserids(simulator, iam, list, settings.normalizeUserId);
  const differences: UserDifference[] = [];
  let next = 0;
  let done = 0;
  async function work(): Promise<void> {
    for (let userid = userids[next++]; userid !== undefined; userid = userids[next++]) {
      const [before, after] = await Promise.all([sides[0].ask(userid, signal), sides[1].ask(userid, signal)]);
      const difference = diffAnswers(userid, before, after);
      if (difference !== null) differences.push(difference);
      onProgress?.({ phase: 'requesting', done: ++done, total: userids.length });
    }
  }
  try {
    if (userids.length === 0)
      throw new SyncError('refused', `There are no users of ${iam} to compare. Specify a user list.`);
    await Promise.all(Array.from({ length: settings.sync.concurrency }, work));
  } finally {
    await Promise.all(sides.map((side) => side.close()));
  }
  differences.sort((one, two) => (one.userid < two.userid ? -1 : 1));
  return { users: userids.length, old: sides[0].summarize(), new: sides[1].summarize(), differences };
}

/** Returns settings whose endpoint has another URI, with the same credentials and TLS files. */
export function withUri(settings: Readonly<Record<string, unknown>>, uri: string): Readonly<Record<string, unknown>> {
  const { externalUserInfo } = settings as Partial<LoadedIamSettings>;
  return { ...settings, externalUserInfo: { ...externalUserInfo, uri, useSSL: uri.startsWith('https:') } };
}

function openSide(settings: LoadedIamSettings) {
  const client: PlatformClient = createPlatformClient(settings, readClientCredentials(settings.externalUserInfo));
  const latency = createLatencyRecorder();
  let answered = 0;
  return {
    async ask(userid: string, signal: AbortSignal): Promise<Answer> {
      const startedMs = performance.now();
      const answer = await client.ask(userid, signal);
      latency.record(performance.now() - startedMs);
      if (answer.kind === 'user') answered++;
      return answer;
    },
    summarize: (): ComparedEndpoint => ({
      uri: settings.externalUserInfo.uri,
      answered,
      latency: latency.summarize(),
    }),
    close: () => client.close(),
  };
}

function diffAnswers(userid: string, before: Answer, after: Answer): UserDifference | null {
  const isSameFailure = before.kind === after.kind && before.status === after.status;
  const outcomes =
    before.kind === 'user' || after.kind === 'user' || !isSameFailure
      ? { before: before.kind, after: after.kind, detail: after.kind === 'user' ? null : after.detail }
      : null;
  if (before.kind === 'user' && after.kind === 'user') {
    const gained = describeGainedAccess(before.access, after.access);
    const lost = describeGainedAccess(after.access, before.access);
    if (gained.length + lost.length === 0) return null;
    return { userid, presence: 'both', outcomes: null, gained, lost };
  }
  return outcomes === null ? null : { userid, presence: 'both', outcomes, gained: [], lost: [] };
}
