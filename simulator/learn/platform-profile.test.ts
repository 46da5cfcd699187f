// Tests the platform profile: complete, valid under its schema, and used as settings without what was not determined.
import { expect } from 'chai';
import { readSchema } from '../../schemas/read-schema.ts';
import { createPlatformProfile, notDetermined, toGuesses } from './platform-profile.ts';

const others = {
  platform: 'Immuta 2024.3',
  connection: {
    httpVersions: ['1.1'],
    tlsVersions: [],
    clientCertificates: ['none' as const],
    reusesConnections: true,
  },
  disturbances: { voidTries: 0, otherUsers: 0, unexpected: 0, rejectedCredentials: 0 },
};
const day = new Date('2026-12-01T23:59:59Z');

describe('a platform profile', () => {
  it('has a fact for every assumption of the simulator, with a reason where it was not determined', () => {
    const { $defs } = readSchema('iam-settings.schema.json') as unknown as {
      $defs: { guesses: { properties: object } };
    };
    const { facts, date } = createPlatformProfile({ retries: { determined: 'measured', value: 2 } }, others, day);
    expect(date).to.equal('2026-12-01');
    expect(Object.keys(facts)).to.deep.equal(Object.keys($defs.guesses.properties));
    expect(facts.retries).to.deep.equal({ determined: 'measured', value: 2 });
    const open = Object.entries({ ...facts }).filter(([name]) => name !== 'retries');
    for (const [name, { determined, value, reason }] of open) {
      expect([determined, value], name).to.deep.equal(['no', undefined]);
      expect(reason, name).to.match(/\.$/);
    }
  });

  it('gives an IAM the values that were determined, and no others', () => {
    const found = {
      onNotFound: { determined: 'read-by-api', value: 'disable' },
      followRedirects: { determined: 'measured', value: false },
      timeoutMs: notDetermined('The measured times differ.'),
    } as const;
    const profile = createPlatformProfile(found, others, day);
    expect(toGuesses(profile)).to.deep.equal({ followRedirects: false, onNotFound: 'disable' });
  });

  it('is not made from facts that its schema does not have', () => {
    const evidence = [{ experiment: 'merge', tries: 1, agreeing: 1, at: 'noon', clients: [] }];
    const make = () => createPlatformProfile({ mergeRule: { determined: 'measured', evidence } }, others, day);
    expect(make).to.throw('does not match its schema');
  });
});
