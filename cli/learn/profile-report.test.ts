// Tests the reports of a platform profile and the comparison of two, as text.
import { expect } from 'chai';
import type {
  ConnectionFact,
  ConnectionFacts,
  Fact,
  PlatformProfile,
} from '../../schemas/generated/platform-profile.ts';
import { platformAssumptions } from '../../schemas/platform-assumptions.ts';
import { compareProfiles } from '../../simulator/learn/compare-profiles.ts';
import { createPlatformProfile, type FoundFacts, notDetermined } from '../../simulator/learn/platform-profile.ts';
import { findProfileParts } from './profile-parts.ts';
import { renderProfileHtml } from './profile-report-html.ts';
import { renderProfileMarkdown } from './profile-report-markdown.ts';

const day = new Date('2026-12-01T10:00:00Z');
const measured = (value: NonNullable<ConnectionFact['value']>) => ({ determined: 'measured' as const, value });
const connection: ConnectionFacts = { httpVersions: measured(['1.1']), tlsVersions: measured(['TLSv1.3']) };
const noDisturbances = { voidTries: 2, otherUsers: 0, unexpected: 0, rejectedCredentials: 0 };
const evidence = (experiment: string, timeline: NonNullable<Fact['evidence']>[number]['timeline'] = []) => [
  { experiment, tries: 3, agreeing: 3, at: '2026-12-01T09:00:00.000Z', clients: ['sha256:0123456789abcdef'], timeline },
];
const found: FoundFacts = {
  timeoutMs: {
    determined: 'measured',
    value: 9800,
    interval: { low: 8820, high: 9830 },
    evidence: evidence('no-response', [
      [{ from: 0, to: 9801, isIncomplete: true }],
      [
        { from: 0, to: 2, isWithoutCredentials: true },
        { from: 3, to: 9830, isIncomplete: true },
      ],
    ]),
  },
  onNotFound: { determined: 'read-by-api', value: 'disable', evidence: evidence('not-found', [[{ from: 0 }], []]) },
  enableReturnedUsers: { determined: 'read-by-api', value: true, evidence: evidence('not-found') },
  retries: notDetermined('The tries disagree | <b>really</b>.'),
};
const profile = (facts = found, platform = 'Immuta 2024.3', others = {}): PlatformProfile =>
  createPlatformProfile(
    facts,
    { platform, connection: { ...connection, ...others }, disturbances: noDisturbances },
    day,
  );
const names = platformAssumptions.map(({ name }) => name);

