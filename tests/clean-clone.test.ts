// Tests the README's two commands and the guide "Install" on a clean clone of HEAD.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { kitVersion } from '../schemas/kit-version.ts';
import { createReaderShell, type ReaderShell } from './reader-shell.ts';

const projectRoot = dirname(import.meta.dirname);

/** Installing and building included; a bound on what hangs, not a claim on speed. */
const startTimeoutMs = 300_000;
const commandTimeoutMs = 60_000;

/** How npm reaches its registry on this machine, which the empty home of a reader does not know. */
function npmSettings(): string {
  const read = (key: string) => execFileSync('npm', ['config', 'get', key], { encoding: 'utf8' }).trim();
  const settings = [`npm_config_registry='${read('registry')}'`, `npm_config_cache='${read('cache')}'`];
  const proxies = [
    'HTTPS_PROXY',
    'HTTP_PROXY',
    'NO_PROXY',
    'https_proxy',
    'http_proxy',
    'no_proxy',
    'NODE_EXTRA_CA_CERTS',
  ];
  for (const name of proxies) if (process.env[name]) settings.push(`${name}='${process.env[name]}'`);
  return `export ${settings.join(' ')}`;
}

describe('a clean clone', () => {
  let clone: string;
  let shell: ReaderShell;

  before(() => {
    clone = mkdtempSync(join(tmpdir(), 'user-info-clone-'));
    execFileSync('git', ['clone', '--quiet', '--no-hardlinks', projectRoot, clone]);
    shell = createReaderShell(projectRoot);
  });
  after(async function () {
    // Removing what was installed may take its time.
    this.timeout(startTimeoutMs);
    await shell.close();
    rmSync(clone, { recursive: true, force: true });
  });

  it('serves sample users after `npm ci && npm start`, and the curl line that it prints gets one', async () => {
    await shell.run(`${npmSettings()}; cd '${clone}'`, commandTimeoutMs);
    const isReady = (output: string) => /^\s*curl .+$/m.test(output) && output.includes('Ctrl-C');
    // Port 0, so that it passes also beside a server that somebody tries.
    const server = await shell.start('npm ci && npm start -- --port 0', isReady, startTimeoutMs);
    expect(server.exitCode, server.output).to.equal(null);
    const curl = /^\s*(curl .+)$/m.exec(server.output)?.[1];
    const asked = await shell.run(`${curl} --silent --show-error`, commandTimeoutMs);
    expect(asked.exitCode, asked.output).to.equal(0);
    expect(JSON.parse(asked.output)).to.have.all.keys('groups', 'authorizations');
  }).timeout(startTimeoutMs + commandTimeoutMs);

  it('installs user-info in the home directory, with a driver, and removes it again, as the guide says', async () => {
    const guide = readFileSync(join(projectRoot, 'docs/guides/install.md'), 'utf8');
    const blocks = [...guide.matchAll(/^```sh not run: tests\/clean-clone\.test\.ts .*\n([\s\S]*?)^```$/gm)];
    expect(blocks).to.have.length(3);
    const [install = '', addDriver = '', uninstall = ''] = blocks.map(([, commands = '']) => commands);
    const paste = async (commands: string) => {
      const { exitCode, output } = await shell.run(`set -e; cd '${clone}'\n${commands}`, startTimeoutMs);
      expect(exitCode, output).to.equal(0);
      return output.trimEnd().split('\n').at(-1);
    };
    // The reader's machine has a user-info already.
    expect(await paste(`${install}command -v user-info`)).to.match(/\/home\/\.local\/bin\/user-info$/);
    expect(await paste('user-info --version')).to.equal(kitVersion);
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
    await paste(uninstall);
    expect(await paste('test ! -e "$HOME/.local/bin/user-info" && echo removed')).to.equal('removed');
  }).timeout(3 * startTimeoutMs);
});
