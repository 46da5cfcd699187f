// All experiments on one platform, in order, and the facts that follow from them.
import type { Evidence, Fact, PlatformProfile } from '../../schemas/generated/platform-profile.ts';
import type { Decision } from './decide.ts';
import { type Experiment, experiments } from './experiments.ts';
import type { LearningEndpoint } from './learning-endpoint.ts';
import { measureBodyLimit } from './measure-body-limit.ts';
import { measureRepeats, measureTimeLimit } from './measure-times.ts';
import { type PlatformDriver, PlatformError } from './platform-driver.ts';
import { type Assumption, createPlatformProfile, type FoundFacts, notDetermined } from './platform-profile.ts';
import { createSession, type LearnSession, playStep } from './play-step.ts';
import { type Reading, runExperiment, unexpected } from './run-experiment.ts';
import { toEvidence } from './to-evidence.ts';

export interface LearnOptions {
  readonly endpoint: LearningEndpoint;
  readonly driver: PlatformDriver;
  /** Of the test users' names. */
  readonly prefix: string;
  /** Name and version of the platform, as the operator gives them. */
  readonly platform: string;
  /** How long a response is delayed at most, in ms. */
  readonly maxWaitMs: number;
  /** Time before the platform's data is read, in ms. */
  readonly settleMs: number;
  /** Names of the experiments to run. Default: all. */
  readonly only?: ReadonlySet<string>;
  /** Called before each experiment. */
  readonly onExperiment?: (id: string) => void;
}

/** The experiments cannot begin; the message says what to do. */
export class CannotLearn extends Error {
  override readonly name = 'CannotLearn';
}

/** Names of all experiments, in their order. */
export const experimentNames: readonly string[] = [
  ...['no-response', 'repeats'],
  ...experiments.map(({ id }) => id),
  'padded-body',
];

interface ReadFact {
  readonly value: Reading | undefined;
  readonly reason: string;
  readonly source: 'measured' | 'read-by-api';
  readonly evidence: Evidence;
}

const preflightTries = 3;

/** @throws {CannotLearn} before the first experiment. @throws {PlatformError} when the platform stops responding. */
export async function learnPlatform(options: LearnOptions): Promise<PlatformProfile> {
  const { endpoint, driver, prefix, maxWaitMs, onExperiment = () => {} } = options;
  const others = await driver.countOtherUsers(prefix);
  if (others > 0) {
    throw new CannotLearn(
      `The IAM has ${others === 1 ? '1 user whose name does' : `${others} users whose names do`} not begin with ${prefix}. The experiments could remove their access. Use an IAM with test users only.`,
    );
  }
  const session = createSession(endpoint, driver, options);
  await checkConnection(session);

  const found: Partial<Record<Assumption, Fact>> = {};
  const readFacts = new Map<Assumption, ReadFact[]>();
  for (const name of experimentNames) {
    if (options.only?.has(name) === false) continue;
    onExperiment(name);
    if (name === 'no-response') {
      found.timeoutMs = await measureTimeLimit(session, maxWaitMs);
      if (typeof found.timeoutMs.value === 'number') session.slowMs = found.timeoutMs.value / 2;
    } else if (name === 'repeats') Object.assign(found, await measureRepeats(session));
    else if (name === 'padded-body') found.maxBodyBytes = await measureBodyLimit(session);
    else {
      const experiment = experiments.find(({ id }) => id === name);
      for (const [assumption, fact] of experiment === undefined ? [] : await readExperiment(session, experiment)) {
        readFacts.set(assumption, [...(readFacts.get(assumption) ?? []), fact]);
      }
    }
  }
  for (const [assumption, facts] of readFacts) found[assumption] = combine(facts, reasonForNullOf(assumption));
  found.basicWithoutChallenge = findBasicFact(session);
  return createPlatformProfile(
    { ...found, ...withoutUnprovenOverride(found, session) },
    {
      platform: options.platform,
      connection: findConnectionFacts(session),
      disturbances: { voidTries: session.voidTries, ...endpoint.counts },
    },
    new Date(),
  );
}