describe('the reports of a platform profile', () => {
  it('contain each assumption once, determined or not, and each experiment once', () => {
    const { determined, open, experiments } = findProfileParts(profile(), day);
    expect([...determined, ...open].map(({ name }) => name)).to.have.members(names);
    expect(determined.map(({ name, value }) => [name, value])).to.deep.equal([
      ['timeoutMs', '9800 (8820 to 9830)'],
      ['onNotFound', 'disable'],
      ['enableReturnedUsers', 'true'],
    ]);
    expect(experiments.map(({ experiment }) => experiment)).to.deep.equal(['no-response', 'not-found']);
  });

  it('contain in HTML the tables, a timeline for each experiment, and the same times as text', () => {
    const page = renderProfileHtml(profile(), day);
    expect(page)
      .to.include('3 of 20 assumptions are determined')
      .and.include('<td class="how">read through the REST API</td>');
    expect(page).to.include('The tries disagree | &lt;b&gt;really&lt;/b&gt;.');
    expect(page.match(/<svg class="timeline" /g)).to.have.length(2);
    expect(page.match(/<rect class="incomplete" x/g)).to.have.length(2);
    expect(page).to.include(
      '<td>0–2 ms (without credentials), 3–9830 ms (closed before the response was complete)</td>',
    );
    expect(page).to.include('<td>0– ms</td>').and.include('<td>no request</td>');
    expect(page).to.not.match(/<script|style="|NaN|Infinity|undefined/);
  });

  it('contain the same content in Markdown, with all text from the profile escaped', () => {
    const text = renderProfileMarkdown(profile(found, 'A <b>*bold*</b> [platform](http://x)'), day);
    expect(text).to.include('# Platform profile of A &lt;b\\>\\*bold\\*&lt;/b\\> \\[platform\\]\\(http://x\\)\n');
    expect(text).to.include(
      '| `timeoutMs` | 9800 \\(8820 to 9830\\) | measured at the endpoint | 2026-12-01 | 2027-05-30 |',
    );
    expect(text).to.include('| `retries` | The tries disagree \\| &lt;b\\>really&lt;/b\\>. |');
    expect(text).to.include(
      'sync 2: 0–2 ms (without credentials), 3–9830 ms (closed before the response was complete)\n',
    );
  });

  it('state each fact of the requests and repeats with its caveat, or why it is undetermined', () => {
    const requests: ConnectionFacts = {
      ...connection,
      ciphers: measured([]),
      order: notDetermined('No synchronization was seen.'),
      intermediary: { determined: 'answered', value: true },
      betweenRequestsMs: { ...measured(12), interval: { low: 9, high: 20 } },
    };
    const repeats = { timeout: { determined: 'measured', value: 2 } } as const;
    const made = createPlatformProfile(
      found,
      { platform: 'P', connection: requests, repeats, disturbances: noDisturbances },
      day,
    );
    const text = renderProfileMarkdown(made, day);
    for (const line of [
      '- HTTP versions: 1.1, seen through an intermediary',
      '- TLS ciphers: none, seen through an intermediary',
      '- Order of the users: not determined. No synchronization was seen.',
      '- Intermediary in front of the endpoint: yes \\(answered by the operator\\)',
      '- Time between requests, in ms: 12 \\(9 to 20\\), seen through an intermediary',
      '- After a timeout: 2, seen through an intermediary',
      '| measured at the endpoint, seen through an intermediary |',
    ]) {
      expect(text).to.include(line);
    }
    expect(text).to.match(/`onNotFound` \| disable \| read through the REST API \|/);
    expect(renderProfileHtml(made, day)).to.include('<dd>2, seen through an intermediary</dd>');
    expect(renderProfileMarkdown(profile(), day)).to.not.match(/intermediary|Repeats/);
  });

  it('state the effects of unusual responses, and the sign of a lockout that stopped the run', () => {
    const gzip: Fact = { determined: 'read-by-api', value: 'kept', evidence: evidence('gzip', [[{ from: 0, to: 1 }]]) };
    const made = createPlatformProfile(
      found,
      {
        ...{ platform: 'P', connection: { intermediary: measured(true) }, disturbances: noDisturbances },
        responses: {
          gzip,
          nullGroups: { determined: 'answered', value: 'removed' },
          manyGroups: notDetermined('The tries disagree.'),
        },
        run: {
          ...{ seed: 1, order: ['gzip'], driver: 'read-by-api', usedUsers: 4, hasSeenProvided: true, results: [] },
          lockOut: { sign: 'control-user', after: 'gzip' },
        },
      },
      day,
    );
    expect(made.responses?.gzip).to.include({ date: '2026-12-01', validUntil: '2027-05-30' });
    const sign =
      'Sign of a lockout: after gzip, a user for whom the endpoint sent only valid responses lost access; the run stopped there';
    const text = renderProfileMarkdown(made, day);
    for (const line of [
      '## Unusual responses',
      '- Body compressed with gzip: kept, seen through an intermediary',
      '- Null for groups: removed \\(answered by the operator\\)',
      '- 10,000 groups: not determined. The tries disagree.',
      `- ${sign}`,
      '### gzip',
    ]) {
      expect(text).to.include(`${line}\n`);
    }
    const page = renderProfileHtml(made, day);
    const [label = '', words = ''] = sign.split(': ');
    for (const part of [
      '<dt>Body compressed with gzip</dt><dd>kept, seen through an intermediary</dd>',
      `<dt>${label}</dt><dd>${words}</dd>`,
    ]) {
      expect(page).to.include(part);
    }
    const later = renderProfileMarkdown(made, new Date('2027-05-31T00:00:00Z'));
    expect(later).to.include('- Null for groups: removed \\(answered by the operator\\) \\(expired\\)\n');
    expect(later).to.include('- 10,000 groups: not determined. The tries disagree.\n');
    expect(renderProfileMarkdown(profile(), day)).to.not.match(/Unusual responses|lockout/);
    expect(renderProfileHtml(profile(), day)).to.not.match(/Unusual responses|lockout/);
  });

  it('mark expired facts', () => {
    const later = new Date('2027-05-31T00:00:00Z');
    expect(renderProfileHtml(profile(), later)).to.include('3 of them expired.').and.include('>expired</span>');
    expect(renderProfileMarkdown(profile(), later)).to.include('| 2027-05-30 (expired) |');
    expect(renderProfileHtml(profile(), day)).to.not.include('expired');
  });

  it('can be rendered for a profile without facts, and for one without evidence', () => {
    for (const facts of [{}, { retries: { determined: 'answered', value: 1 } } as const]) {
      expect(renderProfileHtml(profile(facts), day)).to.not.include('Experiments');
      expect(renderProfileMarkdown(profile(facts), day)).to.not.include('Experiments');
    }
  });
});

describe('the comparison of two platform profiles', () => {
  const before = profile();

  it('finds no difference in the same profile', () => {
    const { changed, gained, lost, unchanged, connection: differing } = compareProfiles(before, before);
    expect([changed, gained, lost, differing]).to.deep.equal([[], [], [], []]);
    expect(unchanged).to.have.members(['timeoutMs', 'onNotFound', 'enableReturnedUsers']);
  });

  it('lists changed facts, newly determined facts, facts that are no longer determined, and connection facts', () => {
    const { enableReturnedUsers: _, ...others } = found;
    const after = profile(
      {
        ...others,
        onNotFound: { determined: 'answered', value: 'keep' },
        spaceAs: { determined: 'measured', value: '+' },
      },
      'Immuta 2025.1',
      { tlsVersions: measured(['TLSv1.2']) },
    );
    const { changed, gained, lost, connection: differing } = compareProfiles(before, after);
    const namesOf = (changes: typeof changed) => changes.map(({ name }) => name);
    expect(namesOf(changed)).to.deep.equal(['onNotFound']);
    expect(namesOf(gained)).to.deep.equal(['spaceAs']);
    expect(namesOf(lost)).to.deep.equal(['enableReturnedUsers']);
    expect(differing).to.deep.equal(['tlsVersions']);
  });

  it('compares the facts of requests, repeats and responses that both profiles determine', () => {
    const withRequests = (requests: ConnectionFacts, timeout: Fact) => ({
      ...profile(found, 'P', requests),
      repeats: { timeout },
      responses: { gzip: { determined: 'answered' as const, value: timeout.value === 1 ? 'kept' : 'removed' } },
    });
    const one = withRequests(
      { order: measured('by name'), maxConcurrent: measured(1) },
      { determined: 'measured', value: 1 },
    );
    const other = withRequests(
      { order: notDetermined('No sync.'), maxConcurrent: measured(4), peerAddresses: measured(2) },
      { determined: 'measured', value: 2 },
    );
    const { changed, connection: differing } = compareProfiles(one, other);
    expect([changed.map(({ name }) => name), differing]).to.deep.equal([
      ['repeats.timeout', 'responses.gzip'],
      ['maxConcurrent'],
    ]);
  });

  it('counts a measured time as changed only when the intervals do not overlap', () => {
    const withTime = (value: number, low: number, high: number) =>
      profile({ ...found, timeoutMs: { determined: 'measured', value, interval: { low, high } } });
    expect(compareProfiles(before, withTime(9700, 8730, 9750)).changed).to.deep.equal([]);
    expect(compareProfiles(before, withTime(30_000, 27_000, 30_100)).changed).to.have.length(1);
  });
});
