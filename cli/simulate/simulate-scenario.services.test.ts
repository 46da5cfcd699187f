// Tests of `user-info simulate scenario` as a process: every scenario of examples/scenarios/, and failing or invalid scenarios.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import type { ScenarioOutcome } from '../../simulator/scenarios/play-scenario.ts';
import { scratchDirectory } from '../../tests/certificate-files.ts';
import { runCli, startCli } from '../../tests/run-cli.ts';
import { startTestServer, type TestServer } from '../../tests/test-server.ts';
import { createSimulatorShell, type SimulatorShell } from '../testing/simulator-shell.ts';
import { scenarioSourceKinds } from './scenario-sources.ts';

const examples = join(import.meta.dirname, '../../examples/scenarios');
const names: Readonly<Record<string, string>> = {
  'case-change.yaml': 'Change of letter case',
  'certificate-rotation.yaml': 'Rotation of certificates',
  'flapping-groups.yaml': 'Flapping groups',
  'joiner.yaml': 'A joiner',
  'leaver.yaml': 'A leaver',
  'mass-removal.yaml': 'Mass removal',
  'migration.yaml': 'Migration to the identity provider',
  'mover.yaml': 'A mover',
  'outage.yaml': 'An outage during a sync',
  'password-rotation.yaml': 'Rotation of the password',
  'renamed-group.yaml': 'A renamed group',
  'slow-endpoint.yaml': 'A slow endpoint',
};

const junitSchema = join(import.meta.dirname, '../../conformance/testing/junit-report.xsd');

const endpoint = `endpoint:
  authentication: { mode: none }
  source: { type: static, users: { ada: { groups: [staff], authorizations: {} } } }
`;

