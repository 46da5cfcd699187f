// Tests that a run stops at the first sign of a lockout, before more harm is done, and can be resumed. Platforms without a lockout do not stop it.
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect } from 'chai';
import type { PlatformProfile } from '../../schemas/generated/platform-profile.ts';
import { readSchema } from '../../schemas/read-schema.ts';
import { orderExperiments } from './experiment-order.ts';
import { LockOut } from './lock-out.ts';
import { createOperatorDriver, type Operator } from './operator-driver.ts';
import type { PlatformDriver } from './platform-driver.ts';
import { accessCheck } from './questions.ts';
import { createPerson, createPersonOperator } from './testing/simulated-person.ts';
import { type SimulatedPlatform, startSimulatedPlatform } from './testing/simulated-platform.ts';

const validate = new Ajv2020({ strict: true }).compile(readSchema('platform-profile.schema.json'));
/** One harmless experiment, one that may remove values, and two that may remove access. */
const only = new Set(['text-plain', 'removed-group', 'not-found', 'status-403']);
const seed = 4;
const [harmless = '', values = '', first = '', second = ''] = orderExperiments(seed, only);

describe('a run on a platform that locks users out', () => {
  const started: SimulatedPlatform[] = [];
  afterEach(async () => {
    for (const platform of started.splice(0)) await platform.close();
  });

  async function start(guesses: Readonly<Record<string, unknown>>): Promise<SimulatedPlatform> {
    const platform = await startSimulatedPlatform({ guesses, isPlain: true });
    started.push(platform);
    return platform;
  }

  /** Wraps the driver, and counts the syncs of each experiment. */
  function watch(driver: PlatformDriver, sync: PlatformDriver['sync'] = driver.sync) {
    const syncs = new Map<string, number>();
    const watched: PlatformDriver = {
      ...driver,
      sync(userid, plan) {
        syncs.set(plan.experiment, (syncs.get(plan.experiment) ?? 0) + 1);
        return sync(userid, plan);
      },
    };
    return { syncs, watched };
  }

  const reload = (profile: PlatformProfile): PlatformProfile => {
    expect(validate(profile), JSON.stringify(validate.errors)).to.equal(true);
    return JSON.parse(JSON.stringify(profile));
  };

  it('stops when a harmless experiment has disabled a test user, before the next experiment that may do more harm', async () => {
    const platform = await start({ onFailure: 'disable', contentType: 'json' });
    const { syncs, watched } = watch(platform.driver);
    const profiles: PlatformProfile[] = [];
    const { stopped, left, profile } = await platform.learn({
      ...{ only, seed, driver: watched, onProfile: (one) => profiles.push(one) },
    });
    expect(stopped).to.be.an.instanceof(LockOut);
    expect(stopped?.message).to.match(/^After text-plain: a test user is disabled, .* With --resume, /);
    expect(left).to.deep.equal([values, first, second]);
    expect([...syncs.keys()]).to.deep.equal(['first-sync', harmless]);
    expect(profile.run?.lockOut).to.deep.equal({ sign: 'test-user', after: 'text-plain' });
    expect(profile.facts.contentType).to.include({ determined: 'read-by-api', value: 'json' });
    expect(profiles.map(({ run }) => run?.lockOut?.sign)).to.deep.equal([undefined, 'test-user']);

    const resumed = await platform.learn({ before: reload(profile), driver: watched });
    expect([resumed.stopped, resumed.left]).to.deep.equal([null, []]);
    expect(resumed.profile.facts.onFailure?.value).to.equal('disable');
    expect(resumed.profile.facts.contentType?.value).to.equal('json');
    expect(resumed.profile.run?.control?.outcome).to.equal('same');
    reload(resumed.profile);
  });

  it('stops when a user is disabled although all responses for that user were valid', async () => {
    const platform = await start({});
    let control = '';
    /** During removed-group, the platform disables another user permanently. */
    const { watched, syncs } = watch(platform.driver, async (userid, plan) => {
      if (plan.experiment === 'first-sync') control = userid;
      const status = await platform.driver.sync(userid, plan);
      if (plan.experiment !== values) return status;
      platform.changeGuesses({ onFailure: 'disable', enableReturnedUsers: false });
      // A different user is being tested, so the endpoint responds with 503.
      await platform.driver.sync(control, plan);
      return status;
    });
    const { stopped, left, profile } = await platform.learn({ only, seed, driver: watched });
    expect(stopped).to.be.an.instanceof(LockOut);
    expect(stopped?.message).to.match(
      /^After removed-group: a test user that received only valid responses is disabled/,
    );
    expect(left).to.deep.equal([first, second]);
    expect(syncs.has(first)).to.equal(false);
    expect(profile.run?.lockOut).to.deep.equal({ sign: 'control-user', after: values });
    expect(profile.facts.removalRule?.value).to.equal('remove');
    expect(profile.facts.onFailure?.determined).to.equal('no');
    reload(profile);
  });

  it('stops when no more requests arrive, and stops again after --resume while still none arrive', async () => {
    const platform = await start({});
    let isLocked = false;
    const { watched, syncs } = watch(platform.driver, async (userid, plan) => {
      isLocked ||= plan.experiment === first;
      return isLocked ? 200 : platform.driver.sync(userid, plan);
    });
    const { stopped, left, profile } = await platform.learn({ only, seed, driver: watched });
    expect(stopped?.message).to.match(new RegExp(`^After ${first}: no more requests arrive`));
    expect(left).to.deep.equal([first, second]);
    expect(syncs.has(second)).to.equal(false);
    expect(syncs.get(accessCheck), 'one before each that may do harm, and three tries').to.equal(2 + 3);
    const before = reload(profile);
    const again = await platform.learn({ before, driver: watched }).catch((error: Error) => error.message);
    expect(again).to.match(/^The first test user was not synchronized: the platform sent no request/);
    isLocked = false;
    const resumed = await platform.learn({ before, driver: platform.driver });
    expect([resumed.stopped, resumed.left]).to.deep.equal([null, []]);
  });

  it('stops when an operator reports a disabled test user or control user', async () => {
    const platform = await start({ onFailure: 'disable', enableReturnedUsers: false, contentType: 'json' });
    const operator = createPersonOperator(createPerson(platform.driver));
    const { stopped, profile } = await platform.learn({
      ...{ only, seed, driver: createOperatorDriver(operator, platform.endpoint) },
    });
    expect(stopped).to.be.an.instanceof(LockOut);
    expect(profile.run?.lockOut).to.deep.equal({ sign: 'test-user', after: harmless });

    const pessimist: Operator = {
      ...operator,
      ask: async (question, userid, plan, previous) =>
        plan.experiment === accessCheck && question.kind === 'state'
          ? 'disabled'
          : operator.ask(question, userid, plan, previous),
    };
    const driver = createOperatorDriver(pessimist, platform.endpoint);
    const other = await platform.learn({ before: reload(profile), driver });
    expect(other.profile.run?.lockOut).to.deep.equal({ sign: 'control-user', after: values });
  });

  it('does not stop without a lockout, for any behavior of the platform after failures', async () => {
    for (const guesses of [
      { onNotFound: 'disable', onFailure: 'disable', enableReturnedUsers: false },
      { onNotFound: 'fail', onFailure: 'clear', contentType: 'json' },
      { onNotFound: 'clear', onFailure: 'keep', removalRule: 'keep', groupCase: 'upper', mergeRule: 'override' },
    ]) {
      const platform = await start(guesses);
      const { watched, syncs } = watch(platform.driver);
      const { stopped, left, profile } = await platform.learn({ only, seed, driver: watched });
      expect([stopped, left], JSON.stringify(guesses)).to.deep.equal([null, []]);
      expect(profile.run).to.not.have.property('lockOut');
      expect(syncs.get(accessCheck)).to.equal(4);
    }
  });
});
