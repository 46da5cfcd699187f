// Tests that the experiments recover the settings of simulated platforms: all settings without faults, and no incorrect setting with faults.
import { expect } from 'chai';
import fc from 'fast-check';
import type { Fact, PlatformProfile } from '../../schemas/generated/platform-profile.ts';
import { loadIamSettings } from '../sync/iam-settings.ts';
import { experimentNames, variantNames } from './experiment-order.ts';
import type { LearnOptions } from './learn-platform.ts';
import { createOperatorDriver } from './operator-driver.ts';
import { startDisturbance } from './testing/disturbance.ts';
import { findExpectedEffects } from './testing/expected-effects.ts';
import { createPerson, createPersonOperator } from './testing/simulated-person.ts';
import { type SimulatedPlatform, startSimulatedPlatform } from './testing/simulated-platform.ts';

/** Number of platforms in each test run; the nightly run sets more. */
const platforms = Number(process.env.LEARN_PLATFORMS ?? 20);
const disturbedPlatforms = Math.max(2, Math.ceil(platforms / 5));
const operatedPlatforms = Math.max(2, Math.ceil(platforms / 5));
const seed = Number(process.env.LEARN_SEED ?? 24);
const maxStops = 3;
/** Waiting for time limits takes most of the time. */
const atOnce = 4;

const failureRule = fc.constantFrom('keep', 'clear', 'disable', 'fail');
const nameCase = fc.constantFrom('keep', 'lower', 'upper');

/** Long enough for the responses of a busy machine, and short enough to wait for. */
const guesses = fc.record({
  timeoutMs: fc.integer({ min: 1500, max: 2500 }),
  retries: fc.constantFrom(0, 0, 1, 2),
  retryDelayMs: fc.integer({ min: 150, max: 300 }),
  followRedirects: fc.boolean(),
  verifyServerCertificate: fc.boolean(),
  basicWithoutChallenge: fc.boolean(),
  spaceAs: fc.constantFrom('%20', '+'),
  maxBodyBytes: fc.integer({ min: 4096, max: 2 ** 20 }),
  bodyProfile: fc.constantFrom('lenient', 'strict'),
  contentType: fc.constantFrom('any', 'json'),
  mergeRule: fc.constantFrom('union', 'attribute-override', 'override'),
  removalRule: fc.constantFrom('remove', 'keep'),
  groupCase: nameCase,
  attributeCase: nameCase,
  onNotFound: failureRule,
  onFailure: failureRule,
  disableGoneUsers: fc.boolean(),
  enableReturnedUsers: fc.boolean(),
});
const platform = fc.record({ guesses, isPlain: fc.boolean() });
type Platform = typeof platform extends fc.Arbitrary<infer Value> ? Value : never;

/**
 * Returns whether an experiment that should not take access makes the platform disable its user, so that the run stops once. A 201 or 206 is a
 * failure.
 */
const locksOut = ({ guesses: { onFailure } }: Platform) => onFailure === 'disable';

/**
 * Returns the experiments of a platform, with every second unusual response, because all of them take too long. Storing 10,000 groups would
 * disturb the times of the other platforms: variants.test.ts has them.
 *
 * @param at number of the platform.
 */
function chooseExperiments(at: number): ReadonlySet<string> {
  const left = new Set(variantNames.filter((name, index) => name === 'many-groups' || index % 2 !== at % 2));
  return new Set(experimentNames.filter((name) => !left.has(name)));
}

/** Runs all experiments, and resumes after a stop. @param isLockOutExpected null: lost requests may look like a lockout. */
async function learnAll(
  simulated: SimulatedPlatform,
  options: Partial<LearnOptions> & Pick<LearnOptions, 'only'>,
  isLockOutExpected: boolean | null,
): Promise<PlatformProfile> {
  let result = await simulated.learn(options);
  const signs: unknown[] = [];
  while (result.stopped !== null && signs.length < maxStops) {
    signs.push(result.profile.run?.lockOut?.sign);
    const before: PlatformProfile = JSON.parse(JSON.stringify(result.profile));
    result = await simulated.learn({ ...options, before });
  }
  if (isLockOutExpected !== null) {
    expect([result.stopped, signs]).to.deep.equal([null, isLockOutExpected ? ['test-user'] : []]);
  }
  return result.profile;
}

