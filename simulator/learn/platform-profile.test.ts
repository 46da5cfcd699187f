// Tests the platform profile: it is complete, valid against its schema, and can be used as settings without undetermined facts.
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect } from 'chai';
import { findExpired } from '../../schemas/fact-validity.ts';
import { readSchema } from '../../schemas/read-schema.ts';
import { createPlatformProfile, type FoundFacts, notDetermined, toSettings } from './platform-profile.ts';

const others = {
  platform: 'Immuta 2024.3',
  connection: { httpVersions: { determined: 'measured' as const, value: ['1.1'] } },
  disturbances: { voidTries: 0, otherUsers: 0, unexpected: 0, rejectedCredentials: 0 },
};
const day = new Date('2026-12-01T23:59:59Z');

describe('a platform profile', () => {
  it('has a fact for every assumption of the simulator, with a reason if it was not determined', () => {
    const { $defs } = readSchema('iam-settings.schema.json') as unknown as {
      $defs: { guesses: { properties: object } };
    };
    const { facts, date } = createPlatformProfile({ retries: { determined: 'measured', value: 2 } }, others, day);
    expect(date).to.equal('2026-12-01');
    expect(Object.keys(facts)).to.deep.equal(Object.keys($defs.guesses.properties));
    expect(facts.retries).to.deep.equal({
      ...{ determined: 'measured', value: 2 },
      ...{ date: '2026-12-01', validUntil: '2027-05-30' },
    });
    const open = Object.entries({ ...facts }).filter(([name]) => name !== 'retries');
    for (const [name, { determined, value, reason }] of open) {
      expect([determined, value], name).to.deep.equal(['no', undefined]);
      expect(reason, name).to.match(/\.$/);
    }
  });

  it('returns only the determined values for an IAM', () => {
    const found = {
      onNotFound: { determined: 'read-by-api', value: 'disable' },
      followRedirects: { determined: 'measured', value: false },
      timeoutMs: notDetermined('The measured times differ.'),
    } as const;
    const profile = createPlatformProfile(found, others, day);
    const { guesses, platformProfile } = toSettings(profile);
    expect(guesses).to.deep.equal({ followRedirects: false, onNotFound: 'disable' });
    const days = { date: '2026-12-01', validUntil: '2027-05-30' };
    expect(platformProfile).to.deep.equal({
      platform: 'Immuta 2024.3',
      facts: { followRedirects: { value: false, ...days }, onNotFound: { value: 'disable', ...days } },
    });
  });

  it('returns which values for an IAM may be those of a proxy or load balancer', () => {
    const found = {
      onNotFound: { determined: 'read-by-api', value: 'disable' },
      timeoutMs: { determined: 'measured', value: 1000 },
    } as const;
    const connection = { intermediary: { determined: 'answered' as const, value: true } };
    const { facts } = toSettings(createPlatformProfile(found, { ...others, connection }, day)).platformProfile;
    expect(facts.timeoutMs).to.include({ value: 1000, throughIntermediary: true });
    expect(facts.onNotFound).to.not.have.property('throughIntermediary');
  });

  it('contains for each fact the day of its last experiment, and its expiry 180 days later', () => {
    const at = (day: string) => ({
      experiment: 'merge',
      tries: 3,
      agreeing: 3,
      at: `${day}T10:00:00.000Z`,
      clients: [],
    });
    const found: FoundFacts = {
      mergeRule: { determined: 'read-by-api', value: 'union', evidence: [at('2026-11-02'), at('2026-11-29')] },
      timeoutMs: notDetermined('The measured times differ.', [at('2026-11-02')]),
    };
    const profile = createPlatformProfile(found, others, day);
    expect(profile.facts.mergeRule).to.include({ date: '2026-11-29', validUntil: '2027-05-28' });
    expect(profile.facts.timeoutMs).to.not.have.any.keys('date', 'validUntil');
    expect(findExpired(profile, new Date('2027-05-28T23:59:59Z'))).to.deep.equal([]);
    expect(findExpired(profile, new Date('2027-05-29T00:00:00Z'))).to.deep.equal(['mergeRule']);
    const responses = {
      gzip: { determined: 'answered', value: 'kept', date: '2026-11-29', validUntil: '2027-05-28' },
      nullGroups: notDetermined('The tries disagree.'),
    } as const;
    expect(findExpired({ ...profile, responses }, new Date('2027-05-29T00:00:00Z'))).to.deep.equal([
      ...['mergeRule', 'responses.gzip'],
    ]);
  });

  it('expires 180 days after its own date when it is from an earlier version, whose facts have no dates', () => {
    const { facts, ...rest } = createPlatformProfile({}, others, day);
    const profile = { ...rest, facts: { ...facts, retries: { determined: 'measured' as const, value: 2 } } };
    expect(findExpired(profile, new Date('2027-05-30T12:00:00Z'))).to.deep.equal([]);
    expect(findExpired(profile, new Date('2027-05-31T12:00:00Z'))).to.deep.equal(['retries']);
    const { retries } = toSettings(profile).platformProfile.facts;
    expect(retries).to.deep.equal({ value: 2, date: '2026-12-01', validUntil: '2027-05-30' });
  });

  it('matches its schema, which rejects unknown facts and unknown ways to determine a fact', () => {
    const evidence = [{ experiment: 'merge', tries: 3, agreeing: 3, at: day.toISOString(), clients: [] }];
    const interval = { low: 900, high: 1010 };
    const found = { timeoutMs: { determined: 'measured', value: 1000, interval, evidence } } as const;
    const validate = new Ajv2020({ strict: true }).compile(readSchema('platform-profile.schema.json'));
    const profile = createPlatformProfile(found, others, day);
    expect([validate(profile), validate.errors]).to.deep.equal([true, null]);
    const guessed = { ...profile, facts: { ...profile.facts, retries: { determined: 'guessed', value: 1 } } };
    expect(validate(guessed)).to.equal(false);
    expect(validate({ ...profile, facts: { retry: profile.facts.retries } })).to.equal(false);
  });
});
