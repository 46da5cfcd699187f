// Tests of --explore: the smallest counterexample as a curl line, the seed that repeats it, and the limits on requests.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { runCli } from '../tests/run-cli.ts';
import type { ConformanceOptions } from './conformance-options.ts';
import type { EndpointOptions } from './faults/conformant-endpoint.ts';
import { type CheckResult, ConformanceOptionsError, runConformance } from './run-conformance.ts';
import { completeOptions, findCheck, runAgainst, startFixture } from './testing/fixture.ts';

const run = promisify(execFile);
const topic = { only: ['generated-inputs', 'known-user-200'] };

/** Accepts a name with an exclamation mark in any position as the name without it. */
const dropsMarks: EndpointOptions['alter'] = (good) => ({
  findUser: (userid) => good.findUser(userid.replaceAll('!', '')),
});

const explore = (alter: EndpointOptions['alter'], change: Partial<ConformanceOptions>) =>
  runAgainst({ auth: 'none', ...(alter ? { alter } : {}) }, { ...topic, ...change });

/** The user ids that a check sent, as shown in its evidence. */
const shownIn = ({ evidence }: CheckResult) => evidence.map(({ request }) => request.replace(/:\d+\//, '/')).join('\n');

describe('generated inputs', () => {
  it('shrink to the smallest counterexample, and the same seed finds it again', async () => {
    const change = { explore: 100, seed: 4711 };
    const reports = [await explore(dropsMarks, change), await explore(dropsMarks, change)];
    const found = reports.map((report) => findCheck(report, 'generated-names-refused'));
    expect(found.map(({ status }) => status)).to.deep.equal(['failed', 'failed']);
    expect(found[0]?.message).to.include('(--explore 100 --seed 4711)');
    expect(shownIn(found[0] as CheckResult)).to.match(
      /userid=(?:!\$\{?KNOWN_USER_ENCODED\}?|\$\{?KNOWN_USER_ENCODED\}?!)(?=["&])/,
    );
    expect(found.map(shownIn)[0]).to.equal(found.map(shownIn)[1]);
    expect(reports[0]?.attestation.configuration).to.include(change);
  });

  it('are repeated by the curl line of the finding', async () => {
    const endpoint = await startFixture({ auth: 'none', ...(dropsMarks ? { alter: dropsMarks } : {}) });
    try {
      const options = await completeOptions(endpoint.url, 'none');
      const report = await runConformance({ ...options, ...topic, explore: 100, seed: 4711 });
      const line = findCheck(report, 'generated-names-refused').evidence[0]?.request ?? '';
      expect(line).to.match(/^curl /);
      const KNOWN_USER_ENCODED = encodeURIComponent('canary-ada@example.test');
      const { stdout } = await run('sh', ['-c', line], { env: { ...process.env, KNOWN_USER_ENCODED } });
      expect(stdout)
        .to.match(/^HTTP\/1\.1 200 /)
        .and.to.include('canary-group-a');
    } finally {
      await endpoint.close();
    }
  });

  it('have a random seed by default, which is in the report', async () => {
    const seeds = [];
    for (let time = 0; time < 2; time++)
      seeds.push((await explore(undefined, { explore: 2 })).attestation.configuration.seed);
    expect(seeds[0]).to.be.a('number').and.not.to.equal(seeds[1]);
  });

  it('are not sent by default', async () => {
    const report = await explore(undefined, {});
    expect(
      report.checks.filter(({ topic: name }) => name === 'Generated inputs').map(({ status }) => status),
    ).to.deep.equal(['skipped', 'skipped', 'skipped']);
    expect(report.notRun).to.deep.equal([]);
  });

  it('respect the limit on requests, beyond which a check is untestable', async () => {
    const report = await explore(undefined, { explore: 1000, seed: 1, maxRequests: 60 });
    expect(report.attestation.requestsSent).to.equal(60);
    const { status, message } = findCheck(report, 'generated-names-refused');
    expect(status).to.equal('untestable');
    expect(message).to.include('Increase --max-requests');
  });

  it('send a bounded number of requests for a smaller counterexample', async () => {
    // Any text around a name is accepted: each input is a counterexample, and so is each smaller one.
    const contained: EndpointOptions['alter'] = (good, { users }) => ({
      isUseridValid: () => true,
      findUser: (userid) => good.findUser([...users.keys()].find((known) => userid.includes(known)) ?? userid),
    });
    const report = await explore(contained, { only: ['generated-names-refused'], explore: 10, seed: 1 });
    expect(findCheck(report, 'generated-names-refused').status).to.equal('failed');
    // Twice, because a failure is confirmed, plus the requests before the check.
    expect(report.attestation.requestsSent).to.be.lessThan(2 * (10 + 50) + 20);
  });

  const wrong: readonly (readonly [Partial<ConformanceOptions>, string])[] = [
    [{ explore: 0 }, '--explore must be a whole number from 1 to 10000.'],
    [{ explore: 1.5 }, '--explore must be a whole number from 1 to 10000.'],
    [{ explore: 5, seed: -1 }, '--seed must be a whole number from 0 to 2147483647.'],
    [{ seed: 5 }, '--seed has no effect without --explore. Add --explore N.'],
  ];
  for (const [change, message] of wrong) {
    it(`are rejected with a reason: ${JSON.stringify(change)}`, async () => {
      const failure = await explore(undefined, change).catch((error: unknown) => error);
      expect(failure).to.be.instanceOf(ConformanceOptionsError).with.property('message', message);
    });
  }
});

describe('user-info conform --explore', () => {
  it('prints the seed that repeats the run', async () => {
    const endpoint = await startFixture({ auth: 'none' });
    try {
      const flags = ['--auth', 'none', '--known-user', 'canary-ada@example.test', '--only', 'generated-inputs'];
      const { exitCode, stderr } = await runCli(['conform', endpoint.url, ...flags, '--explore', '3', '--seed', '9']);
      expect(exitCode, stderr).to.equal(0);
      expect(stderr).to.include('Repeat them with --explore 3 --seed 9.');
    } finally {
      await endpoint.close();
    }
  });
});