/** Returns the facts that no experiment can determine on a platform with these settings. */
function hiddenOn({ guesses: { retries, mergeRule, onNotFound, onFailure }, isPlain }: Platform): ReadonlySet<string> {
  const isNeverDisabled = onNotFound !== 'disable' && onFailure !== 'disable';
  const isProvidedHidden = mergeRule === 'override' && onNotFound === 'fail' && onFailure === 'fail';
  return new Set([
    ...['scheduleTimeZone', 'missedRuns', 'disableGoneUsers'],
    ...(retries === 0 ? ['retryDelayMs'] : []),
    ...(isPlain ? ['verifyServerCertificate'] : []),
    ...(isNeverDisabled ? ['enableReturnedUsers'] : []),
    ...(isProvidedHidden ? ['mergeRule'] : []),
  ]);
}

const times = new Set(['timeoutMs', 'retryDelayMs']);

function isRight(name: string, { value, interval }: Fact, truth: unknown): boolean {
  if (!times.has(name)) return value === truth;
  const isNear = typeof value === 'number' && Math.abs(value - Number(truth)) <= Number(truth) * 0.1;
  return isNear && interval !== undefined && interval.low <= value && value <= interval.high;
}

/** Returns the facts that differ from the platform's behavior or lack a reason, as "name: value instead of truth". */
function findWrongFacts({ facts }: PlatformProfile, { guesses: truth }: Platform): string[] {
  return Object.entries({ ...facts }).flatMap(([name, fact]) => {
    if (fact.determined === 'no') return fact.value === undefined && fact.reason ? [] : [`${name}: no reason`];
    const right = truth[name as keyof typeof truth];
    return isRight(name, fact, right) ? [] : [`${name}: ${fact.value} instead of ${right}`];
  });
}

/** Returns the facts that an experiment should have determined but did not. A time may be unstable on a busy machine, as its reason then states. */
function findMissingFacts({ facts }: PlatformProfile, platform: Platform): string[] {
  const hidden = hiddenOn(platform);
  return Object.entries({ ...facts }).flatMap(([name, { determined, reason = '' }]) => {
    if (determined !== 'no' || hidden.has(name)) return [];
    return times.has(name) && /busy|differ|shortly before/.test(reason) ? [] : [`${name}: ${reason}`];
  });
}

/** Returns the error in the fact about repeats after a timeout, if any. The simulator repeats a request after a timeout as often as after a 503. */
function findRepeatFaults({ repeats }: PlatformProfile, { guesses: { retries } }: Platform): string[] {
  const { timeout } = repeats ?? {};
  if (timeout === undefined) return ['repeats.timeout is missing'];
  const { determined, value, reason = '' } = timeout;
  if (determined === 'no') {
    return /time limit is not determined|before the time limit/.test(reason) ? [] : [`repeats.timeout: ${reason}`];
  }
  return value === retries ? [] : [`repeats.timeout: ${value} instead of ${retries}`];
}

/** Returns the facts about unusual responses that are not what the simulator does, and those that are missing. */
function findResponseFaults(
  { responses = {} }: PlatformProfile,
  { guesses: truth }: Platform,
  only: ReadonlySet<string>,
  mayMiss = false,
): string[] {
  const settings = loadIamSettings({ externalUserInfo: { uri: 'http://localhost' }, guesses: truth });
  return findExpectedEffects(settings, only).flatMap(([name, expected]) => {
    const { determined = 'no', value, reason = 'missing' } = responses[name] ?? {};
    if (determined === 'no') return mayMiss && value === undefined ? [] : [`responses.${name}: ${reason}`];
    return value === expected ? [] : [`responses.${name}: ${value} instead of ${expected}`];
  });
}

