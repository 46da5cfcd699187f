// Evidence of a fact: which experiment, when, how many tries, and digests of the client's requests.
import type { Evidence } from '../../schemas/generated/platform-profile.ts';
import type { StepObservation } from './play-step.ts';

export function toEvidence(
  experiment: string,
  observations: readonly StepObservation[],
  tries: number,
  agreeing: number,
): Evidence {
  const clients = new Set(observations.flatMap(({ requests }) => requests.map(({ client }) => client)));
  return { experiment, tries, agreeing, at: new Date().toISOString(), clients: [...clients] };
}
