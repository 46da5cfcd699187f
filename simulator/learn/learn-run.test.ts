// Tests the course of a run: its order, what is written after each experiment, resuming, and the control experiment at the end.
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect } from 'chai';
import type { PlatformProfile } from '../../schemas/generated/platform-profile.ts';
import { readSchema } from '../../schemas/read-schema.ts';
import { experimentNames, orderExperiments, rankOf, variantNames } from './experiment-order.ts';
import { CannotLearn } from './learn-platform.ts';
import { type PlatformDriver, Stopped } from './platform-driver.ts';
import { firstSync } from './questions.ts';
import { type SimulatedPlatform, startSimulatedPlatform, username } from './testing/simulated-platform.ts';

const chosen = new Set(['redirect', 'text-plain', 'extra-key', 'removed-group', 'not-found', 'status-403']);
const guesses = { onNotFound: 'disable', onFailure: 'clear', contentType: 'json' };
const validate = new Ajv2020({ strict: true }).compile(readSchema('platform-profile.schema.json'));

describe('the order of the experiments', () => {
  it('is the same for the same seed, and different for most other seeds', () => {
    const orders = Array.from({ length: 20 }, (_, seed) => orderExperiments(seed, experimentNames).join());
    expect(orderExperiments(3, experimentNames).join()).to.equal(orders[3]);
    expect(new Set(orders).size).to.be.greaterThan(15);
  });

  it('runs harmless experiments first, and experiments that may remove all access last', () => {
    for (let seed = 0; seed < 20; seed++) {
      const ranks = orderExperiments(seed, experimentNames).map(rankOf);
      expect(ranks).to.have.length(experimentNames.length);
      expect(new Set(ranks)).to.deep.equal(new Set([0, 1, 2]));
      expect(ranks).to.deep.equal(ranks.toSorted());
    }
  });

  it('runs experiments with unusual responses last among equally harmful ones', () => {
    for (let seed = 0; seed < 20; seed++) {
      for (const rank of [0, 1, 2]) {
        const names = orderExperiments(seed, experimentNames).filter((name) => rankOf(name) === rank);
        const first = names.findIndex((name) => variantNames.includes(name));
        const last = first < 0 ? [] : names.slice(first);
        expect(last).to.have.members(variantNames.filter((name) => rankOf(name) === rank));
      }
    }
  });
});

