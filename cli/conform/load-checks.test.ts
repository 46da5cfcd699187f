// Tests of --checks: a module of custom checks in a run, in the reports and in the exit code, and unusable modules.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Check } from '../../conformance/check.ts';
import { checkKit, defineCheck } from '../../conformance/define-check.ts';
import { failsRun } from '../../conformance/fail-on.ts';
import { validateConformanceReport } from '../../conformance/report/read-report.ts';
import { renderReport, reportFormats } from '../../conformance/report/report-formats.ts';
import {
  type ConformanceReport,
  describeConformance,
  listRequests,
  runConformance,
} from '../../conformance/run-conformance.ts';
import { completeOptions, startFixture } from '../../conformance/testing/fixture.ts';
import { runCli } from '../../tests/run-cli.ts';
import { loadChecks } from './load-checks.ts';

const example = join(import.meta.dirname, '../../examples/custom-checks/group-names.mjs');

const rule: Omit<Parameters<typeof defineCheck>[0], 'run'> = {
  id: 'acme-rule',
  title: 'SHOULD have three groups',
  level: 'SHOULD',
  why: 'A rule of the company.',
  fix: 'Add a group.',
};

async function runWith(customChecks: readonly Check[]): Promise<ConformanceReport> {
  const endpoint = await startFixture({ auth: 'none' });
  try {
    const options = await completeOptions(endpoint.url, 'none');
    return await runConformance({ ...options, customChecks, only: ['custom-checks', 'known-user-200'] });
  } finally {
    await endpoint.close();
  }
}

describe('a custom check', () => {
  it('reports a violation with evidence in every format, without changing the verdict', async () => {
    const faults: string[] = [];
    const report = await runWith((await loadChecks(example, faults)) ?? []);
    expect(faults).to.deep.equal([]);
    const found = report.checks.find(({ id }) => id === 'acme-group-names');
    expect(found).to.include({ status: 'warning', ruleSet: 'custom', topic: 'Custom checks' });
    expect(found?.message).to.include('Seen: 2 of 2 groups with another name.');
    expect(found?.evidence[0]?.request).to.include('KNOWN_USER');
    expect(report.verdict).to.equal('conforms');
    expect(validateConformanceReport(report), JSON.stringify(validateConformanceReport.errors)).to.equal(true);
    for (const format of reportFormats) expect(renderReport(report, format), format).to.include('acme-group-names');
    // It cites no clause of the contract.
    for (const format of ['html', 'junit'] as const) expect(renderReport(report, format)).to.not.include('Clauses');
  });

  it('passes, is untestable, fails when an assertion fails, or fails the run because of a bug', async () => {
    const { strictEqual } = await import('node:assert');
    const define = (id: string, run: Check['run']) => defineCheck({ ...rule, id, run });
    const { checks, verdict } = await runWith([
      define('acme-passes', async () => undefined),
      define('acme-untestable', async () => {
        throw new checkKit.Untestable('The directory is read-only.');
      }),
      define('acme-node-assert', async () => strictEqual(1, 2, 'One group is missing.')),
      define('acme-bug', async () => {
        throw new RangeError('canary');
      }),
    ]);
    expect(
      Object.fromEntries(checks.slice(1).map(({ id, status, message }) => [id, `${status}: ${message}`])),
    ).to.deep.equal({
      'acme-passes': 'passed: ',
      'acme-untestable': 'untestable: The directory is read-only.',
      'acme-node-assert': 'warning: One group is missing.',
      'acme-bug': `error: ${checks.at(-1)?.message}`,
    });
    expect(checks.at(-1)?.message)
      .to.match(/^The custom check failed: RangeError at load-checks\.test\.ts:\d+\.$/)
      .and.not.to.include('canary');
    const bug = checks.at(-1);
    expect(bug && failsRun(bug, { failOn: 'contract' }), 'a bug of a custom check').to.equal(true);
    expect(verdict).to.equal('conforms');
  });

  it('is included in the list of requests, and is a test of describeConformance', async () => {
    const options = await completeOptions('http://127.0.0.1:1/user-info', 'none');
    const customChecks = [
      defineCheck({ ...rule, run: async ({ ask, knownUser }) => void (await ask({ userids: [knownUser] })) }),
    ];
    const { requests } = await listRequests({ ...options, customChecks, only: ['acme-rule'] });
    expect(requests.map(({ checkId }) => checkId)).to.include('acme-rule');
    const titles: string[] = [];
    const runner = {
      describe: (_title: string, define: () => void) => define(),
      it: (title: string) => titles.push(title),
    };
    describeConformance(options, { customChecks, only: ['custom-checks'], runner });
    expect(titles).to.deep.equal([rule.title]);
  });

  it('is rejected with all its errors', () => {
    const wrong = { ...rule, id: 'Acme', title: 'three groups', fix: '', run: undefined } as unknown as Parameters<
      typeof defineCheck
    >[0];
    expect(() => defineCheck(wrong)).to.throw(
      TypeError,
      'The check "Acme": id must be lower-case words joined by hyphens; title must begin with SHOULD; fix must not be empty; run must be a function.',
    );
  });
});

