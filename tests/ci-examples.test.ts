// Tests the examples of CI: GitHub's and GitLab's own rules find no fault in them, and their commands work against a real endpoint.
import { execFile } from 'node:child_process';
import { chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { NoOperationTraceWriter, parseWorkflow } from '@actions/workflow-parser';
import { parseAction } from '@actions/workflow-parser/actions/action-parser';
import { expect } from 'chai';
import { parse } from 'yaml';
import type { RunningEndpoint } from '../conformance/faults/conformant-endpoint.ts';
import { empty } from '../conformance/faults/fault.ts';
import { login, startFixture } from '../conformance/testing/fixture.ts';
import { builtProgram } from './built-program.ts';

const projectRoot = dirname(import.meta.dirname);
const example = (path: string) => join(projectRoot, 'examples/ci', path);
const read = (path: string) => readFileSync(example(path), 'utf8');
const knownUser = 'canary-ada@example.test';

interface Outcome {
  readonly exitCode: number;
  readonly output: string;
}

function run(program: string, args: readonly string[], cwd: string, env: NodeJS.ProcessEnv): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = execFile(program, args, { cwd, env }, (_error, stdout, stderr) =>
      resolve({ exitCode: child.exitCode ?? -1, output: stdout + stderr }),
    );
  });
}

