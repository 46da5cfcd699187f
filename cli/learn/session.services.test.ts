// Tests a session of `user-info learn` without a REST API, as docs/guides/learn-your-platform.md shows it. It runs on a pseudo-terminal with a
// simulated person, and with answers from a file.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { parse } from 'yaml';
import type { PlatformProfile } from '../../schemas/generated/platform-profile.ts';
import { experimentNames, variantNames } from '../../simulator/learn/experiment-order.ts';
import { createPerson } from '../../simulator/learn/testing/simulated-person.ts';
import { type PlatformApi, startPlatformApi } from '../../simulator/learn/testing/simulated-platform.ts';
import { scratchDirectory } from '../../tests/certificate-files.ts';
import { runCli, startCli } from '../../tests/run-cli.ts';
import { attendSession, choose, type SessionOptions } from './testing/person-at-terminal.ts';

const guesses = { onNotFound: 'disable', contentType: 'json', groupCase: 'lower', followRedirects: true };
const ctrlC = '\u0003';

describe('a session of user-info learn', () => {
  let platform: PlatformApi;
  let directory: string;
  let certificates: string;
  beforeEach(async () => {
    platform = await startPlatformApi();
    directory = scratchDirectory();
  });
  afterEach(() => platform.close());

  const readProfile = (): PlatformProfile => parse(readFileSync(join(directory, 'platform-profile.yaml'), 'utf8'));
  const experimentsOf = (names: readonly string[]) => names.flatMap((name) => ['--experiment', name]);

  /** Configures the platform with the settings on the screen. */
  function paste({ uri, password, caFile }: Parameters<SessionOptions['onSettings']>[0]): void {
    certificates = dirname(caFile);
    const passwordFile = join(directory, 'password');
    writeFileSync(passwordFile, password);
    // The files of the session are deleted when it ends.
    const sslCaFile = join(directory, 'ca.pem');
    writeFileSync(sslCaFile, readFileSync(caFile));
    const authentication = { username: 'platform', passwordFile };
    platform.createIam({ uri, useAuth: true, authentication, useSSL: true, sslCaFile }, guesses);
  }

  const attend = (names: readonly string[], more: Partial<SessionOptions> = {}, args: readonly string[] = []) =>
    attendSession({
      ...{ directory, onSettings: paste, person: createPerson(platform.driver) },
      args: ['--port', '0', '--settle-ms', '0', '--seed', '3', ...experimentsOf(names), ...args],
      ...more,
    });

  it('prints the settings to paste, asks what the platform shows, and writes a profile', async () => {
    const guide = readFileSync(new URL('../../docs/guides/learn-your-platform.md', import.meta.url), 'utf8');
    const [, line = ''] = /^```sh run by cli.learn.session.*\nuser-info learn (.*)\n```$/m.exec(guide) ?? [];
    const given = line.replace('users.example.com', '127.0.0.1').split(' ');
    expect(given).to.deep.equal(['--address', '127.0.0.1']);
    const { status, screen } = await attend(['redirect', 'letter-case', 'text-plain', 'not-found'], {}, given);
    expect(status, screen).to.equal(0);
    expect(screen).to.match(/^contentType +json +answered by the operator$/m);
    const { facts, run, connection } = readProfile();
    expect(facts.followRedirects).to.include({ determined: 'measured', value: true });
    expect(facts.groupCase).to.include({ determined: 'answered', value: 'lower' });
    expect(facts.attributeCase).to.include({ determined: 'answered', value: 'keep' });
    expect(facts.onNotFound).to.include({ determined: 'answered', value: 'disable' });
    expect(facts.enableReturnedUsers).to.include({ determined: 'answered', value: true });
    expect(run?.control).to.include({ outcome: 'same' });
    expect(connection.tlsVersions?.value).to.deep.equal(['TLSv1.3']);
    expect(screen).to.match(/learn-002: \d requests? \(HTTP\/1\.1, TLSv1\.3\), credentials without a challenge/);
    expect(screen).to.not.include('contradicts');
    expect(existsSync(certificates), 'the private keys of the session').to.equal(false);
  }).timeout(240_000);

  it('asks once whether to run the experiments with unusual responses', async () => {
    const isQuestion = (text: string) =>
      text.startsWith(`Run the ${variantNames.length} experiments with unusual responses as well?`);
    const interrupted = await attend([], { misanswer: (text) => (isQuestion(text) ? ctrlC : undefined) });
    expect(interrupted.status, interrupted.screen).to.equal(130);
    for (const [at, left] of [
      [0, experimentNames.length],
      [1, experimentNames.length - variantNames.length],
    ] as const) {
      platform = await platform.close().then(startPlatformApi);
      const misanswer = (text: string) =>
        isQuestion(text) ? choose(at) : /^(?!first-sync)\S+, step 1 of/.test(text) ? ctrlC : undefined;
      const { status, screen } = await attend([], { misanswer });
      expect(status, screen).to.equal(130);
      expect(screen).to.include(`Experiment 1 of ${left}, `);
    }
  }).timeout(240_000);

  it('detects an answer that contradicts that of another try, and repeats the prompt', async () => {
    let wrong = 0;
    const misanswer = (text: string) => {
      // The second user of the experiment; the first is that of the first sync.
      if (!/^Does learn-003 have the group learn-first\?$/.test(text) || wrong > 0) return undefined;
      wrong++;
      return choose(0);
    };
    const { status, screen } = await attend(['text-plain'], { misanswer });
    expect(status, screen).to.equal(0);
    expect(wrong).to.equal(1);
    expect(screen).to.include('This contradicts the try with learn-002: the answer was "no". Look again at learn-003.');
    expect(screen.split('◆  Does learn-003 have the group learn-first?')).to.have.length(3);
    const { contentType } = readProfile().facts;
    expect(contentType).to.include({ determined: 'answered', value: 'json' });
    expect(contentType?.evidence?.[0]).to.include({ tries: 2, agreeing: 2 });
  }).timeout(240_000);

  it('discards an answer that the operator corrects in a later prompt', async () => {
    const [yes, no, correctAnswer, correctWait] = [choose(0), choose(1), choose(5), choose(4)];
    /** Prompts and the keys that the person types, in order; every other prompt gets the right answer. */
    const script: Array<readonly [prompt: RegExp, keys: string]> = [
      [/^Does learn-002 have the group learn-second\?$/, no],
      [/^text-plain, step 1 of 2: .* learn-003 /, correctWait],
      [/^Does learn-004 have the group learn-first\?$/, yes],
      [/^text-plain, step 2 of 2: .* learn-004 /, correctWait],
      [/^Does learn-007 have the group learn-second\?$/, yes],
      [/^Does learn-007 have the value two of the attribute learnkept\?$/, correctAnswer],
    ];
    const misanswer = (text: string) => {
      const [[prompt, keys] = [/^$/, '']] = script;
      return prompt.test(text) ? script.shift() && keys : undefined;
    };
    const { status, screen } = await attend(['text-plain', 'removed-group'], { misanswer });
    expect(status, screen).to.equal(0);
    expect(script, screen).to.deep.equal([]);
    for (const previous of ['learn-002: no', 'learn-004: yes', 'learn-007: yes']) {
      expect(screen).to.include(`Correct the previous answer (${previous})`);
    }
    expect(screen.split('◆  Does learn-007 have the group learn-second?')).to.have.length(3);
    expect(screen).to.not.include('contradicts');
    const { contentType, removalRule } = readProfile().facts;
    expect(contentType).to.include({ determined: 'answered', value: 'json' });
    expect(contentType?.evidence?.[0]).to.include({ tries: 2, agreeing: 2 });
    expect(removalRule).to.include({ determined: 'answered', value: 'remove' });
    expect(removalRule?.evidence?.[0]).to.include({ tries: 2, agreeing: 2 });
  }).timeout(240_000);

  it('runs more tries when the operator confirms a contradictory answer', async () => {
    const misanswer = (text: string) =>
      /^Does learn-003 have the group learn-first/.test(text) ? choose(0) : undefined;
    const { status, screen } = await attend(['text-plain'], { misanswer });
    expect(status, screen).to.equal(0);
    const { contentType } = readProfile().facts;
    expect(contentType?.value).to.equal('json');
    expect(contentType?.evidence?.[0]).to.include({ tries: 4, agreeing: 3 });
  }).timeout(240_000);

  it('keeps a valid profile after Ctrl-C, and resumes with the remaining experiments', async () => {
    const names = ['redirect', 'text-plain', 'not-found'];
    const keys: readonly string[] = ['--password-env', 'LEARN_PASSWORD', '--certs', join(directory, 'certs')];
    const created = await runCli(['certs', 'create', join(directory, 'certs')]);
    expect(created.exitCode).to.equal(0);
    const stopAt = (pattern: RegExp, answer: string) => (text: string) => (pattern.test(text) ? answer : undefined);
    const environment = { LEARN_PASSWORD: 'canary-password' };
    const onSettings: SessionOptions['onSettings'] = (shown) => paste({ ...shown, password: 'canary-password' });
    const unchanged = { environment, onSettings: () => {} };
    const first = await attend(
      names,
      { environment, onSettings, misanswer: stopAt(/^not-found, step 2 of 3/, ctrlC) },
      keys,
    );
    expect(first.status, first.screen).to.equal(130);
    expect(first.screen).to.not.include('canary-password');
    expect(first.screen).to.include('1 experiment left. Continue with --resume.');
    expect(readProfile().run?.results).to.have.length(2);
    const uri = /https:\/\/127\.0\.0\.1:(\d+)/.exec(first.screen)?.[1] ?? '';
    const again = ['--port', uri, '--resume'];
    const skipped = await attend([], { ...unchanged, misanswer: stopAt(/^not-found, step/, choose(2)) }, [
      ...keys,
      ...again,
    ]);
    expect(skipped.status, skipped.screen).to.equal(0);
    expect(skipped.screen).to.include('1 experiment is left.');
    expect(readProfile().facts.onNotFound).to.include({
      determined: 'no',
      reason: 'not-found: The operator skipped the experiment.',
    });
    const second = await attend([], unchanged, [...keys, ...again]);
    expect(second.status, second.screen).to.equal(0);
    const { facts, run } = readProfile();
    expect(facts.onNotFound).to.include({ determined: 'answered', value: 'disable' });
    expect(facts.contentType).to.include({ determined: 'answered', value: 'json' });
    expect(run?.seed).to.equal(3);
  }).timeout(240_000);

  /** Runs experiments with answers, and has the platform synchronize each user that the command waits for. */
  async function learnWithAnswers(answers: string, names: readonly string[]) {
    const file = join(directory, 'answers.yaml');
    writeFileSync(file, answers);
    const learning = startCli(
      [
        ...['learn', '--port', '0', '--settle-ms', '0', '--answers', file, ...experimentsOf(names)],
        ...['--out', join(directory, 'platform-profile.yaml')],
      ],
      { NO_COLOR: '1' },
    );
    const [, uri = '', password = '', caFile = ''] = await learning.printed(
      'stdout',
      /URI +(\S+)[\s\S]*?password (\S+)[\s\S]*?SSL CA file +(\S+)/,
    );
    paste({ uri, password, caFile });
    const pressed: string[] = [];
    const press = async () => {
      for (let read = 0; ; ) {
        const next = new RegExp(`^[\\s\\S]{${read}}[\\s\\S]*?Waiting for a request for (\\S+):`);
        const [text, userid = ''] = await learning.printed('stdout', next);
        read = text.length;
        pressed.push(userid);
        await platform.driver.sync(userid, {
          ...{ experiment: '', step: 1, of: 1, action: '', expects: 'request', questions: [] },
        });
      }
    };
    // The loop ends with the process.
    press().catch(() => undefined);
    return { ...(await learning.ended()), pressed };
  }

  it('reads the answers from a file, and determines nothing without an answer', async () => {
    const { exitCode, stdout, stderr, pressed } = await learnWithAnswers(
      `testUsersOnly: true
experiments:
  text-plain: [{}, { groups: [learn-second] }]
  not-found: [{ user: disabled }, { groups: [learn-first] }, { user: disabled, groups: [learn-first] }]
`,
      ['text-plain', 'not-found', 'redirect', 'extra-key', 'repeats'],
    );
    expect([exitCode, stderr], stdout).to.deep.equal([0, '']);
    expect(pressed.at(-1)).to.match(/^learn-\d{3}$/);
    const { facts } = readProfile();
    expect(facts.contentType).to.include({ determined: 'answered', value: 'json' });
    expect(facts.onNotFound).to.include({ determined: 'answered', value: 'disable' });
    expect(facts.followRedirects).to.include({ determined: 'measured', value: true });
    expect(facts.bodyProfile).to.include({ determined: 'no', reason: 'extra-key: No answer.' });
    expect(facts.retries).to.include({ determined: 'no', reason: 'No answer.' });
    expect(stdout).to.include('2 experiments left without a result. Continue with --resume.');
  }).timeout(240_000);

  it('stops with exit code 3 when the platform locks users out, and keeps the profile', async () => {
    const { exitCode, stdout, stderr, pressed } = await learnWithAnswers(
      `testUsersOnly: true
experiments:
  text-plain: [{ user: disabled }, { user: disabled, groups: [learn-second] }]
`,
      ['text-plain', 'not-found'],
    );
    expect(exitCode, stdout).to.equal(3);
    expect(stderr).to.match(/^user-info: After text-plain: a test user is disabled, although .* With --resume, /);
    expect(stdout).to.include('1 experiment left. Continue with --resume.');
    expect(pressed).to.not.be.empty;
    const { facts, run } = readProfile();
    expect(facts.contentType).to.include({ determined: 'answered', value: 'json' });
    expect(run?.lockOut).to.deep.equal({ sign: 'test-user', after: 'text-plain' });
  }).timeout(240_000);
});
