// Tests of the kit in other test suites: real mocha and real node:test, in a separate directory, with a good and a bad endpoint.
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { expect } from 'chai';
import { catalogue } from './checks/catalogue.ts';
import { describeConformance } from './describe-conformance.ts';
import { canaries, startFixture } from './testing/fixture.ts';

interface MochaReport {
  readonly stats: {
    readonly tests: number;
    readonly passes: number;
    readonly failures: number;
    readonly pending: number;
  };
  readonly failures: readonly {
    readonly title: string;
    readonly fullTitle: string;
    readonly err: { message: string };
  }[];
  readonly pending: readonly { readonly title: string }[];
}

const projectRoot = dirname(import.meta.dirname);
const fromHere = (name: string) => pathToFileURL(fileURLToPath(new URL(name, import.meta.url))).href;
const tsx = pathToFileURL(join(projectRoot, 'node_modules/tsx/dist/loader.mjs')).href;
const mochaProgram = join(projectRoot, 'node_modules/mocha/bin/mocha.js');
const total = catalogue.reduce((sum, { checks }) => sum + checks.length, 0);

function run(args: readonly string[], cwd: string, url: string) {
  return new Promise<{ exitCode: number | null; stdout: string; stderr: string }>((resolve) => {
    const env = { ...process.env, KIT_URL: url };
    const child = execFile(process.execPath, ['--import', tsx, ...args], { cwd, env }, (_error, stdout, stderr) =>
      resolve({ exitCode: child.exitCode, stdout, stderr }),
    );
  });
}

describe('describeConformance', function () {
  this.timeout(60_000);
  const directory = mkdtempSync(join(tmpdir(), 'user-info-suite-'));
  after(() => rmSync(directory, { recursive: true }));

  const call = (suite: string) => `
import { describeConformance } from '${fromHere('describe-conformance.ts')}';
describeConformance(async () => ({
  url: process.env.KIT_URL, auth: 'none', knownUsers: ['canary-ada@example.test', 'canary-bob@example.test'],
}), ${suite});
`;
  async function underMocha(suite: string, url: string) {
    writeFileSync(join(directory, 'suite.test.mjs'), call(suite));
    const { exitCode, stdout, stderr } = await run(
      [mochaProgram, '--reporter', 'json', 'suite.test.mjs'],
      directory,
      url,
    );
    expect(stdout, stderr).to.match(/^\{/);
    return { exitCode, stdout, report: JSON.parse(stdout) as MochaReport };
  }

  it('creates one test per check in a real Mocha run, and no test fails against an endpoint that conforms', async () => {
    const endpoint = await startFixture({ auth: 'none' });
    const { exitCode, report } = await underMocha('{}', endpoint.url);
    await endpoint.close();
    expect(report.failures.map(({ title, err }) => `${title}: ${err.message}`)).to.deep.equal([]);
    expect(report.stats.tests).to.equal(total);
    expect(report.stats.passes).to.be.greaterThan(60);
    expect(exitCode).to.equal(0);
  });

  it('fails the test of the finding, with its text and without user data', async () => {
    const alter = () => ({ findUser: () => ({ groups: [{ name: 'canary-group' }], authorizations: {} }) });
    const endpoint = await startFixture({ auth: 'none', alter });
    const { exitCode, stdout, report } = await underMocha(`{ title: 'mine', only: ['an-unknown-user'] }`, endpoint.url);
    await endpoint.close();
    expect(report.failures.map(({ title }) => title)).to.include(
      'MUST respond with a non-200 status for an unknown user',
    );
    expect(report.failures[0]?.fullTitle).to.match(/^mine An unknown user MUST/);
    expect(report.failures[0]?.err.message).to.include('To change: ');
    // The suite itself names two users; no report may contain more.
    expect(canaries.filter((canary) => stdout.includes(canary))).to.deep.equal([]);
    expect(exitCode).to.be.greaterThan(0);
  });

  it('skips a warning, and fails it if failOn includes its rule set', async () => {
    const alter = () => ({ isUseridValid: () => true, refuse: () => ({ status: 418, headers: {}, body: '' }) });
    const endpoint = await startFixture({ auth: 'none', alter });
    const title = /^SHOULD respond with 404/;
    const usual = await underMocha(`{ only: ['unknown-user-404'] }`, endpoint.url);
    const strict = await underMocha(`{ only: ['unknown-user-404'], failOn: 'hardening' }`, endpoint.url);
    await endpoint.close();
    expect(usual.report.pending[0]?.title).to.match(title);
    expect(usual.exitCode).to.equal(0);
    expect(strict.report.failures[0]?.title).to.match(title);
    expect(strict.exitCode).to.equal(1);
  });

  it('fails when the endpoint cannot be reached, and gives the reason', async () => {
    const endpoint = await startFixture({ auth: 'none' });
    await endpoint.close();
    const { report } = await underMocha(`{ only: ['unknown-user-refused'] }`, endpoint.url);
    expect(report.failures[0]?.err.message).to.include('nothing listens on that port');
  });

  it('works under node:test', async () => {
    const endpoint = await startFixture({ auth: 'none' });
    const imports = `import { describe, it } from 'node:test';`;
    writeFileSync(
      join(directory, 'node-suite.mjs'),
      imports + call(`{ only: ['an-unknown-user'], runner: { describe, it } }`),
    );
    const { exitCode, stdout } = await run(['--test-reporter=tap', 'node-suite.mjs'], directory, endpoint.url);
    await endpoint.close();
    expect(stdout)
      .to.include('ok 1 - MUST respond with a non-200 status for an unknown user')
      .and.to.match(/^# fail 0$/m);
    expect(exitCode).to.equal(0);
  });

  it('rejects a selection of unknown checks before any test runs', () => {
    expect(() => describeConformance({ url: 'http://127.0.0.1:1/', auth: 'none' }, { only: ['tsl'] })).to.throw(
      'did you mean "tls"',
    );
  });

  it('fails if an option of the suite is in the first argument, where it would have no effect', async () => {
    const endpoint = await startFixture({ auth: 'none' });
    writeFileSync(
      join(directory, 'suite.test.mjs'),
      call(`{ only: ['unknown-user-404'] }`).replace("auth: 'none'", "auth: 'none', failOn: 'hardening'"),
    );
    const { exitCode, stdout } = await run([mochaProgram, 'suite.test.mjs'], directory, endpoint.url);
    await endpoint.close();
    expect(stdout).to.include('failOn has no effect here. Move it to the second argument of describeConformance.');
    expect(exitCode).to.equal(1);
  });
});
