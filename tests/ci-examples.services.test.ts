// Tests the CI examples: GitHub's and GitLab's own schemas accept them, and their commands work against real endpoints.
import { execFile, spawn } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { NoOperationTraceWriter, parseWorkflow } from '@actions/workflow-parser';
import { parseAction } from '@actions/workflow-parser/actions/action-parser';
import { expect } from 'chai';
import { parse } from 'yaml';
import type { RunningEndpoint } from '../conformance/faults/conformant-endpoint.ts';
import { empty } from '../conformance/faults/fault.ts';
import { login, startFixture } from '../conformance/testing/fixture.ts';
import { askOrRefused } from './ask-server.ts';
import { builtProgram } from './built-program.ts';
import { findFreePort } from './services/service-process.ts';

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

describe('the CI examples', function () {
  this.timeout(60_000);
  let directory = '';
  let good: RunningEndpoint;
  let failOpen: RunningEndpoint;
  /** An endpoint that conforms to the contract but violates a hardening rule or a standard. */
  let cacheable: RunningEndpoint;
  let environment: NodeJS.ProcessEnv;

  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'user-info-ci-'));
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
    // Simulates a machine on which the kit is installed.
    const program = join(directory, 'user-info');
    writeFileSync(program, `#!/bin/sh\nexec '${process.execPath}' '${builtProgram}' "$@"\n`);
    chmodSync(program, 0o755);
    environment = { PATH: [directory, process.env.PATH].join(delimiter), HOME: directory, LANG: 'C.UTF-8' };
  });
  after(async () => {
    await Promise.all([good.close(), failOpen.close(), cacheable.close()]);
    rmSync(directory, { recursive: true });
  });

  /** Adds the content of a repository in which an endpoint is developed: the program and its users. */
  async function addEndpoint(
    cwd: string,
  ): Promise<{ readonly url: string; readonly start: string; readonly faultyStart: string }> {
    cpSync(join(projectRoot, 'examples/endpoints/node-http'), join(cwd, 'endpoint'), { recursive: true });
    cpSync(join(projectRoot, 'examples/endpoints/users.json'), join(cwd, 'users.json'));
    const port = await findFreePort();
    const variables = `USER_INFO_USERNAME=${login.username} USER_INFO_PASSWORD=${login.password} PORT=${port}`;
    const start = `${variables} node endpoint/user-info.mjs & wait`;
    return { url: `http://127.0.0.1:${port}/user-info`, start, faultyStart: 'echo no database >&2; exit 1' };
  }

  /** Adds the content of a repository that tests a sync: settings, users, expectations. The endpoint runs elsewhere. */
  async function addSync(cwd: string): Promise<{ stop(): void }> {
    cpSync(join(projectRoot, 'examples/qa-sync'), cwd, { recursive: true });
    writeFileSync(join(cwd, 'password'), 'a password of the tests');
    const [port, administration] = [await findFreePort(), await findFreePort()];
    for (const name of ['endpoint.yaml', 'okta.yaml']) {
      const text = readFileSync(join(cwd, name), 'utf8');
      writeFileSync(join(cwd, name), text.replaceAll('8643', String(port)).replaceAll('9643', String(administration)));
    }
    const server = spawn(process.execPath, [builtProgram, 'serve', '--config', 'endpoint.yaml'], {
      cwd,
      stdio: 'ignore',
    });
    for (;;) {
      const answer = await askOrRefused(`http://127.0.0.1:${administration}/readyz`);
      if (typeof answer !== 'string' && answer.status === 200) break;
      if (server.exitCode !== null) throw new Error('the endpoint of the sync did not start');
      await delay(50);
    }
    return { stop: () => server.kill() };
  }

  describe('for GitHub', () => {
    const faultsOfWorkflow = (content: string) =>
      parseWorkflow({ name: 'workflow.yml', content }, new NoOperationTraceWriter()).context.errors.getErrors();
    const faultsOfAction = (content: string) =>
      parseAction({ name: 'action.yml', content }, new NoOperationTraceWriter()).context.errors.getErrors();
    /** Workflow → the action that it uses, and the name of the job. */
    const workflows = {
      'nightly.yml': ['action.yml', 'conformance'],
      'pull-request.yml': ['action.yml', 'conformance'],
      'identity-sync.yml': ['identity-sync/action.yml', 'sync'],
    } as const;
    const actions = ['action.yml', 'identity-sync/action.yml'];

    it('match the schemas of workflows and actions', () => {
      const files = readdirSync(example('github')).filter((name) => name.endsWith('.yml') && name !== 'action.yml');
      expect(files).to.have.members(Object.keys(workflows));
      for (const name of files) expect(faultsOfWorkflow(read(`github/${name}`)).map(String), name).to.deep.equal([]);
      for (const name of actions) expect(faultsOfAction(read(`github/${name}`)).map(String), name).to.deep.equal([]);
    });

    it('do not match the schemas when they contain an error, which proves that the validation works', () => {
      expect(faultsOfWorkflow(read('github/nightly.yml').replace('runs-on', 'run-on'))).not.to.deep.equal([]);
      expect(faultsOfAction(read('github/action.yml').replace('shell: bash', 'shll: bash'))).not.to.deep.equal([]);
    });

    for (const [workflow, [action, job]] of Object.entries(workflows)) {
      it(`pass only existing inputs to the action: ${workflow}`, () => {
        const { inputs } = parse(read(`github/${action}`));
        const { jobs } = parse(read(`github/${workflow}`));
        const { with: given } = jobs[job].steps.find(({ uses }: { uses?: string }) => uses?.startsWith('./.github/'));
        expect(Object.keys(inputs)).to.include.members(Object.keys(given));
        const required = Object.entries<{ required?: boolean }>(inputs).filter(([, input]) => input.required);
        expect(Object.keys(given)).to.include.members(required.map(([name]) => name));
      });
    }

    it('insert no input into the text of a script, where an input could become a command', () => {
      for (const name of actions) {
        const { runs } = parse(read(`github/${name}`));
        for (const { run: script } of runs.steps) expect(script).not.to.include('${{');
      }
    });

    /** Runs the steps of an action as a runner does. */
    async function runAction(
      given: Readonly<Record<string, string>>,
      { action = 'action.yml', cwd = mkdtempSync(join(directory, 'github-')) } = {},
    ): Promise<Outcome & { summary: string; outputs: string; cwd: string }> {
      const { inputs, runs } = parse(read(`github/${action}`));
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
        // The exact command that GitHub starts for `shell: bash`.
        const args = ['--noprofile', '--norc', '-eo', 'pipefail', '-c', step.run];
        outcome = await run('bash', args, cwd, env);
        if (outcome.exitCode !== 0) break;
      }
      const [summary, outputs] = Object.values(files).map((file) => readFileSync(file, 'utf8')) as [string, string];
      return { ...outcome, summary, outputs, cwd };
    }

    const inputsFor = ({ url }: RunningEndpoint) => ({ url, auth: 'basic', ...login, 'known-users': `${knownUser}\n` });

    it('test an endpoint that conforms, and write the summary', async () => {
      const { exitCode, output, summary, outputs } = await runAction(inputsFor(good));
      expect(exitCode, output).to.equal(0);
      expect(summary).to.match(/^## ✅ /);
      expect(outputs).to.equal(
        'junit=user-info-reports/report.xml\nsarif=user-info-reports/report.sarif\nhtml=user-info-reports/report.html\n',
      );
    });

    it('accept the configuration of init, an expectation, several known users and further arguments', async () => {
      const cwd = mkdtempSync(join(directory, 'github-'));
      const init = [builtProgram, 'init', good.url, '--auth', 'basic', '--username', login.username];
      const more = ['--password-env', 'BASIC_PASSWORD', '--known-user', knownUser, '--output', 'conform.yaml', '--yes'];
      expect((await run(process.execPath, [...init, ...more], cwd, environment)).exitCode).to.equal(0);
      writeFileSync(join(cwd, 'expected.csv'), `userid,group,attribute,value\n${knownUser},no-such-group,,\n`);
      const given = { config: 'conform.yaml', username: login.username, password: login.password };
      const whole = await runAction(given, { cwd });
      expect(whole.exitCode, whole.output).to.equal(0);
      const expected = await runAction(
        { ...given, expect: 'expected.csv', arguments: '--only\nexpected-groups\n' },
        { cwd },
      );
      expect(expected.exitCode, expected.output).to.equal(1);
      expect(expected.summary).to.include('expected-groups');
      const users = await runAction({ ...given, 'known-users': `${knownUser}\nno-such-user` }, { cwd });
      expect(users.exitCode, users.output).to.equal(1);
      expect(users.summary).to.include('known-user-200');
    });

    it('start an endpoint in the job, test it, and stop it', async () => {
      const cwd = mkdtempSync(join(directory, 'github-'));
      const { url, start } = await addEndpoint(cwd);
      const given = { url, start, auth: 'basic', ...login, 'known-users': 'ada@example.com\ngrace@example.com\n' };
      const { exitCode, output, summary } = await runAction(given, { cwd });
      expect(exitCode, output).to.equal(0);
      expect(summary).to.match(/^## ✅ /);
      expect(await askOrRefused(url)).to.be.a('string');
    });

    it('fail when the endpoint does not start, and show the output of the endpoint', async () => {
      const cwd = mkdtempSync(join(directory, 'github-'));
      const { url, faultyStart } = await addEndpoint(cwd);
      const { exitCode, output } = await runAction({ url, start: faultyStart, auth: 'none' }, { cwd });
      expect(exitCode).to.equal(1);
      expect(output).to.include('::error::The endpoint did not start. Its output:\nno database\n');
    });

    it('fail for a violation outside the contract only when fail-on includes it', async () => {
      const byDefault = await runAction(inputsFor(cacheable));
      expect(byDefault.exitCode, byDefault.output).to.equal(0);
      const hardening = await runAction({ ...inputsFor(cacheable), 'fail-on': 'hardening' });
      expect(hardening.exitCode, hardening.output).to.equal(1);
    });

    it('fail for an endpoint that does not conform, and write the summary', async () => {
      const { exitCode, summary } = await runAction(inputsFor(failOpen));
      expect(summary)
        .to.match(/^## ❌ /)
        .and.to.include('unknown-user-refused');
      expect(exitCode).to.equal(1);
    });

    it('succeed with known failures, and report how many are accepted', async () => {
      const first = await runAction({ ...inputsFor(failOpen), arguments: '--write-baseline\nknown.yaml' });
      expect(first.exitCode, first.output).to.equal(0);
      const accepted = await runAction({ ...inputsFor(failOpen), baseline: 'known.yaml' }, { cwd: first.cwd });
      expect(accepted.exitCode, accepted.output).to.equal(0);
      expect(accepted.summary).to.match(/^## ✅ \S+ passes with \d+ known failures? accepted/);
      expect(accepted.summary + accepted.output).not.to.include('does not conform');
    });

    it('synchronize into a persistent store, and fail when the guard stops the sync', async () => {
      const cwd = mkdtempSync(join(directory, 'github-'));
      const endpoint = await addSync(cwd);
      try {
        const given = { settings: 'okta.yaml', users: 'directory.csv', expect: 'expected.yaml' };
        const how = { action: 'identity-sync/action.yml', cwd };
        const first = await runAction(given, how);
        expect(first.exitCode, first.output).to.equal(0);
        expect(first.summary).to.include('Run 1 of okta: applied.').and.to.include('10 created');
        expect(readFileSync(join(cwd, 'user-info-sync-reports/sync.html'), 'utf8')).to.include('<html');
        const list = readFileSync(join(cwd, 'directory.csv'), 'utf8').split('\n');
        writeFileSync(join(cwd, 'directory.csv'), list.slice(0, 4).join('\n'));
        const second = await runAction(given, how);
        expect(second.exitCode, second.output).to.equal(1);
        expect(second.summary).to.include('stopped by the guard');
      } finally {
        endpoint.stop();
      }
    });
  });

  describe('for GitLab', () => {
    const gitlabCiLocal = createRequire(import.meta.url).resolve('gitlab-ci-local/dist/index.js');

    /** Creates a separate repository, in which the example is the pipeline. */
    async function createRepository({
      file = 'user-info.gitlab-ci.yml',
      change = (text: string) => text,
      add = async (_cwd: string): Promise<unknown> => undefined,
    } = {}): Promise<string> {
      const cwd = mkdtempSync(join(directory, 'gitlab-'));
      copyFileSync(example(`gitlab/${file}`), join(cwd, '.gitlab-ci.yml'));
      writeFileSync(join(cwd, '.gitlab-ci.yml'), change(readFileSync(join(cwd, '.gitlab-ci.yml'), 'utf8')));
      await add(cwd);
      const author = ['-c', 'user.name=test', '-c', 'user.email=test@example.test'];
      await run('git', ['init', '--quiet', '--initial-branch=main'], cwd, environment);
      await run('git', ['add', '.'], cwd, environment);
      await run('git', [...author, 'commit', '--quiet', '--message', 'pipeline'], cwd, environment);
      return cwd;
    }

    const gitlab = (cwd: string, source: string, ...args: string[]) =>
      run(process.execPath, [gitlabCiLocal, '--variable', `CI_PIPELINE_SOURCE=${source}`, ...args], cwd, environment);

    /** Runs one job, with the given project variables. */
    function runJob(cwd: string, job: string, variables: Readonly<Record<string, string>> = {}, source = 'web') {
      const flags = Object.entries(variables).flatMap(([name, value]) => ['--variable', `${name}=${value}`]);
      return gitlab(cwd, source, '--force-shell-executor', '--no-shell-isolation', ...flags, job);
    }

    const variablesFor = ({ url }: RunningEndpoint) => ({
      USER_INFO_URL: url,
      USER_INFO_USERNAME: login.username,
      USER_INFO_PASSWORD: login.password,
      USER_INFO_KNOWN_USERS: knownUser,
    });

    it("does not match GitLab's schema when it contains an error, which proves that the validation works", async () => {
      const cwd = await createRepository({ change: (text) => text.replace('reports:', 'reprots:') });
      const { exitCode, output } = await gitlab(cwd, 'web', '--list');
      expect(output).to.include("'reprots' property is not expected to be here");
      expect(exitCode).to.equal(1);
    });

    it('sets USER_INFO_FAIL_ON to the default of the program', () => {
      expect(parse(read('gitlab/user-info.gitlab-ci.yml'))['.user-info'].variables.USER_INFO_FAIL_ON).to.equal(
        'contract',
      );
    });

    it('fails for a violation outside the contract when USER_INFO_FAIL_ON includes it', async () => {
      const cwd = await createRepository();
      const { exitCode, output } = await runJob(cwd, 'user-info-conformance', {
        ...variablesFor(cacheable),
        USER_INFO_FAIL_ON: 'hardening',
      });
      expect(output).to.include('json schema validated');
      expect(exitCode, output).to.equal(1);
    });

    it('matches that schema, runs, and fails for an endpoint that does not conform, with its reports', async () => {
      const cwd = await createRepository();
      const { exitCode, output } = await runJob(cwd, 'user-info-conformance', variablesFor(failOpen));
      expect(output)
        .to.include('json schema validated')
        .and.to.include('MUST respond with a non-200 status for an unknown user');
      expect(exitCode).to.equal(1);
      expect(readFileSync(join(cwd, 'user-info.xml'), 'utf8')).to.include('<failure ');
      expect(readFileSync(join(cwd, 'user-info.html'), 'utf8')).to.include('Does not conform');
    });

    it('accepts several known users and further arguments', async () => {
      const cwd = await createRepository();
      const { exitCode, output } = await runJob(cwd, 'user-info-conformance', {
        ...variablesFor(good),
        USER_INFO_KNOWN_USERS: `${knownUser} no-such-user`,
        USER_INFO_ARGUMENTS: '--only known-user-200',
      });
      expect(exitCode, output).to.equal(1);
      expect(output).to.include('A known user');
    });

    it('starts the endpoint of a merge request in the job, tests it, and stops it', async () => {
      let started = { url: '', start: '' };
      const cwd = await createRepository({
        add: async (to) => {
          started = await addEndpoint(to);
          const account = ['auth: basic', `username: ${login.username}`, 'passwordEnv: USER_INFO_PASSWORD'];
          const config = [...account, 'knownUsers: [ada@example.com, grace@example.com]'];
          writeFileSync(join(to, 'conform.yaml'), config.join('\n'));
        },
      });
      const variables = {
        USER_INFO_URL: started.url,
        USER_INFO_START: started.start.replace(' & wait', ''),
        USER_INFO_PASSWORD: login.password,
      };
      const { exitCode, output } = await runJob(cwd, 'user-info-merge-request', variables, 'merge_request_event');
      expect(exitCode, output).to.equal(0);
      expect(readFileSync(join(cwd, 'user-info.html'), 'utf8')).to.include('Conforms');
      expect(await askOrRefused(started.url)).to.equal('ECONNREFUSED');
    });

    it('synchronizes into a store that the next job uses', async () => {
      let endpoint = { stop() {} };
      const cwd = await createRepository({
        file: 'identity-sync.gitlab-ci.yml',
        add: async (to) => {
          endpoint = await addSync(to);
        },
      });
      try {
        const first = await runJob(cwd, 'user-info-sync');
        expect(first.exitCode, first.output).to.equal(0);
        expect(readFileSync(join(cwd, 'sync.html'), 'utf8')).to.include('<html');
        expect(existsSync(join(cwd, 'simulator.db'))).to.equal(true);
        const second = await runJob(cwd, 'user-info-sync');
        expect(second.exitCode, second.output).to.equal(0);
        expect(JSON.parse(readFileSync(join(cwd, 'sync.json'), 'utf8')).id).to.equal(2);
      } finally {
        endpoint.stop();
      }
    });
  });
});
