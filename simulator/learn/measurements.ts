// Map from the names of measurements in experiments.yaml to their code.
import type { Measurement } from '../../schemas/generated/learn-experiments.ts';
import type { Repeats } from '../../schemas/generated/platform-profile.ts';
import { measureBodyLimit } from './measure-body-limit.ts';
import { measureRepeats, measureTimeLimit } from './measure-times.ts';
import type { FoundFacts } from './platform-profile.ts';
import type { LearnSession } from './play-step.ts';

interface Measured {
  readonly facts: FoundFacts;
  readonly repeats: Repeats;
}

/** @param maxWaitMs maximum delay of a response, in ms. */
type Measure = (session: LearnSession, maxWaitMs: number) => Promise<Measured>;

export const measureBy: Readonly<Record<Measurement['measuredBy'], Measure>> = {
  async 'time-limit'(session, maxWaitMs) {
    const { timeoutMs, repeats } = await measureTimeLimit(session, maxWaitMs);
    return { facts: { timeoutMs }, repeats };
  },
  repeats: (session) => measureRepeats(session),
  'body-limit': async (session) => ({ facts: { maxBodyBytes: await measureBodyLimit(session) }, repeats: {} }),
};
