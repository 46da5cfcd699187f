// Evidence of a fact: the experiment, its time, the number of tries, digests of the clients, and the times of the requests.
import type { Evidence, TimedRequest } from '../../schemas/generated/platform-profile.ts';
import type { StepObservation } from './play-step.ts';
import type { RecordedRequest } from './recorded-request.ts';

/** Maximum number of entries: more entries would only make the file longer. */
const maxSyncs = 100;

export function toEvidence(
  experiment: string,
  observations: readonly StepObservation[],
  tries: number,
  agreeing: number,
): Evidence {
  const clients = new Set(observations.flatMap(({ requests }) => requests.map(({ client }) => client)));
  const timeline = observations.slice(0, maxSyncs).map(({ requests }) => toTimeline(requests));
  return { experiment, tries, agreeing, at: new Date().toISOString(), clients: [...clients], timeline };
}

function toTimeline(requests: readonly RecordedRequest[]): TimedRequest[] {
  const beginMs = Math.min(...requests.map(({ startedMs }) => startedMs));
  return requests.map(({ startedMs, endedMs, isComplete, hasBasic, isHop }) => ({
    from: Math.round(startedMs - beginMs),
    ...(endedMs !== null && { to: Math.round(endedMs - beginMs) }),
    ...(!isComplete && { isIncomplete: true as const }),
    ...(!hasBasic && { isWithoutCredentials: true as const }),
    ...(isHop && { isRedirected: true as const }),
  }));
}