const directory = mkdtempSync(join(tmpdir(), 'user-info-checks-'));
after(() => rmSync(directory, { recursive: true }));

describe('user-info conform --checks', () => {
  it('exits with 1 for a violation, even if the endpoint conforms', async () => {
    const endpoint = await startFixture({ auth: 'none' });
    try {
      const only = ['--only', 'custom-checks,known-user-200'];
      const known = ['--auth', 'none', '--known-user', 'canary-ada@example.test'];
      const { exitCode, stdout } = await runCli(['conform', endpoint.url, ...known, '--checks', example, ...only]);
      expect(exitCode, stdout).to.equal(1);
      expect(stdout).to.match(/conforms/);
      expect(stdout).to.include('acme-group-names');
    } finally {
      await endpoint.close();
    }
  });

  const modules: Readonly<Record<string, readonly [source: string | null, message: RegExp]>> = {
    'a file that is missing': [null, /cannot be loaded \(.*\)\. Check that it is an ES module/],
    'a syntax error': [
      'const rules = 1;\nconst rules = 2;',
      /cannot be loaded \(SyntaxError: .*\)\. Run `node --check .* to see the line\./,
    ],
    'an import that is not installed': ["import 'acme-rules';", /cannot be loaded \(.*acme-rules.*\)\. Check/],
    'no default export': [
      'export const checks = [];',
      /does not have a function as its default export\. The default export must be/,
    ],
    'a function that throws': [
      "export default () => {\n  throw new Error('no rules');\n};",
      /failed to create its checks \(Error: no rules, line 2\)\./,
    ],
    'a check that is incomplete': [
      "export default ({ defineCheck }) => [defineCheck({ id: 'acme' })];",
      /failed to create its checks \(TypeError: The check "acme": level must be/,
    ],
    'no checks': ['export default () => [];', /did not return a list of checks created with defineCheck\./],
    'the id of a check of the kit': [
      "export default ({ defineCheck }) => [defineCheck({ id: 'known-user-200', title: 'MUST x', level: 'MUST', why: 'x', fix: 'x', run() {} })];",
      /--checks: The custom check known-user-200 has the same id as a check of the kit\. Choose another id\./,
    ],
  };
  for (const [name, [source, message]] of Object.entries(modules)) {
    it(`names the file and the fix, and exits with 2: ${name}`, async () => {
      const file = join(directory, `${name.replaceAll(' ', '-')}.mjs`);
      if (source !== null) writeFileSync(file, source);
      const faults: string[] = [];
      await loadChecks(file, faults);
      expect(faults.join('\n')).to.match(message);
      expect(faults[0]).to.include(source === null || !name.includes('id of') ? file : 'known-user-200');
    });
  }

  it('exits with 2 before a request is sent', async () => {
    const file = join(directory, 'broken.mjs');
    writeFileSync(file, 'export default () => missing;');
    const { exitCode, stderr } = await runCli([
      'conform',
      'http://127.0.0.1:1/user-info',
      '--auth',
      'none',
      '--checks',
      file,
    ]);
    expect(exitCode).to.equal(2);
    expect(stderr).to.include(
      'broken.mjs failed to create its checks (ReferenceError: missing is not defined, line 1).',
    );
  });
});

describe('user-info explain --checks', () => {
  it('describes a custom check, and the request that it sends', async () => {
    const { exitCode, stdout } = await runCli(['explain', 'acme-group-names', '--checks', example]);
    expect(exitCode, stdout).to.equal(0);
    expect(stdout)
      .to.include('Custom checks')
      .and.to.match(/What it sends\n {2}\$ curl .*userid=/);
  });

  it('lists the custom checks after those of the kit', async () => {
    const { stdout } = await runCli(['explain', '--checks', example]);
    expect(stdout.indexOf('acme-group-names')).to.be.greaterThan(stdout.indexOf('known-user-200'));
  });

  it('exits with 2 when the module cannot be loaded', async () => {
    const { exitCode, stderr } = await runCli(['explain', '--checks', join(directory, 'missing.mjs')]);
    expect(exitCode).to.equal(2);
    expect(stderr).to.include('missing.mjs cannot be loaded');
  });
});

describe('the guide to custom checks', () => {
  it('shows the code of the example', () => {
    const guide = readFileSync(new URL('../../docs/guides/write-custom-checks.md', import.meta.url), 'utf8');
    const [block = ''] = /(?<=```js\n).*?(?=```)/s.exec(guide) ?? [];
    const code = readFileSync(example, 'utf8').replace(/^ *\/\/.*\n/gm, '');
    expect(code).to.include(block);
  });
});
