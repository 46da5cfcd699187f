// The state of a run: what its experiments found so far, and the profile from which another run can resume.
import type {
  Evidence,
  Fact,
  LockOutFound,
  PlatformProfile,
  Repeats,
  Responses,
} from '../../schemas/generated/platform-profile.ts';
import { createConnectionRecorder, mergeConnectionFacts } from './connection-facts.ts';
import { orderExperiments } from './experiment-order.ts';
import { experiments, measurements } from './experiments.ts';
import { createPlatformProfile, type FoundFacts, notDetermined } from './platform-profile.ts';
import type { LearnSession } from './play-step.ts';
import { describeSequence } from './request-sequence.ts';
import { type Reading, unexpected } from './run-experiment.ts';
import { type FactName, isResponseName } from './variants.ts';

/** What one experiment shows about one assumption, or about one unusual response. */
export interface ReadFact {
  readonly experiment: string;
  readonly assumption: FactName;
  /** Undefined: not decided; `reason` states why. */
  readonly value: Reading | undefined;
  readonly reason: string;
  readonly determined: Exclude<Fact['determined'], 'no'>;
  readonly evidence: Evidence | null;
}

type Control = NonNullable<NonNullable<PlatformProfile['run']>['control']>;

export interface LearnRun {
  readonly seed: number;
  readonly order: readonly string[];
  /** Profile of the interrupted run; null: this run does not resume another one. */
  readonly before: PlatformProfile | null;
  /** Facts of measurements. */
  found: FoundFacts;
  repeats: Repeats;
  /** By experiment. */
  readonly readFacts: Map<string, readonly ReadFact[]>;
  control: Control | null;
  lockOut: LockOutFound | null;
}

export function startRun(seed: number, names: Iterable<string>): LearnRun {
  const order = orderExperiments(seed, names);
  return { seed, order, before: null, found: {}, repeats: {}, readFacts: new Map(), control: null, lockOut: null };
}

/** @param names the experiments to run instead of those of the interrupted run. */
export function resumeRun(before: PlatformProfile, names: Iterable<string> | null): LearnRun {
  const { seed = 0, order = [], results = [] } = before.run ?? {};
  const facts: Readonly<Partial<Record<FactName, Fact>>> = { ...before.facts, ...before.responses };
  const readFacts = results.map(({ experiment, readings }) => {
    const list = Object.entries(readings).map(([name, value]): ReadFact => {
      const assumption = name as FactName;
      const fact = facts[assumption];
      const evidence = fact?.evidence?.find((one) => one.experiment === experiment) ?? null;
      const source = experiments
        .find(({ id }) => id === experiment)
        ?.reads.find((one) => one.assumption === assumption)?.source;
      // The driver is that of the interrupted run, because a fact that is not determined does not state it.
      const shown = before.run?.driver ?? 'answered';
      return {
        experiment,
        assumption,
        value,
        reason: '',
        determined: source === 'measured' ? source : shown,
        evidence,
      };
    });
    return [experiment, list] as const;
  });
  const measured = measurements.flatMap(({ determines }) =>
    determines.flatMap((name) => {
      const fact = facts[name];
      return fact?.determined === 'no' || fact === undefined ? [] : [[name, fact] as const];
    }),
  );
  return {
    ...{ seed, order: names === null ? orderExperiments(seed, order) : orderExperiments(seed, names), before },
    ...{ found: Object.fromEntries(measured), repeats: before.repeats ?? {}, readFacts: new Map(readFacts) },
    ...{ control: null, lockOut: before.run?.lockOut ?? null },
  };
}

/** Returns the names of the experiments that are not decided yet, in their order. */
export function findLeft({ order, found, readFacts }: LearnRun): readonly string[] {
  return order.filter((name) => {
    const [assumption] = measurements.find(({ id }) => id === name)?.determines ?? [];
    if (assumption !== undefined) return (found[assumption]?.determined ?? 'no') === 'no';
    const facts = readFacts.get(name);
    return facts === undefined || facts.some(({ value }) => value === undefined);
  });
}

/** Drops the result of an experiment that has to be repeated. */
export function dropResult(run: LearnRun, name: string): void {
  const measured: readonly string[] = measurements.find(({ id }) => id === name)?.determines ?? [];
  run.readFacts.delete(name);
  run.found = Object.fromEntries(Object.entries(run.found).filter(([assumption]) => !measured.includes(assumption)));
}

/** Returns what is known so far, as a profile. */
export function toProfile(run: LearnRun, session: LearnSession, platform: string): PlatformProfile {
  const facts: { -readonly [Name in keyof FoundFacts]: FoundFacts[Name] } = { ...run.found };
  const responses: Responses = {};
  const all = [...run.readFacts.values()].flat();
  for (const { assumption } of all) {
    const own = all.filter((fact) => fact.assumption === assumption);
    const fact = combine(assumption, own, run);
    if (isResponseName(assumption)) responses[assumption] = fact;
    else facts[assumption] = fact;
  }
  facts.basicWithoutChallenge = findBasicFact(session, run.before?.facts.basicWithoutChallenge);
  const hasSeenProvided = session.hasSeenProvided || run.before?.run?.hasSeenProvided === true;
  const { mergeRule } = facts;
  // An identity provider that provides no data looks like one whose data is overridden.
  if (mergeRule?.value === 'override' && !hasSeenProvided) {
    facts.mergeRule = notDetermined(
      'No test user ever had the group of the identity provider. The group may have been overridden, or may never have existed.',
      mergeRule.evidence,
    );
  }
  const hasDrifted = run.control?.outcome === 'different';
  return createPlatformProfile(
    hasDrifted ? withdraw(facts, run) : facts,
    {
      platform,
      ...(Object.keys(run.repeats).length > 0 && {
        repeats: hasDrifted ? withdraw({ ...run.repeats }, run) : run.repeats,
      }),
      ...(Object.keys(responses).length > 0 && { responses: hasDrifted ? withdraw({ ...responses }, run) : responses }),
      run: {
        ...{ seed: run.seed, order: [...run.order], usedUsers: session.usedUsers(), hasSeenProvided },
        driver: session.driver.source,
        results: hasDrifted ? [] : findResults(run),
        ...(run.lockOut !== null && { lockOut: run.lockOut }),
        ...(run.control !== null && { control: run.control }),
      },
      connection: findConnectionFacts(session, run.before),
      disturbances: addUp({ voidTries: session.voidTries, ...session.endpoint.counts }, run.before),
    },
    new Date(),
  );
}

