// Tests the README's two commands and the guides "Install" and "Upgrade" on a clean clone of HEAD.
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { kitVersion } from '../schemas/kit-version.ts';
import { readMarkedBlocks } from './marked-blocks.ts';
import { npmEnvironment } from './npm-environment.ts';
import { createReaderShell, type ReaderShell } from './reader-shell.ts';

const projectRoot = dirname(import.meta.dirname);
const thisTest = 'tests/clean-clone.services.test.ts';

/** Includes installation and build; a limit for hanging commands, not a claim about speed. */
const startTimeoutMs = 300_000;
const commandTimeoutMs = 60_000;

describe('a clean clone', () => {
  let clone: string;
  let shell: ReaderShell;

  before(async () => {
    clone = mkdtempSync(join(tmpdir(), 'user-info-clone-'));
    execFileSync('git', ['clone', '--quiet', '--no-hardlinks', projectRoot, clone]);
    shell = createReaderShell(projectRoot);
    const settings = Object.entries(npmEnvironment()).map(([name, value]) => `${name}='${value}'`);
    await shell.run(`export ${settings.join(' ')}; cd '${clone}'`, commandTimeoutMs);
  });
  after(async function () {
    // Removing the installation may take a while.
    this.timeout(startTimeoutMs);
    await shell.close();
    rmSync(clone, { recursive: true, force: true });
  });

  it('explains in one line what to do when `npm ci` has not been run', async () => {
    const { exitCode, output } = await shell.run('node cli/user-info.mjs --version', commandTimeoutMs);
    expect(output).to.match(
      /^user-info: the packages of this clone are not installed\. Run `npm ci` in \S+ first\.\n$/,
    );
    expect(exitCode).to.equal(2);
  });

  it('reports that the port is in use before it begins the build', async () => {
    const blocker = createServer().listen(0, '127.0.0.1');
    await once(blocker, 'listening');
    const { port } = blocker.address() as { port: number };
    const { exitCode, output } = await shell.run(`npm ci && npm start -- --port ${port}`, startTimeoutMs);
    blocker.close();
    expect(output).to.include(`user-info: port ${port} is already in use. `);
    expect(exitCode).to.equal(3);
    expect(existsSync(join(clone, 'dist'))).to.equal(false);
  }).timeout(startTimeoutMs);

  it('provides `npx user-info`, which builds the program once', async () => {
    const [tryIt = ''] = readMarkedBlocks('docs/guides/install.md', thisTest);
    const npx = tryIt.split('\n').at(-1) ?? '';
    const first = await shell.run(npx, startTimeoutMs);
    expect(first.output).to.equal(`user-info: building the program from this clone (a few seconds)\n${kitVersion}\n`);
    expect(first.exitCode).to.equal(0);
    expect(await shell.run(npx, commandTimeoutMs)).to.deep.equal({ output: `${kitVersion}\n`, exitCode: 0 });
  }).timeout(startTimeoutMs);

  it('serves sample users after `npm start`, and prints a curl command that gets one of them', async () => {
    const isReady = (output: string) => /^\s*curl .+$/m.test(output) && output.includes('Ctrl-C');
    // Uses port 0, so that the test also passes while another server is running.
    const server = await shell.start('npm start -- --port 0', isReady, startTimeoutMs);
    expect(server.exitCode, server.output).to.equal(null);
    const curl = /^\s*(curl .+)$/m.exec(server.output)?.[1];
    const asked = await shell.run(`${curl} --silent --show-error`, commandTimeoutMs);
    expect(asked.exitCode, asked.output).to.equal(0);
    expect(JSON.parse(asked.output)).to.have.all.keys('groups', 'authorizations');
  }).timeout(startTimeoutMs + commandTimeoutMs);

  it('installs user-info with a driver in the home directory, upgrades it, and removes it again', async () => {
    const [, install = '', examples = '', addDriver = ''] = readMarkedBlocks('docs/guides/install.md', thisTest);
    const [tryNewVersion = '', uninstall = ''] = readMarkedBlocks('docs/guides/upgrade.md', thisTest);
    const paste = async (commands: string) => {
      const { exitCode, output } = await shell.run(`set -e; cd '${clone}'\n${commands}`, startTimeoutMs);
      expect(exitCode, output).to.equal(0);
      return output.trimEnd().split('\n').at(-1);
    };
    // The reader's machine already has a user-info command.
    expect(await paste(`${install}\ncommand -v user-info`)).to.match(/\/home\/\.local\/bin\/user-info$/);
    expect(await paste('user-info --version')).to.equal(kitVersion);
    expect(await paste('user-info examples')).to.match(/\/home\/\.local\/lib\/node_modules\/user-info-kit\/examples$/);
    await paste(`${examples} | grep -x csv-quickstart`);
    const config = JSON.stringify({
      authentication: { mode: 'none' },
      source: {
        type: 'sql',
        connection: { system: 'postgresql', database: 'people', user: 'reader' },
        userQuery: 'SELECT login AS userid FROM users WHERE login = :userid',
      },
    });
    const check = `printf '%s' '${config}' >"$HOME/sql.json"; user-info config check "$HOME/sql.json" 2>&1 || echo "exit code $?"`;
    expect(await paste(check)).to.equal('exit code 2');
    await paste(addDriver);
    expect(await paste(`${check}; echo done`)).to.equal('done');
    await paste(
      `printf '%s' '{"authentication":{"mode":"none"},"source":{"type":"static","users":{}}}' >"$HOME/user-info.yaml"`,
    );
    await paste(tryNewVersion);
    await paste(uninstall);
    expect(await paste('test ! -e "$HOME/.local/bin/user-info" && echo removed')).to.equal('removed');
  }).timeout(3 * startTimeoutMs);
});