describe('user-info simulate scenario', function () {
  // Each test starts processes that start servers, on a machine that may be busy.
  this.timeout(600_000);
  let shell: SimulatorShell;
  beforeEach(() => {
    shell = createSimulatorShell();
  });
  const play = (text: string, ...args: string[]) =>
    runCli(['simulate', 'scenario', shell.write('story.yaml', text), ...args]);
  const steps = (...texts: string[]) => `name: A story\nsteps:\n${texts.map((text) => `  - ${text}\n`).join('')}`;

  for (const source of scenarioSourceKinds) {
    describe(`for examples/scenarios/, each against our server, with the people in ${source}`, () => {
      let outcomes: readonly ScenarioOutcome[] = [];
      before(async () => {
        const files = readdirSync(examples).sort();
        expect(files).to.deep.equal(Object.keys(names));
        const paths = files.map((file) => join(examples, file));
        const { stdout, stderr } = await runCli(['simulate', 'scenario', ...paths, '--json', '--source', source]);
        expect(stderr).to.equal('');
        outcomes = JSON.parse(stdout);
      });

      for (const [file, name] of Object.entries(names)) {
        it(`${file} has the described outcome`, () => {
          const outcome = outcomes.find((one) => one.name === name);
          expect(outcome?.steps.filter(({ passed }) => !passed)).to.deep.equal([]);
          expect(outcome?.passed).to.equal(true);
          expect(outcome?.steps.map(({ kind }) => kind)).to.include('sync');
        });
      }
    });
  }

  it('writes an HTML page for people and a JUnit file for CI, both with failures and assumptions', async () => {
    const story = shell.write(
      'story.yaml',
      `${steps('users: [ada]', 'say: a < b\n    sync: { ending: stopped }')}${endpoint}`,
    );
    const [page, xml] = [join(shell.directory, 'report.html'), join(shell.directory, 'report.xml')];
    const reports = ['--report', `html=${page}`, '--report', `junit=${xml}`];
    expect((await runCli(['simulate', 'scenario', story, ...reports])).exitCode).to.equal(1);
    const said = 'run 1 ended as done, expected stopped';
    expect(readFileSync(page, 'utf8'))
      .to.include('0 passed, 1 failed')
      .and.to.include(said)
      .and.to.include('2. a &lt; b');
    expect(readFileSync(page, 'utf8')).to.include('onNotFound keep');
    execFileSync('xmllint', ['--nonet', '--noout', '--schema', junitSchema, xml], { stdio: 'pipe' });
    expect(readFileSync(xml, 'utf8'))
      .to.include('<testsuite name="A story (csv)" tests="2" failures="1"')
      .and.to.include(said);
    const refused = await runCli(['simulate', 'scenario', story, '--report', 'pdf=report.pdf']);
    expect([refused.exitCode, refused.stderr.includes('unknown format "pdf"')]).to.deep.equal([2, true]);
  });

  const failing: Readonly<Record<string, readonly [text: string, words: string]>> = {
    'a sync with another ending': [
      steps('users: [ada]', 'sync: { ending: stopped }'),
      'run 1 ended as done, expected stopped',
    ],
    'a failure that is not named': [
      steps('users: [ada, bob]', 'sync: {}'),
      'run 1 failed for 1 not-found, expected nobody',
    ],
    'a count': [steps('users: [ada]', 'sync: {}', 'expect: { created: 2 }'), 'created: expected 2, found 1'],
    'a count before any run': [steps('expect: { asked: 0 }'), 'asked: no sync has run yet'],
    'a group that does not exist': [
      steps('users: [ada]', 'sync: {}', 'expect: { groups: { stuff: [] } }'),
      'the group stuff: expected present, found absent',
    ],
    'a group that should not exist': [
      steps('users: [ada]', 'sync: {}', 'expect: { groups: { staff: null } }'),
      'the group staff: expected absent, found present',
    ],
    'a disabled user who still has groups': [
      steps(
        'users: [ada, bob]',
        'sync: { failures: { not-found: 1 } }',
        'users: [bob]',
        'settings: { blastRadius: { maxLosingPercent: 100, mayEmptyGroups: true } }',
        'sync: { failures: { not-found: 1 } }',
        'expect: { users: { ada: { groups: [staff] } } }',
      ),
      'ada: is disabled, but should be enabled',
    ],
    'a group of the built-in IAM that has the name of the lost one': [
      steps(
        'localUsers: [{ userid: ada, groups: [staff] }]',
        'migrate: [ada]',
        'settings: { supportedActions: { syncRestGroups: false } }',
        'users: [ada, { userid: bob, groups: [staff] }]',
        'sync: { failures: { not-found: 1 } }',
        'expect: { users: { ada: { groups: [staff] } } }',
      ),
      'ada: groups: expected staff, found staff (of bim)',
    ],
    'a run that is resumed with other options': [
      steps(
        'users: [ada]',
        'sync: { interruptAfter: 1, ending: interrupted }',
        'sync: { resume: true, userids: [ada] }',
      ),
      '`resume` continues the run as it was started.',
    ],
    'a sync without users': [steps('users: [ada]', 'sync: { userids: [] }'), 'No users were specified'],
    'a command that fails before a pipe': [steps('command: "false | true"'), 'the command exited with 1'],
    "a user's groups": [
      steps('users: [ada]', 'sync: {}', 'expect: { users: { ada: { groups: [board] } } }'),
      'ada: groups: expected board, found staff',
    ],
    "a user's attributes": [
      steps('users: [ada]', 'sync: {}', 'expect: { users: { ada: { attributes: { a: [b] } } } }'),
      'ada: attributes: expected a=b, found none',
    ],
    'a user who is not disabled': [
      steps('users: [ada]', 'sync: {}', 'expect: { users: { ada: { disabled: true } } }'),
      'ada: is enabled, but should be disabled',
    ],
    'an unknown user': [steps('expect: { users: { ada: {} } }'), 'ada: expected present, found absent'],
    'an existing user': [
      steps('users: [ada]', 'sync: {}', 'expect: { users: { ada: null } }'),
      'ada: expected absent, found present',
    ],
    'members of a group': [
      steps('users: [ada]', 'sync: {}', 'expect: { groups: { staff: [] } }'),
      'members of staff: expected none, found ada',
    ],
    'more runs': [
      steps('users: [ada]', 'sync: {}', 'sync: {}', 'expect: { runs: 1 }'),
      'runs: expected 1, found more than 1',
    ],
    'a login that succeeds': [steps('login: { userid: ada, succeeds: false }'), 'ada can log in, but should not'],
    'a command that fails': [steps('command: echo no >&2; exit 3'), 'the command exited with 3: no'],
    'an unknown fault': [steps('network: rest=1%'), 'network: unknown fault "rest"; did you mean "reset"?'],
    'a path outside the directory': [steps('write: { ../x: y }'), "../x is not a path inside the scenario's directory"],
    'invalid settings': [steps('settings: { guesses: { retries: -1 } }'), 'guesses.retries: must be ≥ 0.'],
    'removed people who do not exist': [steps('people: { ada: null }'), 'the scenario has no `people` at its start'],
    'an invalid clock': [steps('advance: 1w'), 'advance must be a number followed by d, h, m or s'],
  };
  describe('when a step fails', () => {
    let outcomes: readonly ScenarioOutcome[] = [];
    before(async () => {
      const shell = createSimulatorShell();
      const files = Object.values(failing).map(([text], index) =>
        shell.write(`story-${index}.yaml`, `${text}  - sync: { userids: [ada] }\n${endpoint}`),
      );
      const { exitCode, stdout, stderr } = await runCli(['simulate', 'scenario', ...files, '--json']);
      expect([exitCode, stderr]).to.deep.equal([1, '']);
      outcomes = JSON.parse(stdout);
    });

    for (const [index, [title, [, words]]] of Object.entries(failing).entries()) {
      it(`stops there, and reports the reason: ${title}`, () => {
        const last = outcomes[index]?.steps.at(-1);
        expect(last).to.include({ passed: false, step: outcomes[index]?.steps.length });
        expect(last?.detail).to.include(words);
        expect(outcomes[index]?.passed).to.equal(false);
      });
    }

    it('shows the reason below the step', async () => {
      const { exitCode, stdout } = await play(
        `${steps('users: [ada]', 'sync: {}', 'say: too many\n    expect: { asked: 2, created: 2 }')}${endpoint}`,
      );
      const [played, guesses] = stdout.split('0 passed, 1 failed.\n');
      expect([exitCode, played]).to.deep.equal([
        1,
        'A story\nok   1. users: the identity provider has 1 user\nok   2. sync: run 1, done: 1 requested, 1 created, 0 changed, 0 disabled\n' +
          'FAIL 3. too many\n       asked: expected 2, found 1\n       created: expected 2, found 1\n',
      ]);
      expect(guesses).to.match(/^Assumed, because undocumented:\n {2}timeoutMs 10000, /);
    });
  });

  it('prints common assumptions once, and for each scenario only its own', async () => {
    const keeping = shell.write('keeping.yaml', `${steps('login: { userid: ada }')}${endpoint}`);
    const strict = `name: A strict story\nsteps:\n  - login: { userid: ada }\nsettings: { guesses: { onNotFound: disable } }\n${endpoint}`;
    const { stdout } = await runCli(['simulate', 'scenario', keeping, shell.write('strict.yaml', strict)]);
    expect(stdout.split('2 passed, 0 failed.\n')[1])
      .to.match(/^Assumed, because undocumented:\n {2}timeoutMs 10000, /)
      .and.to.match(/\n {2}A story: onNotFound keep\n {2}A strict story: onNotFound disable\n$/);
  });

  const wrong: Readonly<Record<string, readonly [text: string, words: string]>> = {
    'an unknown step': [
      `${steps('advanec: 1d')}${endpoint}`,
      'story.yaml:3:5 steps[0].advanec: unknown option; did you mean "advance"?',
    ],
    'two things in a step': [`${steps('{ sync: {}, advance: 1d }')}${endpoint}`, 'Step 1 must have exactly one action'],
    'no step that sends a request': [
      `${steps('advance: 1d')}${endpoint}`,
      'The scenario has no `sync` and no `login` step',
    ],
    'an expectation of nothing': [
      `${steps('sync: {}', 'expect: {}')}${endpoint}`,
      'steps[1].expect: must not be empty',
    ],
    'a user who is named nowhere else': [
      `${steps('users: [ada]', 'sync: {}', 'expect: { users: { adaa: null } }')}${endpoint}`,
      'Step 3 has expectations for users who occur nowhere else in the scenario: adaa.',
    ],
    'no endpoint at all': [steps('sync: {}'), 'externalUserInfo.uri: is missing'],
    'an invalid configuration': [`${steps('sync: {}')}endpoint: { source: { type: cvs } }\n`, 'endpoint: '],
    'people beside a source': [`${steps('sync: {}')}people: { ada: {} }\n${endpoint}`, 'Remove endpoint.source'],
    'people for an existing endpoint': [`${steps('sync: {}')}people: { ada: {} }\n`, 'requires an `endpoint`'],
    'an invalid start time': [`${steps('sync: {}')}start: soon\n${endpoint}`, 'start must be a time'],
  };
  for (const [title, [text, words]] of Object.entries(wrong)) {
    it(`rejects ${title} before the first step`, async () => {
      const { exitCode, stdout, stderr } = await play(text);
      expect([exitCode, stdout.includes('ok')]).to.deep.equal([2, false]);
      expect(stderr).to.include(words);
    });
  }

  it('keeps runs, the log of the endpoint and files with --keep', async () => {
    const kept = join(scratchDirectory(), 'kept');
    const text = `${steps('users: [ada]', 'sync: {}', 'advance: 2d', 'sync: {}')}files: { note.txt: x }\nstart: 2030-01-01T00:00:00Z\n${endpoint}`;
    expect((await play(text, '--keep', kept)).exitCode).to.equal(0);
    expect(readdirSync(join(kept, 'story'))).to.include.members([
      'endpoint.json',
      'endpoint.log',
      'note.txt',
      'simulator.db',
    ]);
    const listed = await runCli(['simulate', 'runs', 'list', '--store', join(kept, 'story/simulator.db')]);
    expect(listed.stdout).to.match(/^2 +directory +2030-01-03T00:00:00\.000Z/m);
    const again = await play(text, '--keep', kept);
    expect([again.exitCode, again.stderr.includes('already exists')]).to.deep.equal([2, true]);
  });

  describe('with an existing endpoint', () => {
    let server: TestServer;
    beforeEach(async () => {
      server = await startTestServer();
    });
    afterEach(() => server.stop());

    it('reads its settings from a file, passes its directory to commands, and cannot stop the endpoint', async () => {
      shell.write('okta.json', JSON.stringify({ externalUserInfo: { uri: server.url } }));
      const text = `${steps(
        'users: [ada]',
        'sync: {}',
        'command: echo "$SCENARIO_FOLDER" > "$SCENARIO_FOLDER/changed"',
        'expect: { users: { ada: { groups: [engineering] } } }',
      )}settingsFile: okta.json\n`;
      const { exitCode, stdout } = await play(text);
      expect(exitCode, stdout).to.equal(0);
      expect(readFileSync(join(shell.directory, 'changed'), 'utf8')).to.equal(`${shell.directory}\n`);
      const refused = await play(`${steps('endpoint: stopped', 'sync: {}')}settingsFile: okta.json\n`);
      expect([refused.exitCode, refused.stdout.includes('Use a command')]).to.deep.equal([1, true]);
    });
  });

  it('removes everything and is terminated by the signal that it receives', async () => {
    const mark = join(shell.directory, 'folder');
    const text = `${steps(`command: pwd > '${mark}'; exec sleep 60`, 'sync: {}')}${endpoint}`;
    const running = startCli(['simulate', 'scenario', shell.write('story.yaml', text)]);
    while (!existsSync(mark) || readFileSync(mark, 'utf8') === '') await delay(50);
    running.child.kill('SIGTERM');
    await running.ended();
    expect(running.child.signalCode).to.equal('SIGTERM');
    expect(existsSync(readFileSync(mark, 'utf8').trim())).to.equal(false);
  });
});
