// Owns the programs that the tests start: finds what is missing, installs it on Debian as root, else says what to install.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Program → the Debian package that brings it. A test that starts a program names it here. */
const packageOf = {
  chromium: 'chromium',
  curl: 'curl',
  git: 'git',
  htpasswd: 'apache2-utils',
  openssl: 'openssl',
  script: 'bsdutils',
  xmllint: 'libxml2-utils',
};

/** Not `which`: the smallest machines have none. */
function isInstalled(program) {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

function runOrExit(command, ...arguments_) {
  process.stdout.write(`${command} ${arguments_.join(' ')}\n`);
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const { status } = spawnSync(command, arguments_, { stdio: ['ignore', 'ignore', 'inherit'], env: environment });
  if (status !== 0) process.exit(1);
}

const missing = Object.keys(packageOf).filter((program) => !isInstalled(program));
const packages = [...new Set(missing.map((program) => packageOf[program]))];

if (packages.length > 0) {
  const canInstall = process.getuid?.() === 0 && existsSync('/etc/debian_version');
  if (!canInstall) {
    process.stderr.write(
      `The tests need ${missing.join(', ')}, which are not installed here.\n` +
        `On Debian: sudo apt-get install ${packages.join(' ')}\n`,
    );
    process.exit(1);
  }
  runOrExit('apt-get', 'update');
  runOrExit('apt-get', 'install', '-y', '--no-install-recommends', ...packages);
}
