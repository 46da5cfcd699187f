// Tests of `user-info conform --profile-of-platform` as a process: the effect of findings, the unchanged verdict, and invalid files.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { stringify } from 'yaml';
import type { RunningEndpoint } from '../../conformance/faults/conformant-endpoint.ts';
import { empty } from '../../conformance/faults/fault.ts';
import { startFixture } from '../../conformance/testing/fixture.ts';
import type { ConformanceReport } from '../../schemas/generated/conformance-report.ts';
import { createPlatformProfile } from '../../simulator/learn/platform-profile.ts';
import { scratchDirectory } from '../../tests/certificate-files.ts';
import { runCli } from '../../tests/run-cli.ts';

const others = {
  platform: 'Immuta 2024.3',
  connection: {},
  disturbances: { voidTries: 0, otherUsers: 0, unexpected: 0, rejectedCredentials: 0 },
};
const found = { removalRule: { determined: 'read-by-api', value: 'keep' } } as const;

describe('user-info conform with a platform profile', () => {
  const directory = scratchDirectory();
  let endpoint: RunningEndpoint;
  before(async () => {
    endpoint = await startFixture({
      auth: 'none',
      alter: (good) => ({ findUser: async (userid) => (await good.findUser(userid)) ?? empty }),
    });
  });
  after(() => endpoint.close());

  const inDirectory = (name: string) => join(directory, name);
  const conform = (...args: string[]) =>
    runCli([
      ...['conform', endpoint.url, '--auth', 'none', '--known-user', 'canary-ada@example.test'],
      ...['--only', 'an-unknown-user', ...args],
    ]);
  const writeProfile = (name: string, day: Date) => {
    writeFileSync(inDirectory(name), stringify(createPlatformProfile(found, others, day)));
    return inDirectory(name);
  };

  it('states the effect of each finding, and has the same verdict and statuses as without the profile', async () => {
    const profile = writeProfile('profile.yaml', new Date());
    const plain = await conform('--report', `json=${inDirectory('plain.json')}`);
    const { exitCode, stdout, stderr } = await conform(
      ...['--profile-of-platform', profile, '--report', `json=${inDirectory('stated.json')}`],
    );
    expect(stderr).to.not.include('expired');
    expect(stdout.replaceAll(/\s+/g, ' ')).to.include(
      'platform The platform accepts the response, and keeps groups and values that the response does not contain. Measured on ',
    );
    expect(plain.stdout).to.not.include('platform    ');
    expect([exitCode, plain.exitCode]).to.deep.equal([1, 1]);
    const read = (name: string): ConformanceReport => JSON.parse(readFileSync(inDirectory(name), 'utf8'));
    const [without, stated] = [read('plain.json'), read('stated.json')];
    const verdictOf = ({ verdict, summary, checks }: ConformanceReport) => [
      ...[verdict, summary],
      checks.map(({ id, status }) => [id, status]),
    ];
    expect(verdictOf(stated)).to.deep.equal(verdictOf(without));
    expect(stated.platformProfile?.platform).to.equal('Immuta 2024.3');
    expect(without.checks.some(({ platformEffect }) => platformEffect !== undefined)).to.equal(false);
    const effects = stated.checks.flatMap(({ platformEffect }) => (platformEffect ? [platformEffect.facts] : []));
    expect(effects).to.deep.include(['removalRule']);
  });

  it('warns when a fact has expired, and still states it', async () => {
    const profile = writeProfile('old.yaml', new Date('2024-01-01T00:00:00Z'));
    const { exitCode, stdout, stderr } = await conform('--profile-of-platform', profile);
    expect(exitCode).to.equal(1);
    expect(stderr).to.include('--profile-of-platform: removalRule expired. The report marks expired facts.');
    expect(stdout.replaceAll(/\s+/g, ' ')).to.include('expired (valid until 2024-06-29)');
  });

  it('exits with 2 for a file that is not a profile, with the position of each error', async () => {
    writeFileSync(inDirectory('wrong.yaml'), 'schemaVersion: 1\nfacts: { retry: { determined: measured } }\n');
    const { exitCode, stdout, stderr } = await conform('--profile-of-platform', inDirectory('wrong.yaml'));
    expect([exitCode, stdout]).to.deep.equal([2, '']);
    expect(stderr).to.match(/wrong\.yaml:2:\d+ facts/);
    const missing = await conform('--profile-of-platform', inDirectory('nowhere.yaml'));
    expect(missing.stderr).to.include('--profile-of-platform: ').and.to.include('cannot be read (ENOENT)');
  });
});
