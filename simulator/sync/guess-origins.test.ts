// Tests the origin of assumptions: an assumption counts as measured with a platform as long as its value is that of the profile.
import { expect } from 'chai';
import { findMeasurements, groupGuesses, wordMeasurement } from './guess-origins.ts';
import { loadIamSettings } from './iam-settings.ts';

const days = { date: '2026-12-01', validUntil: '2027-05-30' };
const platformProfile = {
  platform: 'Immuta 2024.3',
  facts: {
    onNotFound: { value: 'disable', ...days },
    retries: { value: 2, ...days },
    groupCase: { value: 'keep', date: '2026-01-10', validUntil: '2026-07-09' },
  },
};
const today = '2026-12-02T10:00:00.000Z';
const load = (guesses: object, profile?: object) =>
  loadIamSettings({
    externalUserInfo: { uri: 'http://localhost/' },
    guesses,
    ...(profile !== undefined && { platformProfile: profile }),
  });

describe('the origin of an assumption', () => {
  it('is a measurement when it has the value of the profile, even when that is the default', () => {
    const measured = findMeasurements(load({ onNotFound: 'disable', retries: 2 }, platformProfile), today);
    const platform = 'Immuta 2024.3';
    expect(measured).to.deep.equal({
      retries: { platform, ...days, isExpired: false },
      groupCase: { platform, date: '2026-01-10', validUntil: '2026-07-09', isExpired: true },
      onNotFound: { platform, ...days, isExpired: false },
    });
  });

  it('is a guess when the value was changed after the measurement, or when there is no profile', () => {
    const changed = findMeasurements(load({ onNotFound: 'keep', retries: 2 }, platformProfile), today);
    expect(changed).to.have.all.keys('retries', 'groupCase');
    expect(findMeasurements(load({ onNotFound: 'disable' }), today)).to.deep.equal({});
  });

  it('expires after the last day of the fact, at the time of the result', () => {
    const isExpired = (at: string) => findMeasurements(load({ retries: 2 }, platformProfile), at).retries?.isExpired;
    expect(isExpired('2027-05-30T23:59:59.999Z')).to.equal(false);
    expect(isExpired('2027-05-31T00:00:00.000Z')).to.equal(true);
  });

  it('states that a proxy or load balancer was involved in the experiment', () => {
    const { onNotFound, retries } = platformProfile.facts;
    const facts = { onNotFound, retries: { ...retries, throughIntermediary: true } };
    const { guesses, ...others } = load({ onNotFound: 'disable', retries: 2 }, { ...platformProfile, facts });
    const measured = findMeasurements({ guesses, ...others }, today);
    expect(measured.retries).to.include({ throughIntermediary: true });
    expect(measured.onNotFound).to.not.have.property('throughIntermediary');
    const groups = groupGuesses(guesses, measured);
    expect(groups.map(({ measurement }) => measurement && wordMeasurement(measurement))).to.deep.equal([
      'Measured on 2026-12-01 with Immuta 2024.3',
      'Measured on 2026-12-01 with Immuta 2024.3, seen through an intermediary',
      null,
    ]);
  });

  it('groups valid measurements first, then expired ones, then guesses, each assumption once', () => {
    const { guesses, ...others } = load({ onNotFound: 'disable', retries: 2 }, platformProfile);
    const groups = groupGuesses(guesses, findMeasurements({ guesses, ...others }, today));
    expect(groups.map(({ measurement }) => measurement && wordMeasurement(measurement))).to.deep.equal([
      'Measured on 2026-12-01 with Immuta 2024.3',
      'Measured on 2026-01-10 with Immuta 2024.3, expired (valid until 2026-07-09)',
      null,
    ]);
    expect(Object.fromEntries(groups[0]?.guesses ?? [])).to.deep.equal({ retries: 2, onNotFound: 'disable' });
    expect(groups[1]?.guesses).to.deep.equal([['groupCase', 'keep']]);
    expect(groups.flatMap((group) => group.guesses.map(([name]) => name))).to.have.members(Object.keys(guesses));
    expect(groupGuesses(guesses, {})).to.deep.equal([{ measurement: null, guesses: Object.entries(guesses) }]);
  });
});
