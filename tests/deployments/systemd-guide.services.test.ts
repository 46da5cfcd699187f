// Tests the systemd guide as root pastes it, on copies of the directories that it changes; then runs the unit's commands as the service.
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import '../built-program.ts';
import { scratchDirectory } from '../certificate-files.ts';
import { readMarkedBlocks } from '../marked-blocks.ts';
import { npmEnvironment } from '../npm-environment.ts';

const run = promisify(execFile);
const projectRoot = join(import.meta.dirname, '../..');
const thisTest = 'tests/deployments/systemd-guide.services.test.ts';
const guideTimeoutMs = 300_000;

/** Dynamic users have ids of 61184 and above. */
const serviceUser = 61_184;

/** Replaces a running systemd: records requests, and starts or stops nothing. */
const systemctl = '#!/bin/sh\necho "$*" >>/run/systemctl.log\n';

/** Does what systemd does for the unit: provides credentials to the service only, then runs its command as an unprivileged user. */
const startAsSystemd = `
umask 022
unit=/run/user-info.service
# Node is elsewhere on some machines than the guide says.
sed "s#/usr/bin/node#$(command -v node)#" /etc/systemd/system/user-info.service >"$unit"
systemd-analyze verify "$unit"
mkdir -p /run/credentials/user-info.service
chown ${serviceUser}:${serviceUser} /run/credentials/user-info.service
chmod 0700 /run/credentials/user-info.service
sed -n 's/^LoadCredential=//p' "$unit" | while IFS=: read -r name path; do
  install -m 0400 -o ${serviceUser} -g ${serviceUser} "$path" "/run/credentials/user-info.service/$name"
done
# For a subshell: the process that is started is its own.
as_service() {
  group=$(getent group "$(sed -n 's/^SupplementaryGroups=//p' "$unit")" | cut -d: -f3)
  exec setpriv --reuid ${serviceUser} --regid ${serviceUser} --groups "$group" --bounding-set=-all --no-new-privs \\
    env --ignore-environment --chdir=/ "PATH=$PATH" "$@"
}
as_service $(sed -n 's/^ExecStart=//p' "$unit") >/run/server.log 2>&1 &
server=$!
trap 'kill $server; wait $server || cat /run/server.log >&2' EXIT
`;

/** The unit's own command for a reload, run as the service. */
const reload = `echo
(as_service $(sed -n 's/^ExecReload=//p' "$unit"))`;

/** Owner and mode of each file that the guide installs. */
const modes = `
echo modes:
stat -c '%U:%G %a %n' /etc/user-info/* | sed 's#/etc/user-info/##' | sort
`;

describe('the systemd guide', () => {
  let scratch: string;

  /** Runs a script as root, with copies of directories instead of the machine's own. */
  async function asRoot(script: string, ...directories: string[]): Promise<string> {
    const mounts = directories.map((name) => `mount --bind '${join(scratch, name)}' /${name}`);
    const file = join(scratch, 'script');
    writeFileSync(file, ['set -eu', ...mounts, script].join('\n'));
    const PATH = [join(scratch, 'bin'), dirname(process.execPath), process.env.PATH].join(':');
    // Commands that run without the machine's home directory are those of the service, which need no network except their own loopback interface.
    const isolated = directories.includes('root') ? ['--net', 'sh', '-c', 'ip link set lo up && exec "$@"', 'sh'] : [];
    const { stdout } = await run('unshare', ['--mount', ...isolated, 'bash', file], {
      cwd: scratch,
      env: { ...npmEnvironment(), PATH, HOME: '/root', LANG: 'C.UTF-8' },
    }).catch((error: { stdout: string; stderr: string }) => {
      throw new Error(`${error.stdout}${error.stderr}`);
    });
    return stdout;
  }

  before(async function () {
    this.timeout(guideTimeoutMs);
    scratch = scratchDirectory();
    await run('chmod', ['755', dirname(scratch), scratch]);
    for (const name of ['bin', 'opt', 'root', 'run']) mkdirSync(join(scratch, name));
    cpSync('/etc', join(scratch, 'etc'), { recursive: true, verbatimSymlinks: true });
    mkdirSync(join(scratch, 'etc/systemd/system'), { recursive: true });
    writeFileSync(join(scratch, 'bin/systemctl'), systemctl, { mode: 0o755 });
    // The existing build is installed; packing would build again.
    await run('npm', ['pack', '--ignore-scripts', '--pack-destination', scratch], { cwd: projectRoot });
  });

  it('installs a service that responds and reloads, with the owners and modes of its table, and removes it', async () => {
    const [install = ''] = readMarkedBlocks('docs/guides/install.md', thisTest);
    const { version } = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8'));
    expect(await asRoot(install, 'opt')).to.include(version);

    const blocks = readMarkedBlocks('docs/guides/deploy.md', thisTest);
    const start = blocks.pop() ?? '';
    const asking = start.search(/^curl/m);
    const script = [...blocks, start.slice(0, asking), startAsSystemd, start.slice(asking), reload, modes].join('\n');
    const printed = await asRoot(script, 'etc', 'opt', 'run', 'root');
    expect(printed).to.include('{"status":"ready","reasons":[],"generation":1}');
    expect(printed).to.include('{"groups":[{"name":"analysts"}');
    expect(printed).to.match(/Reloaded: generation \d+ is in use\./);
    expect(printed.split('modes:\n')[1]?.trim().split('\n')).to.deep.equal([
      'root:root 600 immuta.hash',
      'root:root 600 server-key.pem',
      'root:root 644 client-ca.pem',
      'root:root 644 server.pem',
      'root:root 644 user-info.yaml',
      'root:user-info-data 640 users.csv',
    ]);

    const [uninstall = ''] = readMarkedBlocks('docs/guides/upgrade.md', thisTest);
    const left = await asRoot(
      `${uninstall}\nls -A /etc/user-info /opt/user-info/bin 2>&1 || true`,
      'etc',
      'opt',
      'run',
    );
    expect(left).to.include('/etc/user-info').and.not.to.include('user-info.yaml');
    const asked = readFileSync(join(scratch, 'run/systemctl.log'), 'utf8');
    expect(asked).to.equal('daemon-reload\nenable --now user-info\ndisable --now user-info\n');
  }).timeout(guideTimeoutMs);
});