/** A first user, so that a wrong setting is reported before anything is measured. */
async function checkConnection(session: LearnSession): Promise<void> {
  let reason = '';
  for (let tries = 0; tries < preflightTries; tries++) {
    const user = session.takeUser() ?? '';
    let observation: Awaited<ReturnType<typeof playStep>>;
    try {
      observation = await playStep(session, user, { respond: { groups: ['learn-first'] } });
    } catch (error) {
      if (error instanceof PlatformError) throw new CannotLearn(error.message, { cause: error });
      throw error;
    }
    if (observation.user?.groups.some((name) => name.toLowerCase() === 'learn-first')) return;
    reason = observation.voidReason ?? 'the platform does not show the group of the response';
  }
  const { rejectedCredentials } = session.endpoint.counts;
  throw new CannotLearn(
    `The first test user was not synchronized: ${reason}. ${
      rejectedCredentials > 0 ? 'The platform sent other credentials than --username and the password.' : ''
    } Check the IAM's settings and its test users.`.replace('  ', ' '),
  );
}

async function readExperiment(
  session: LearnSession,
  experiment: Experiment,
): Promise<ReadonlyArray<readonly [Assumption, ReadFact]>> {
  const isUntrusted = experiment.steps.some(({ presentsUntrusted }) => presentsUntrusted);
  if (isUntrusted && !session.endpoint.url.startsWith('https:')) return [];
  const decision: Decision<readonly Reading[]> = await runExperiment(session, experiment);
  const { result, reason, tries, agreeing } = decision;
  const observations = tries.flatMap((one) => one.observations);
  const evidence = toEvidence(experiment.id, observations, tries.length, agreeing);
  return experiment.reads.map(({ assumption, source }, at) => [
    assumption,
    { value: result?.[at], reason, source, evidence },
  ]);
}

function reasonForNullOf(assumption: Assumption): string {
  const reads = experiments.flatMap((experiment) => experiment.reads);
  const read = reads.find((one) => one.assumption === assumption && one.reasonForNull !== undefined);
  return read?.reasonForNull ?? 'No experiment shows it on this platform.';
}

/** Several experiments about one assumption must all show the same. */
function combine(facts: readonly ReadFact[], reasonForNull: string): Fact {
  const evidence = facts.map((fact) => fact.evidence);
  const telling = facts.filter(({ value }) => value !== null);
  const undecided = telling.find(({ value }) => value === undefined);
  if (undecided !== undefined) return notDetermined(`${undecided.evidence.experiment}: ${undecided.reason}`, evidence);
  const [first] = telling;
  if (first === undefined) return notDetermined(reasonForNull, evidence);
  const odd = telling.find(({ value }) => value === unexpected);
  if (odd !== undefined) {
    return notDetermined(`${odd.evidence.experiment}: no known value describes what the platform does.`, evidence);
  }
  if (new Set(telling.map(({ value }) => value)).size > 1) {
    const shown = telling.map((fact) => `${fact.evidence.experiment} ${fact.value}`).join(', ');
    return notDetermined(`The experiments show different values: ${shown}.`, evidence);
  }
  return { determined: first.source, value: first.value as string | boolean, evidence };
}

/** An identity provider that gives nothing looks like one whose data is overridden. */
function withoutUnprovenOverride({ mergeRule }: FoundFacts, { hasSeenProvided }: LearnSession): FoundFacts {
  if (mergeRule?.value !== 'override' || hasSeenProvided) return {};
  const reason =
    'No test user ever had the group of the identity provider, so that the group may be overridden or may never have been there.';
  return { mergeRule: notDetermined(reason, mergeRule.evidence) };
}

/** Whether the first request of each step had credentials. */
function findBasicFact({ requests, beginsWithBasic }: LearnSession): Fact {
  const tries = beginsWithBasic.length;
  const atOnce = beginsWithBasic.filter(Boolean).length;
  const at = new Date().toISOString();
  const clients = [...new Set(requests.map(({ client }) => client))];
  const evidence = [{ experiment: 'all', tries, agreeing: Math.max(atOnce, tries - atOnce), at, clients }];
  if (atOnce === 0 || atOnce === tries) return { determined: 'measured', value: atOnce > 0, evidence };
  return notDetermined(`The platform sent credentials at once in ${atOnce} of ${tries} cases.`, evidence);
}

function findConnectionFacts({ requests }: LearnSession): PlatformProfile['connection'] {
  const transports = requests.map(({ transport }) => transport);
  const distinct = <Value>(values: readonly Value[]) => [...new Set(values)].sort();
  return {
    httpVersions: distinct(transports.map(({ httpVersion }) => httpVersion)),
    tlsVersions: distinct(transports.flatMap(({ tlsVersion }) => (tlsVersion === null ? [] : [tlsVersion]))),
    clientCertificates: distinct(transports.map(({ clientCertificate }) => clientCertificate)),
    reusesConnections: requests.some(({ isOnKeptConnection }) => isOnKeptConnection),
  };
}
