// Tests the unusual responses: what the experiments observe on a lenient platform, on the simulator, and through an operator.
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect } from 'chai';
import type { PlatformProfile, Responses } from '../../schemas/generated/platform-profile.ts';
import { readSchema } from '../../schemas/read-schema.ts';
import { loadIamSettings } from '../sync/iam-settings.ts';
import { experiments, variants } from './experiments.ts';
import { learnPlatform } from './learn-platform.ts';
import { startLearningEndpoint } from './learning-endpoint.ts';
import { createOperatorDriver } from './operator-driver.ts';
import type { PlatformDriver } from './platform-driver.ts';
import { findQuestions, wordQuestion } from './questions.ts';
import { findExpectedEffects } from './testing/expected-effects.ts';
import { type LenientOptions, startLenientPlatform } from './testing/lenient-platform.ts';
import { createPerson, createPersonOperator } from './testing/simulated-person.ts';
import { startSimulatedPlatform } from './testing/simulated-platform.ts';
import { isResponseName } from './variants.ts';

const ids = variants.map(({ id }) => id);
const validate = new Ajv2020({ strict: true }).compile(readSchema('platform-profile.schema.json'));
const settingsOf = (guesses: object) => loadIamSettings({ externalUserInfo: { uri: 'http://localhost' }, guesses });

function valuesOf(profile: PlatformProfile): Readonly<Record<string, unknown>> {
  expect(validate(profile), JSON.stringify(validate.errors)).to.equal(true);
  return Object.fromEntries(
    Object.entries({ ...profile.responses }).map(([name, { value, reason }]) => [name, value ?? reason]),
  );
}

describe('an unusual response', () => {
  it('has its own property in the profile', () => {
    const { properties } = readSchema('platform-profile.schema.json') as unknown as {
      readonly properties: { readonly responses: { readonly properties: Responses } };
    };
    const names = experiments.flatMap(({ reads }) => reads.map(({ assumption }) => assumption)).filter(isResponseName);
    expect(names).to.deep.equal(Object.keys(properties.responses.properties));
    expect(names).to.have.length(ids.length);
  });

  it('comes between two valid responses, and the operator is asked what each outcome needs', () => {
    const ask = (id: string) => {
      const experiment = experiments.find((one) => one.id === id);
      if (experiment === undefined) throw new Error(`there is no experiment ${id}`);
      return [0, 1, 2].map((step) =>
        findQuestions(experiment, step, () => true).map((question) => wordQuestion(question, 'learn-7')),
      );
    };
    const state = 'Which state does the platform show for learn-7?';
    expect(ask('byte-order-mark')).to.deep.equal([
      ['Does learn-7 have the group learn-first?'],
      [state, 'Does learn-7 have the group learn-second?', 'Does learn-7 have the group learn-first?'],
      ['Does learn-7 have the group learn-third?'],
    ]);
    expect(ask('missing-authorizations')[0]).to.deep.equal([
      'Does learn-7 have all of these: group learn-first, value one of the attribute learnkept?',
    ]);
    expect(ask('retry-after')[1]?.slice(0, 2)).to.deep.equal([
      'Does the platform show that the sync of learn-7 has ended?',
      state,
    ]);
  });

  /** Runs experiments on a platform that is not the simulator. */
  async function learnLenient(options: LenientOptions, only: readonly string[]) {
    const endpoint = await startLearningEndpoint({
      ...{ host: '127.0.0.1', port: 0, path: '/user-info', username: 'platform', password: 'canary', prefix: 'learn-' },
      tls: null,
    });
    const driver: PlatformDriver = startLenientPlatform(endpoint.url, options);
    try {
      const { profile, stopped, left } = await learnPlatform({
        ...{ endpoint, driver, prefix: 'learn-', platform: 'lenient', maxWaitMs: 1000, settleMs: 0, seed: 1 },
        only: new Set(only),
      });
      expect([stopped, left]).to.deep.equal([null, []]);
      return valuesOf(profile);
    } finally {
      await endpoint.close();
    }
  }

  it('is accepted by a lenient platform, with five exceptions', async () => {
    const values = await learnLenient({ missingKey: 'unchanged' }, ids);
    const accepted = ids.length - 5;
    expect(Object.values(values).filter((value) => value === 'accepted')).to.have.length(accepted);
    expect(values).to.include({ emptyAnswer: 'removed', emptyBody: 'kept', status204: 'kept', halfBody: 'kept' });
    expect(values).to.include({
      retryAfter: 'repeated-later',
      missingGroups: 'accepted',
      nullAuthorizations: 'accepted',
    });
  }).timeout(240_000);

  it('removes groups or attributes when the platform treats a missing key as empty', async () => {
    const only = ['missing-groups', 'null-groups', 'missing-authorizations', 'null-authorizations'];
    const values = await learnLenient({ missingKey: 'empty' }, only);
    expect(values).to.deep.equal({
      ...{ missingGroups: 'removed', nullGroups: 'removed' },
      ...{ missingAuthorizations: 'removed', nullAuthorizations: 'removed' },
    });
  }).timeout(120_000);

  for (const guesses of [
    { onFailure: 'clear', maxBodyBytes: 2 ** 20 },
    { onFailure: 'disable', maxBodyBytes: 2 ** 16, enableReturnedUsers: false },
  ]) {
    it(`with 10,000 groups has the effect that the limit of ${guesses.maxBodyBytes} bytes implies`, async () => {
      const simulated = await startSimulatedPlatform({ guesses, isPlain: true });
      try {
        const only = new Set(['many-groups']);
        const { profile } = await simulated.learn({ only });
        expect(valuesOf(profile)).to.deep.equal(Object.fromEntries(findExpectedEffects(settingsOf(guesses), only)));
      } finally {
        await simulated.close();
      }
    }).timeout(240_000);
  }

  it('is accepted by the simulator only if it is valid user info, even with a byte order mark or duplicates', () => {
    for (const bodyProfile of ['lenient', 'strict']) {
      const effects = findExpectedEffects(settingsOf({ bodyProfile }), new Set(ids));
      const differing = effects.filter(([, effect]) => effect !== 'kept');
      expect(Object.fromEntries(differing), bodyProfile).to.deep.equal({
        ...{ byteOrderMark: 'accepted', duplicateGroups: 'accepted', duplicateValues: 'accepted' },
        ...{ emptyAnswer: 'removed', manyGroups: 'accepted' },
      });
    }
  });

  it('is determined from what a person sees', async () => {
    const guesses = { onFailure: 'clear', retries: 1, removalRule: 'keep' };
    const simulated = await startSimulatedPlatform({ guesses, isPlain: true });
    try {
      const only = new Set(['gzip', 'empty-answer', 'half-body', 'duplicate-values', 'retry-after']);
      const driver = createOperatorDriver(createPersonOperator(createPerson(simulated.driver)), simulated.endpoint);
      const { profile } = await simulated.learn({ only, driver });
      const expected = Object.fromEntries(findExpectedEffects(settingsOf(guesses), only));
      expect(valuesOf(profile)).to.deep.equal(expected);
      expect(expected).to.deep.equal({
        ...{ gzip: 'removed', duplicateValues: 'accepted', emptyAnswer: 'kept' },
        ...{ halfBody: 'removed', retryAfter: 'repeated-sooner' },
      });
      expect(profile.responses?.gzip?.determined).to.equal('answered');
    } finally {
      await simulated.close();
    }
  }).timeout(240_000);
});
