// Plays four newcomers from `git clone` to a first success, as an ordinary user with an empty home directory, and prints how long each took.
import { execFileSync } from 'node:child_process';
import { chmodSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { kitVersion } from '../../schemas/kit-version.ts';
import { scratchDirectory } from '../certificate-files.ts';
import { type ConsoleStep, readSteps } from '../console-blocks.ts';
import { followPage } from '../follow-page.ts';
import { findFencedBlocks } from '../markdown.ts';
import { readMarkedBlocks } from '../marked-blocks.ts';
import { npmEnvironment } from '../npm-environment.ts';
import { createReaderShell, type ReaderShell } from '../reader-shell.ts';
import { startOwnDirectory } from './own-backends.ts';
import { takeTurn, turnTimeoutMs } from './take-turn.ts';

const projectRoot = join(import.meta.dirname, '../..');

/** Limits for hanging commands, not claims about speed: a registry or a busy machine can be slow. */
const installTimeoutMs = 600_000;
const commandTimeoutMs = 60_000;

/** A user without a name, a home directory or privileges. If an ordinary user runs the tests, that user plays the newcomers. */
const newcomer = process.getuid?.() === 0 ? { user: 61_185 } : {};

/** Returns the commands of a guide that precede a heading, or all of them if no heading is given. */
function readGuide(name: string, before?: string): ConsoleStep[] {
  const text = readFileSync(join(projectRoot, 'docs/guides', name), 'utf8');
  const end = before === undefined ? Number.POSITIVE_INFINITY : text.split('\n').indexOf(before);
  expect(end, `${name} has the heading ${before}`).to.be.greaterThan(0);
  return readSteps(findFencedBlocks(text)).filter(({ line }) => line <= end);
}

describe('four new users, each starting from the README', function () {
  // Each test continues where the previous one stopped, so none can be repeated.
  this.retries(0);
  let shell: ReaderShell;
  const times: string[] = [];

  /** Runs a part of the path and records its duration. */
  async function timed(what: string, goalMinutes: number, work: () => Promise<void>): Promise<void> {
    const begin = Date.now();
    await work();
    times.push(`${what}: ${((Date.now() - begin) / 1000).toFixed(1)} s (goal: ${goalMinutes} min)`);
  }

  async function succeed(command: string, timeoutMs = commandTimeoutMs): Promise<string> {
    const { exitCode, output } = await shell.run(command, timeoutMs);
    expect(exitCode, `${command}\n${output}`).to.equal(0);
    return output;
  }

  let endTurn: (() => void) | undefined;
  before(async function () {
    this.timeout(turnTimeoutMs);
    endTurn = await takeTurn();
    // Creates a clone of HEAD from a bundle, which is a file, because git refuses to read a repository of another user.
    const directoryPath = scratchDirectory();
    for (const path of [dirname(directoryPath), directoryPath]) chmodSync(path, 0o755);
    const bundle = join(directoryPath, 'user-info-kit.bundle');
    execFileSync('git', ['bundle', 'create', '--quiet', bundle, 'HEAD'], { cwd: projectRoot });
    chmodSync(bundle, 0o644);
    shell = createReaderShell(projectRoot, { program: false, ...newcomer });
    const { npm_config_cache: _of, ...settings } = npmEnvironment();
    const exports = Object.entries(settings).map(([name, value]) => `${name}='${value}'`);
    await succeed(`export ${exports.join(' ')} bundle='${bundle}'`);
  });
  after(async function () {
    // Removing the installation may take a while.
    this.timeout(installTimeoutMs);
    await shell.close();
    endTurn?.();
    process.stdout.write(`      ${times.join('\n      ')}\n`);
  });

  it('begin without privileges, with an empty home directory and without user-info', async () => {
    expect(await succeed('ls -A ~')).to.equal('');
    expect(await succeed('command -v user-info || echo none')).to.equal('none\n');
    if ('user' in newcomer) expect(await succeed('id -u')).to.equal(`${newcomer.user}\n`);
  });

  it('clone, start and send a request with the two commands of the README', async () => {
    await timed('README, from git clone to a first answer', 1, async () => {
      await succeed('git clone --quiet "$bundle" ~/user-info-kit && cd ~/user-info-kit', installTimeoutMs);
      const isReady = (output: string) => /^\s*curl .+$/m.test(output) && output.includes('Ctrl-C');
      // Port 0, so that it also passes beside a running server.
      await succeed('npm ci', installTimeoutMs);
      const server = await shell.start('npm start -- --port 0', isReady, installTimeoutMs);
      expect(server.exitCode, server.output).to.equal(null);
      const answer = await succeed(/^\s*(curl .+)$/m.exec(server.output)?.[1] ?? 'false');
      expect(JSON.parse(answer)).to.have.all.keys('groups', 'authorizations');
    });
    await succeed('kill %1 && wait');
  }).timeout(2 * installTimeoutMs);

  it('install user-info in their home directory', async () => {
    await timed('Install', 2, async () => {
      const [, install = ''] = readMarkedBlocks('docs/guides/install.md', 'tests/clean-clone.services.test.ts');
      // The packages of the clone are already installed.
      await succeed(`set -e; ${install.replace('npm ci\n', '')}`, installTimeoutMs);
      expect(await succeed('set +e; user-info --version')).to.equal(`${kitVersion}\n`);
    });
  }).timeout(installTimeoutMs + commandTimeoutMs);

  it('connect an LDAP directory, as a system administrator', async () => {
    const directory = await startOwnDirectory();
    try {
      await timed('Own LDAP directory', 5, () =>
        followPage(shell, 'docs/guides/connect-ldap.md', directory.change(readGuide('connect-ldap.md'))),
      );
    } finally {
      await directory.stop();
    }
  }).timeout(installTimeoutMs);

  it('test an endpoint in Python, find its error, and verify the fix, as an integrator', async () => {
    await timed('Own endpoint tested', 3, () =>
      followPage(shell, 'docs/guides/test-your-endpoint.md', readGuide('test-your-endpoint.md')),
    );
  }).timeout(installTimeoutMs);

  it('run a first sync, and a second one that the guard stops, as a QA engineer', async () => {
    await timed('First guarded sync', 5, () =>
      followPage(shell, 'docs/guides/qa-sync.md', readGuide('qa-sync.md', '## Compare with another endpoint')),
    );
    await succeed('kill %1 %2 2>/dev/null; wait; cd && rm -r ~/user-info-qa-sync');
  }).timeout(installTimeoutMs);

  it('learn a platform by following its guide, and obtain its profile, as an integrator', async () => {
    await timed('Platform profile', 10, () =>
      followPage(
        shell,
        'docs/guides/learn-your-platform.md',
        readGuide('learn-your-platform.md', '## Without an API key'),
      ),
    );
    const profile = await succeed('user-info learn report platform-profile.yaml');
    expect(profile).to.match(/\| `onNotFound` \| disable \| read through the REST API \|/);
    await succeed('kill %1 2>/dev/null; wait; cd && rm -r ~/user-info-learn');
  }).timeout(installTimeoutMs);
});