/** Runs work on all items, some at a time. */
async function forAll<Item>(items: readonly Item[], work: (item: Item, at: number) => Promise<void>): Promise<void> {
  let next = 0;
  const run = async () => {
    for (let at = next++; at < items.length; at = next++) await work(items[at] as Item, at);
  };
  await Promise.all(Array.from({ length: atOnce }, run));
}

const sample = (count: number, of: number) => fc.sample(platform, { seed: of, numRuns: count });

describe('the experiments on simulated platforms', () => {
  it(`determine every observable setting of ${platforms} random platforms through the REST API`, async () => {
    const faults: string[] = [];
    await forAll(sample(platforms, seed), async (settings, at) => {
      const simulated = await startSimulatedPlatform(settings);
      try {
        const only = chooseExperiments(at);
        const profile = await learnAll(simulated, { seed: at, only }, locksOut(settings));
        const wrong = [
          ...[...findWrongFacts(profile, settings), ...findMissingFacts(profile, settings)],
          ...[...findRepeatFaults(profile, settings), ...findResponseFaults(profile, settings, only)],
        ];
        faults.push(...wrong.map((fault) => `platform ${at}: ${fault}`));
      } finally {
        await simulated.close();
      }
    });
    expect(faults).to.deep.equal([]);
  }).timeout(platforms * 120_000);

  it(`state no wrong fact about ${disturbedPlatforms} platforms when requests are lost and other clients send requests`, async () => {
    const faults: string[] = [];
    let known = 0;
    await forAll(sample(disturbedPlatforms, seed + 1), async (settings, at) => {
      const disturbance = startDisturbance(seed + at);
      const simulated = await startSimulatedPlatform({ ...settings, between: disturbance.between });
      try {
        const only = chooseExperiments(at);
        const endpoint = disturbance.begin(simulated);
        const profile = await learnAll(simulated, { endpoint, seed: at, only }, null);
        const wrong = [...findWrongFacts(profile, settings), ...findResponseFaults(profile, settings, only, true)];
        faults.push(...wrong.map((fault) => `platform ${at}: ${fault}`));
        known += Object.values(profile.facts).filter(({ determined }) => determined !== 'no').length;
        expect(profile.disturbances.unexpected, 'requests of other clients').to.be.greaterThan(0);
      } finally {
        await disturbance.close();
        await simulated.close();
      }
    });
    expect(faults).to.deep.equal([]);
    expect(known, 'facts').to.be.greaterThan(0);
  }).timeout(disturbedPlatforms * 240_000);

  it(`determine the settings of ${operatedPlatforms} platforms without a REST API, from what a person sees`, async () => {
    const faults: string[] = [];
    await forAll(sample(operatedPlatforms, seed + 2), async (settings, at) => {
      const simulated = await startSimulatedPlatform(settings);
      try {
        const { endpoint } = simulated;
        const operator = createPersonOperator(createPerson(simulated.driver));
        const driver = createOperatorDriver(operator, endpoint);
        const only = chooseExperiments(at);
        const profile = await learnAll(simulated, { driver, seed: at, only }, locksOut(settings));
        const wrong = [
          ...[...findRepeatFaults(profile, settings), ...findResponseFaults(profile, settings, only)],
          ...findWrongFacts(profile, settings),
          ...findMissingFacts(profile, settings),
        ];
        faults.push(...wrong.map((fault) => `platform ${at}: ${fault}`));
        expect(profile.facts.contentType?.determined).to.equal('answered');
        expect(profile.facts.followRedirects?.determined).to.equal('measured');
      } finally {
        await simulated.close();
      }
    });
    expect(faults).to.deep.equal([]);
  }).timeout(operatedPlatforms * 120_000);

  it('cover all settings of the schema except those of the schedule', () => {
    const { guesses: all } = loadIamSettings({ externalUserInfo: { uri: 'http://localhost' } });
    const [one] = sample(1, seed);
    expect(Object.keys(all)).to.have.members([...Object.keys(one?.guesses ?? {}), 'scheduleTimeZone', 'missedRuns']);
  });
});