describe('a run of experiments', () => {
  let platform: SimulatedPlatform;
  beforeEach(async () => {
    platform = await startSimulatedPlatform({ guesses, isPlain: true });
  });
  afterEach(() => platform.close());

  /** Returns a driver that stops the run when an experiment begins. */
  const stopAt = (driver: PlatformDriver, experiment: string): PlatformDriver => ({
    ...driver,
    sync(userid, plan) {
      if (plan.experiment === experiment) throw new Stopped(false);
      return driver.sync(userid, plan);
    },
  });
  const valuesOf = ({ facts }: PlatformProfile) =>
    Object.fromEntries(
      Object.entries(facts).flatMap(([name, { value }]) => (value === undefined ? [] : [[name, value]])),
    );

  it('can be stopped and then resumed from a valid profile, with the remaining experiments', async () => {
    const order = orderExperiments(5, chosen);
    const at = order[4] ?? '';
    const profiles: PlatformProfile[] = [];
    const first = await platform.learn({
      ...{ only: chosen, seed: 5, driver: stopAt(platform.driver, at) },
      onProfile: (profile) => profiles.push(profile),
    });
    expect(first.stopped).to.be.an.instanceof(Stopped);
    expect(first.left).to.deep.equal(order.slice(4));
    expect(profiles).to.have.length(4);
    for (const profile of profiles) expect(validate(profile), JSON.stringify(validate.errors)).to.equal(true);

    const before = JSON.parse(JSON.stringify(profiles.at(-1))) as PlatformProfile;
    const begun: Array<readonly [string, number]> = [];
    const users = new Set<string>();
    const watched: PlatformDriver = {
      ...platform.driver,
      sync(userid, plan) {
        users.add(userid);
        return platform.driver.sync(userid, plan);
      },
    };
    const second = await platform.learn({
      ...{ before, seed: 99, driver: watched },
      onExperiment: (name, left) => begun.push([name, left]),
    });
    expect(begun).to.deep.equal([
      [order[4], 2],
      [order[5], 1],
    ]);
    expect([second.left, second.stopped]).to.deep.equal([[], null]);
    expect(second.profile.run).to.include({ seed: 5 });
    expect(second.profile.run?.control?.outcome).to.equal('same');
    // The resumed run must not use users that the interrupted run has used.
    expect([...users].every((userid) => Number(userid.slice(-3)) > (before.run?.usedUsers ?? 0))).to.equal(true);
    const whole = await startSimulatedPlatform({ guesses, isPlain: true });
    const { profile } = await whole.learn({ only: chosen, seed: 5 }).finally(() => whole.close());
    expect(valuesOf(second.profile)).to.deep.equal(valuesOf(profile));
    expect(valuesOf(profile)).to.include({ onNotFound: 'disable', onFailure: 'clear', contentType: 'json' });
    expect(second.profile.facts.basicWithoutChallenge?.evidence?.[0]?.tries).to.be.greaterThan(20);
  });

  /** Runs an experiment while another client requests the first users. */
  function learnDisturbed(times: number) {
    const { endpoint, password, driver } = platform;
    const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
    let disturbed = 0;
    return platform.learn({
      only: new Set(['redirect']),
      driver: {
        ...driver,
        async sync(userid, plan) {
          if (plan.experiment === firstSync && disturbed++ < times) {
            await fetch(`${endpoint.url}?userid=${userid}`, { headers: { authorization } });
          }
          return driver.sync(userid, plan);
        },
      },
    });
  }

  it('begins although another client requests the first users, unless that client does so every time', async () => {
    const { profile } = await learnDisturbed(5);
    expect(profile.facts.followRedirects).to.include({ determined: 'measured', value: false });
    const error = await learnDisturbed(Number.POSITIVE_INFINITY).catch((caught: Error) => caught);
    expect(error)
      .to.be.an.instanceof(CannotLearn)
      .with.property('message')
      .that.includes('another client sent requests');
  });

  it('repeats with another user when the response to the request for a sync is lost', async () => {
    let syncs = 0;
    const { profile } = await platform.learn({
      only: chosen,
      driver: {
        ...platform.driver,
        async sync(userid, plan) {
          const status = await platform.driver.sync(userid, plan);
          return ++syncs % 7 === 0 ? null : status;
        },
      },
    });
    expect(valuesOf(profile)).to.include({ onNotFound: 'disable', onFailure: 'clear', contentType: 'json' });
    expect(profile.disturbances.voidTries).to.be.greaterThan(0);
  });

  it('states no fact while an experiment about it has not run', async () => {
    const only = new Set(['status-403', 'status-503']);
    const [first = '', second = ''] = orderExperiments(1, only);
    const { profile } = await platform.learn({ only, seed: 1, driver: stopAt(platform.driver, second) });
    expect(profile.run?.results.map(({ experiment }) => experiment)).to.deep.equal([first]);
    expect(profile.facts.onFailure).to.include({ determined: 'no', reason: `Not run yet: ${second}.` });
  });

  it('does nothing when no experiment is left', async () => {
    const only = new Set(['redirect']);
    const { profile: before } = await platform.learn({ only });
    const driver = { ...platform.driver, sync: () => expect.fail('a sync without an experiment') };
    const { left, profile } = await platform.learn({ before, driver });
    expect(left).to.deep.equal([]);
    expect(valuesOf(profile)).to.deep.equal(valuesOf(before));
  });

  it('determines nothing when the first experiment has a different result at the end', async () => {
    const only = new Set(['text-plain', 'removed-group']);
    const { profile, left } = await platform.learn({
      only,
      onExperiment: (name) => name === 'removed-group' && platform.changeGuesses({ ...guesses, contentType: 'any' }),
    });
    expect(validate(profile), JSON.stringify(validate.errors)).to.equal(true);
    expect(profile.run?.control).to.deep.equal({ experiment: 'text-plain', outcome: 'different' });
    const reason = 'The platform changed its behavior during the run: text-plain had a different result at the end.';
    for (const name of ['contentType', 'removalRule', 'basicWithoutChallenge']) {
      expect(profile.facts[name], name).to.include({ determined: 'no', reason });
    }
    expect(valuesOf(profile)).to.deep.equal({});
    expect(profile.run?.results).to.deep.equal([]);
    expect(left).to.deep.equal([]);
  });
});