/** Withdraws all facts: no fact is stated about a platform whose behavior changed during the run. */
function withdraw<Facts extends Readonly<Record<string, Fact | undefined>>>(
  facts: Facts,
  { control }: LearnRun,
): Facts {
  const reason = `The platform changed its behavior during the run: ${control?.experiment} had a different result at the end.`;
  return Object.fromEntries(
    Object.entries(facts).map(([name, fact]) => [name, notDetermined(reason, fact?.evidence)]),
  ) as Facts;
}

function findResults({ readFacts }: LearnRun) {
  return [...readFacts].flatMap(([experiment, facts]) => {
    if (facts.some(({ value }) => value === undefined)) return [];
    return [
      { experiment, readings: Object.fromEntries(facts.map(({ assumption, value }) => [assumption, value ?? null])) },
    ];
  });
}

/** Combines the facts of several experiments about one assumption, which must all show the same value. */
function combine(assumption: FactName, facts: readonly ReadFact[], run: LearnRun): Fact {
  const evidence = facts.flatMap((fact) => fact.evidence ?? []);
  const telling = facts.filter(({ value }) => value !== null);
  const undecided = telling.find(({ value }) => value === undefined);
  if (undecided !== undefined) return notDetermined(`${undecided.experiment}: ${undecided.reason}`, evidence);
  const missing = experiments.filter(
    ({ id, reads }) =>
      run.order.includes(id) && !run.readFacts.has(id) && reads.some((read) => read.assumption === assumption),
  );
  if (missing.length > 0) return notDetermined(`Not run yet: ${missing.map(({ id }) => id).join(', ')}.`, evidence);
  const [first] = telling;
  if (first === undefined) return notDetermined(reasonForNullOf(assumption), evidence);
  const odd = telling.find(({ value }) => value === unexpected);
  if (odd !== undefined) {
    return notDetermined(`${odd.experiment}: no known value describes what the platform does.`, evidence);
  }
  if (new Set(telling.map(({ value }) => value)).size > 1) {
    const shown = telling.map(({ experiment, value }) => `${experiment} ${value}`).join(', ');
    return notDetermined(`The experiments show different values: ${shown}.`, evidence);
  }
  return { determined: first.determined, value: first.value as string | boolean, evidence };
}

function reasonForNullOf(assumption: FactName): string {
  const reads = experiments.flatMap((experiment) => experiment.reads);
  const read = reads.find((one) => one.assumption === assumption && one.reasonForNull !== undefined);
  return read?.reasonForNull ?? 'No experiment shows this fact on this platform.';
}

/** Determines whether the first request of each step had credentials. */
function findBasicFact({ requests, beginsWithBasic }: LearnSession, before: Fact | undefined): Fact {
  const [earlier = { tries: 0, agreeing: 0, clients: [] }] = before?.evidence ?? [];
  const earlierAtOnce = before?.value === true ? earlier.agreeing : earlier.tries - earlier.agreeing;
  const tries = earlier.tries + beginsWithBasic.length;
  if (tries === 0) return notDetermined('No experiment ran.');
  const atOnce = earlierAtOnce + beginsWithBasic.filter(Boolean).length;
  const at = new Date().toISOString();
  const clients = [...new Set([...earlier.clients, ...requests.map(({ client }) => client)])];
  const evidence = [{ experiment: 'all', tries, agreeing: Math.max(atOnce, tries - atOnce), at, clients }];
  if (before?.determined === 'no' && earlier.tries > 0) return { ...before, evidence };
  if (atOnce === 0 || atOnce === tries) return { determined: 'measured', value: atOnce > 0, evidence };
  return notDetermined(`The platform sent credentials without a challenge in ${atOnce} of ${tries} cases.`, evidence);
}

function findConnectionFacts(session: LearnSession, before: PlatformProfile | null): PlatformProfile['connection'] {
  const recorder = createConnectionRecorder('all');
  for (const request of session.requests) recorder.add(request);
  const sequence = describeSequence(session.endpoint.sequence(), 'all');
  return mergeConnectionFacts(before?.connection ?? {}, recorder.summarize(session.intermediary, sequence));
}

function addUp(
  counts: PlatformProfile['disturbances'],
  before: PlatformProfile | null,
): PlatformProfile['disturbances'] {
  const { voidTries = 0, otherUsers = 0, unexpected: others = 0, rejectedCredentials = 0 } = before?.disturbances ?? {};
  return {
    voidTries: counts.voidTries + voidTries,
    otherUsers: counts.otherUsers + otherUsers,
    unexpected: counts.unexpected + others,
    rejectedCredentials: counts.rejectedCredentials + rejectedCredentials,
  };
}