describe('the examples of CI', function () {
  this.timeout(60_000);
  let folder = '';
  let good: RunningEndpoint;
  let failOpen: RunningEndpoint;
  /** Conforms, and violates a rule of hardening or of a standard. */
  let cacheable: RunningEndpoint;
  let environment: NodeJS.ProcessEnv;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'user-info-ci-'));
    good = await startFixture({ auth: 'basic' });
    failOpen = await startFixture({
      auth: 'basic',
      alter: (steps) => ({ findUser: async (userid) => (await steps.findUser(userid)) ?? empty }),
    });
    cacheable = await startFixture({
      auth: 'basic',
      alter: () => ({
        finish: (reply) => ({ ...reply, headers: { ...reply.headers, 'Cache-Control': 'public, max-age=60' } }),
      }),
    });
    // A machine on which the kit is installed.
    const program = join(folder, 'user-info');
    writeFileSync(program, `#!/bin/sh\nexec '${process.execPath}' '${builtProgram}' "$@"\n`);
    chmodSync(program, 0o755);
    environment = { PATH: [folder, process.env.PATH].join(delimiter), HOME: folder, LANG: 'C.UTF-8' };
  });
  after(async () => {
    await Promise.all([good.close(), failOpen.close(), cacheable.close()]);
    rmSync(folder, { recursive: true });
  });

  describe('for GitHub', () => {
    const faultsOfWorkflow = (content: string) =>
      parseWorkflow({ name: 'workflow.yml', content }, new NoOperationTraceWriter()).context.errors.getErrors();
    const faultsOfAction = (content: string) =>
      parseAction({ name: 'action.yml', content }, new NoOperationTraceWriter()).context.errors.getErrors();

    it('hold the schemas of workflows and actions', () => {
      expect(faultsOfWorkflow(read('github/workflow.yml')).map(String)).to.deep.equal([]);
      expect(faultsOfAction(read('github/action.yml')).map(String)).to.deep.equal([]);
    });

    it('would be refused with a fault, so that the schemas are known to judge', () => {
      expect(faultsOfWorkflow(read('github/workflow.yml').replace('runs-on', 'run-on'))).not.to.deep.equal([]);
      expect(faultsOfAction(read('github/action.yml').replace('shell: bash', 'shll: bash'))).not.to.deep.equal([]);
    });

    it('give the action only inputs that it has', () => {
      const { inputs } = parse(read('github/action.yml'));
      const { jobs } = parse(read('github/workflow.yml'));
      const uses = jobs.conformance.steps.find(({ id }: { id?: string }) => id === 'conformance');
      expect(Object.keys(inputs)).to.include.members(Object.keys(uses.with));
      const required = Object.entries<{ required?: boolean }>(inputs).filter(([, input]) => input.required);
      expect(Object.keys(uses.with)).to.include.members(required.map(([name]) => name));
    });

    it('put no input into the text of a script, where it could become a command', () => {
      const { runs } = parse(read('github/action.yml'));
      for (const { run: script } of runs.steps) expect(script).not.to.include('${{');
    });

    /** Runs the steps of the action as a runner does. */
    async function runAction(
      given: Readonly<Record<string, string>>,
      name: string,
    ): Promise<Outcome & { summary: string; outputs: string }> {
      const { inputs, runs } = parse(read('github/action.yml'));
      const cwd = mkdtempSync(join(folder, `${name}-`));
      const files = { GITHUB_STEP_SUMMARY: join(cwd, 'step-summary'), GITHUB_OUTPUT: join(cwd, 'step-output') };
      for (const file of Object.values(files)) writeFileSync(file, '');
      const inputOf = (input: string) => given[input] ?? inputs[input]?.default ?? '';
      let outcome: Outcome = { exitCode: 0, output: '' };
      for (const step of runs.steps) {
        const variables = Object.entries<string>(step.env).map(([variable, text]) => [
          variable,
          text.replaceAll(/\$\{\{ inputs\.([\w-]+) \}\}/g, (_all, input: string) => inputOf(input)),
        ]);
        const env = { ...environment, ...files, ...Object.fromEntries(variables) };
        // The very command that GitHub starts for `shell: bash`.
        const args = ['--noprofile', '--norc', '-eo', 'pipefail', '-c', step.run];
        outcome = await run('bash', args, cwd, env);
        if (outcome.exitCode !== 0) break;
      }
      const [summary, outputs] = Object.values(files).map((file) => readFileSync(file, 'utf8')) as [string, string];
      return { ...outcome, summary, outputs };
    }

    const inputsFor = ({ url }: RunningEndpoint) => ({ url, auth: 'basic', ...login, 'known-users': `${knownUser}\n` });

    it('judge an endpoint that conforms, and write the summary', async () => {
      const { exitCode, output, summary, outputs } = await runAction(inputsFor(good), 'good');
      expect(exitCode, output).to.equal(0);
      expect(summary).to.match(/^## ✅ /);
      expect(outputs).to.equal(
        'junit=user-info-reports/report.xml\nsarif=user-info-reports/report.sarif\nhtml=user-info-reports/report.html\n',
      );
    });

    it('fail for a violation outside the contract only when fail-on includes it', async () => {
      const byDefault = await runAction(inputsFor(cacheable), 'fail-on-contract');
      expect(byDefault.exitCode, byDefault.output).to.equal(0);
      const hardening = await runAction({ ...inputsFor(cacheable), 'fail-on': 'hardening' }, 'fail-on-hardening');
      expect(hardening.exitCode, hardening.output).to.equal(1);
    });

    it('fail for one that does not, with the summary and every report there', async () => {
      const { exitCode, summary } = await runAction(inputsFor(failOpen), 'fail-open');
      expect(summary)
        .to.match(/^## ❌ /)
        .and.to.include('unknown-user-refused');
      expect(exitCode).to.equal(1);
    });
  });

  describe('for both', () => {
    it('pass the default of the program as fail-on', () => {
      expect(parse(read('github/action.yml')).inputs['fail-on'].default).to.equal('contract');
      const { variables } = parse(read('gitlab/user-info.gitlab-ci.yml'))['user-info-conformance'];
      expect(variables.USER_INFO_FAIL_ON).to.equal('contract');
    });
  });

  describe('for GitLab', () => {
    const judge = createRequire(import.meta.url).resolve('gitlab-ci-local/dist/index.js');

    /** A repository of its own, in which the example is the pipeline. */
    async function createRepository(change: (text: string) => string = (text) => text): Promise<string> {
      const cwd = mkdtempSync(join(folder, 'gitlab-'));
      copyFileSync(example('gitlab/user-info.gitlab-ci.yml'), join(cwd, '.gitlab-ci.yml'));
      writeFileSync(join(cwd, '.gitlab-ci.yml'), change(readFileSync(join(cwd, '.gitlab-ci.yml'), 'utf8')));
      const author = ['-c', 'user.name=test', '-c', 'user.email=test@example.test'];
      await run('git', ['init', '--quiet', '--initial-branch=main'], cwd, environment);
      await run('git', ['add', '.'], cwd, environment);
      await run('git', [...author, 'commit', '--quiet', '--message', 'pipeline'], cwd, environment);
      return cwd;
    }

    const gitlab = (cwd: string, ...args: string[]) =>
      run(process.execPath, [judge, '--variable', 'CI_PIPELINE_SOURCE=web', ...args], cwd, environment);

    it('is refused with a fault by the schema that GitLab publishes, which is known to judge', async () => {
      const cwd = await createRepository((text) => text.replace('reports:', 'reprots:'));
      const { exitCode, output } = await gitlab(cwd, '--list');
      expect(output).to.include("'reprots' property is not expected to be here");
      expect(exitCode).to.equal(1);
    });

    it('fails for a violation outside the contract when USER_INFO_FAIL_ON includes it', async () => {
      const cwd = await createRepository();
      const variables = {
        USER_INFO_URL: cacheable.url,
        USER_INFO_USERNAME: login.username,
        USER_INFO_PASSWORD: login.password,
        USER_INFO_KNOWN_USER: knownUser,
        USER_INFO_FAIL_ON: 'hardening',
      };
      const flags = Object.entries(variables).flatMap(([name, value]) => ['--variable', `${name}=${value}`]);
      const shell = ['--force-shell-executor', '--no-shell-isolation'];
      const { exitCode, output } = await gitlab(cwd, ...shell, ...flags, 'user-info-conformance');
      expect(output).to.include('json schema validated');
      expect(exitCode, output).to.equal(1);
    });

    it('holds that schema, runs, and fails for an endpoint that does not conform, with its reports', async () => {
      const cwd = await createRepository();
      const variables = {
        USER_INFO_URL: failOpen.url,
        USER_INFO_USERNAME: login.username,
        USER_INFO_PASSWORD: login.password,
        USER_INFO_KNOWN_USER: knownUser,
      };
      const flags = Object.entries(variables).flatMap(([name, value]) => ['--variable', `${name}=${value}`]);
      const { exitCode, output } = await gitlab(
        cwd,
        ...['--force-shell-executor', '--no-shell-isolation', ...flags, 'user-info-conformance'],
      );
      expect(output)
        .to.include('json schema validated')
        .and.to.include('MUST respond with a non-200 status for an unknown user');
      expect(exitCode).to.equal(1);
      expect(readFileSync(join(cwd, 'user-info.xml'), 'utf8')).to.include('<failure ');
      expect(readFileSync(join(cwd, 'user-info.html'), 'utf8')).to.include('Does not conform');
    });
  });
});
